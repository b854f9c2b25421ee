package io.runledger.tests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands in front of a real registry and answers in its place as long as it is told to. */
final class FaultyRegistry implements AutoCloseable {

  /** What it does instead of asking the registry. */
  enum Fault {
    /** Closes the connection without an answer. */
    CLOSED,
    /** A proxy's page for an address that nobody serves. */
    NOT_FOUND_PAGE,
    /** A registry that answers properly, and has lost all its data. */
    EMPTY_REGISTRY,
    /** An error of the registry itself. */
    INTERNAL_ERROR,
    /** A login page, with status 200. */
    LOGIN_PAGE,
    /** JSON, but of something else. */
    OTHER_JSON,
    /** No answer for longer than anybody waits. */
    SLOW
  }

  private final String real;
  private final HttpServer server;
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Optional<Fault> fault = Optional.empty();

  private FaultyRegistry(String real, HttpServer server) {
    this.real = real;
    this.server = server;
  }

  static FaultyRegistry before(LocalStack stack) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    FaultyRegistry registry = new FaultyRegistry(stack.registryUrl(), server);
    server.setExecutor(registry.workers);
    server.createContext("/", registry::answer);
    server.start();
    return registry;
  }

  /** The same, broken from the start. */
  static FaultyRegistry before(LocalStack stack, Fault how) throws IOException {
    FaultyRegistry registry = before(stack);
    registry.breakDown(how);
    return registry;
  }

  /** How many requests have come so far. */
  int asked() {
    return asked.get();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void breakDown(Fault how) {
    fault = Optional.of(how);
  }

  void recover() {
    fault = Optional.empty();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    try (exchange) {
      Optional<Fault> now = fault;
      if (now.isEmpty()) {
        pass(exchange);
        return;
      }
      switch (now.get()) {
        case CLOSED -> {}
        case NOT_FOUND_PAGE -> send(exchange, 404, "text/html", "<h1>Not Found</h1>");
        case EMPTY_REGISTRY -> send(exchange, 404, "application/json", emptyRegistry(exchange));
        case INTERNAL_ERROR ->
            send(exchange, 500, "application/json", "{\"error_code\":50001,\"message\":\"store\"}");
        case LOGIN_PAGE -> send(exchange, 200, "text/html", "<form>Please log in</form>");
        case OTHER_JSON -> send(exchange, 200, "application/json", "{\"status\":\"ok\"}");
        case SLOW -> TimeUnit.SECONDS.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String emptyRegistry(HttpExchange exchange) {
    int code = exchange.getRequestURI().getPath().startsWith("/subjects/") ? 40401 : 40403;
    return "{\"error_code\":%d,\"message\":\"not found\"}".formatted(code);
  }

  private void pass(HttpExchange exchange) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(real + exchange.getRequestURI()))
            .timeout(Duration.ofSeconds(30))
            .method(
                exchange.getRequestMethod(),
                HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type != null) {
      request.header("Content-Type", type);
    }
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    send(exchange, answer.statusCode(), "application/json", answer.body());
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
