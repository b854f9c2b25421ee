package io.runledger.agent.slurm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.runledger.config.RequestTime;
import io.runledger.config.ServedHosts;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Takes the ends of jobs that slurmctld pushes ({@code POST /slurm/_doc}), and answers {@code GET
 * /metrics}. A document is acknowledged when its observation is stored; until then slurmctld keeps
 * it and comes again.
 *
 * <p>Only requests whose Host header names this host are taken, and documents only as {@code
 * application/json}, which no web page can send elsewhere without being asked first.
 */
final class WatcherServer implements AutoCloseable {

  /** SLURM's own limit for a batch script is 4 MiB, and JSON may double it. */
  private static final int LONGEST_DOCUMENT = 16 << 20;

  /** Half requests hold a thread each, until the JDK's limit ends them. */
  private static final int MOST_REQUESTS = 64;

  /** Takes what came; throws when it could not be stored. */
  interface Sink {
    void completed(SlurmJob job) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService worker;
  private final ServedHosts hosts;
  private final WatcherMetrics metrics;
  private final Sink sink;

  private WatcherServer(
      HttpServer server,
      ExecutorService worker,
      ServedHosts hosts,
      WatcherMetrics metrics,
      Sink sink) {
    this.server = server;
    this.worker = worker;
    this.hosts = hosts;
    this.metrics = metrics;
    this.sink = sink;
  }

  /**
   * Starts to listen.
   *
   * @param port 0 takes any free one
   */
  static WatcherServer start(String host, int port, WatcherMetrics metrics, Sink sink)
      throws IOException {
    RequestTime.limit();
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 16);
    } catch (IOException e) {
      throw new IOException(
          "%s:%d cannot be listened on (%s). Give --listen another address, or port 0 for any free one."
              .formatted(host, port, e.getMessage()),
          e);
    }
    ExecutorService worker =
        Executors.newFixedThreadPool(
            MOST_REQUESTS,
            task -> {
              Thread thread = new Thread(task, "runledger-slurm-http");
              thread.setDaemon(true);
              return thread;
            });
    WatcherServer answering =
        new WatcherServer(server, worker, ServedHosts.of(host), metrics, sink);
    server.setExecutor(worker);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answering.answer(exchange);
          }
        });
    server.start();
    return answering;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    if (!hosts.serve(exchange.getRequestHeaders().getFirst("Host"))) {
      send(exchange, 403, "This host name is not served here.\n");
    } else if (request.equals("GET /metrics")) {
      send(exchange, 200, metrics.scrape());
    } else if (request.equals("POST /slurm/_doc")) {
      take(exchange);
    } else {
      send(exchange, 404, "There are POST /slurm/_doc and GET /metrics.\n");
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      send(exchange, 415, "Send application/json.\n");
      return;
    }
    byte[] document = exchange.getRequestBody().readNBytes(LONGEST_DOCUMENT + 1);
    if (document.length > LONGEST_DOCUMENT) {
      send(exchange, 413, "The document has more than " + LONGEST_DOCUMENT + " bytes.\n");
      return;
    }
    try {
      SlurmJob job = JobCompletion.parse(document, ZoneId.systemDefault());
      synchronized (sink) {
        sink.completed(job);
        metrics.completed();
      }
      send(exchange, 201, "Stored.\n");
    } catch (JobCompletion.NoCompletionException e) {
      send(exchange, 400, e.getMessage() + "\n");
    } catch (IOException e) {
      send(exchange, 503, "It cannot be stored now; send it again later.\n");
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    worker.shutdownNow();
  }
}
