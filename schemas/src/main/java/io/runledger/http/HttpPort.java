package io.runledger.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A port that answers small requests over HTTP, each on its own thread. Only requests whose Host
 * header carries a served name are answered, so that no web page can ask through a browser of this
 * machine; a client that sends half a request does not block the others.
 */
public final class HttpPort implements AutoCloseable {

  /**
   * A request is read by the thread that answers it; whoever sends one byte by byte holds that
   * thread, until the time limit ends the request or another request needs the thread.
   */
  private static final int MOST_REQUESTS = 64;

  /**
   * Connections that may wait to be accepted. Of more the kernel drops what arrives, and a client
   * tries again only after a second, then after three: longer than a probe waits.
   */
  private static final int BACKLOG = 1_024;

  /** Seconds that a client may take to send its request. */
  private static final String REQUEST_SECONDS = "10";

  static {
    // The JDK reads it once, when the first server of the process is created.
    if (System.getProperty("sun.net.httpserver.maxReqTime") == null) {
      System.setProperty("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    }
  }

  /** What answers one kind of request; called by many threads at once. */
  public interface Handler {
    Answer answer(Request request) throws IOException;
  }

  /** A request to one of the routes. */
  public interface Request {

    /** A header's first value. */
    Optional<String> header(String name);

    /** The body, and no more of it than this many bytes and one. */
    byte[] body(int atMost) throws IOException;
  }

  /**
   * What a client gets.
   *
   * @param status of HTTP
   * @param type of the content
   */
  public record Answer(int status, String type, String body) {

    /** In Prometheus' text form. */
    public static Answer metrics(String scraped) {
      return new Answer(200, "text/plain; version=0.0.4; charset=utf-8", scraped);
    }

    /** A sentence, with the line's end that it needs. */
    public static Answer sentence(int status, String sentence) {
      return new Answer(status, "text/plain; charset=utf-8", sentence + "\n");
    }
  }

  /**
   * A method and a path that are answered.
   *
   * @param anyHost whether the Host header may be any where the address is not a loopback one, and
   *     so was chosen for others to reach
   */
  public record Route(String method, String path, boolean anyHost, Handler handler) {

    public Route(String method, String path, Handler handler) {
      this(method, path, false, handler);
    }

    private String words() {
      return method + " " + path;
    }
  }

  private final HttpServer server;
  private final RequestThreads workers;
  private final ServedHosts hosts;
  private final List<Route> routes;

  private HttpPort(
      HttpServer server, RequestThreads workers, ServedHosts hosts, List<Route> routes) {
    this.server = server;
    this.workers = workers;
    this.hosts = hosts;
    this.routes = List.copyOf(routes);
  }

  /**
   * Starts to listen.
   *
   * @param name what its threads are called
   * @param address port 0 takes any free one
   * @throws IOException when the address is taken or is not this machine's
   */
  public static HttpPort open(
      String name, InetSocketAddress address, ServedHosts hosts, List<Route> routes)
      throws IOException {
    HttpServer server = HttpServer.create(address, BACKLOG);
    AtomicInteger threads = new AtomicInteger();
    RequestThreads workers =
        new RequestThreads(
            MOST_REQUESTS,
            task -> {
              Thread thread = new Thread(task, name + "-" + threads.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    HttpPort port = new HttpPort(server, workers, hosts, routes);
    server.setExecutor(workers);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            send(exchange, workers.onItsOwn(() -> port.answer(exchange)));
          }
        });
    server.start();
    return port;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    List<Route> here = routes.stream().filter(route -> route.path().equals(path)).toList();
    boolean anyHost =
        !address().getAddress().isLoopbackAddress() && here.stream().anyMatch(Route::anyHost);
    if (!anyHost && !hosts.serve(exchange.getRequestHeaders().getFirst("Host"))) {
      return Answer.sentence(403, "This host name is not served here.");
    }
    if (here.isEmpty()) {
      return Answer.sentence(
          404,
          routes.stream()
              .map(Route::words)
              .collect(Collectors.joining(" and ", "There are ", ".")));
    }
    String method = isHead(exchange) ? "GET" : exchange.getRequestMethod();
    for (Route route : here) {
      if (route.method().equals(method)) {
        return route.handler().answer(new Received(exchange, workers));
      }
    }
    String allowed = here.stream().map(Route::method).collect(Collectors.joining(", "));
    exchange.getResponseHeaders().set("Allow", allowed);
    return Answer.sentence(405, "Only " + allowed + " is answered here.");
  }

  private record Received(HttpExchange exchange, RequestThreads workers) implements Request {

    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    @Override
    public byte[] body(int atMost) throws IOException {
      return workers.withClient(() -> exchange.getRequestBody().readNBytes(atMost + 1));
    }
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    if (isHead(exchange)) {
      // As long as the answer to GET would be (RFC 9110, section 9.3.2), with no body.
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /** Ends it; requests that are being read are cut off. */
  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
