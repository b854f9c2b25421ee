package io.runledger.service;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.runledger.config.RequestTime;
import io.runledger.config.ServedHosts;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers {@code GET /health} (200 or 503, JSON) and {@code GET /metrics} (Prometheus' text form).
 *
 * <p>Only requests whose Host header names this host are answered; {@code /health} is answered to
 * all where the address is not a loopback one, and so was chosen for others to reach.
 */
final class HealthServer implements AutoCloseable {

  /**
   * A request is read by the thread that answers it; whoever sends one byte by byte holds that
   * thread, until the JDK's own limit ends the request.
   */
  private static final int MOST_REQUESTS = 64;

  private static final AtomicInteger THREADS = new AtomicInteger();

  private final HttpServer server;
  private final ExecutorService workers;
  private final ServedHosts hosts;

  private HealthServer(HttpServer server, ExecutorService workers, ServedHosts hosts) {
    this.server = server;
    this.workers = workers;
    this.hosts = hosts;
  }

  /**
   * Starts to listen.
   *
   * @param port 0 takes any free one
   * @throws UncheckedIOException when the address is taken or is not this machine's
   */
  static HealthServer start(
      String host, int port, String allowedHosts, ServiceHealth health, ServiceMetrics metrics) {
    ServedHosts hosts = ServedHosts.of(host, allowedHosts);
    RequestTime.limit();
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The health port %s:%d cannot be opened (%s). Set health.port to another port, to 0 for any free one, or to -1 for none."
              .formatted(host, port, e.getMessage()),
          e);
    }
    ExecutorService workers =
        Executors.newFixedThreadPool(
            MOST_REQUESTS,
            task -> {
              Thread thread = new Thread(task, "runledger-health-" + THREADS.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    HealthServer answering = new HealthServer(server, workers, hosts);
    server.setExecutor(workers);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answering.answer(exchange, health, metrics);
          }
        });
    server.start();
    return answering;
  }

  InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange, ServiceHealth health, ServiceMetrics metrics)
      throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean anyHost = path.equals("/health") && !address().getAddress().isLoopbackAddress();
    if (!anyHost && !hosts.serve(exchange.getRequestHeaders().getFirst("Host"))) {
      send(exchange, 403, "text/plain", "This host name is not served here.\n");
    } else if (!exchange.getRequestMethod().equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET");
      send(exchange, 405, "text/plain", "Only GET is answered here.\n");
    } else if (path.equals("/health")) {
      ServiceHealth.Report report = health.report();
      send(exchange, report.healthy() ? 200 : 503, "application/json", json(report) + "\n");
    } else if (path.equals("/metrics")) {
      send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape());
    } else {
      send(exchange, 404, "text/plain", "There are /health and /metrics.\n");
    }
  }

  static String json(ServiceHealth.Report report) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("healthy", report.healthy());
    json.put("state", report.state().name().toLowerCase(Locale.ROOT));
    json.put("since", report.since().toString());
    report.lastApplied().ifPresent(last -> json.put("last_applied", last.toString()));
    json.put("accepted_gaps", report.gaps());
    ObjectNode lag = json.putObject("lag");
    new TreeMap<>(report.lag()).forEach(lag::put);
    report.reasons().forEach(json.putArray("reasons")::add);
    return json.toString();
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
