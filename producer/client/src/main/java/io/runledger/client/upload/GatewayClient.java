package io.runledger.client.upload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Asks a server to take events, again where it or the network does not answer at the moment. One
 * thread sends; any may close it.
 */
final class GatewayClient implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final long FIRST_PAUSE_MS = 250;
  private static final long LONGEST_PAUSE_MS = 10_000;

  /** Answers after which the same request may be taken. */
  private static final Set<Integer> AGAIN = Set.of(408, 429, 500, 502, 503, 504);

  /** Answers to the address or the token, so that no other file fares better. */
  private static final Set<Integer> TO_ALL = Set.of(401, 403, 404, 405);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final Destination.Server server;
  private Optional<CompletableFuture<?>> asked = Optional.empty();
  private boolean closed;

  GatewayClient(Destination.Server server) {
    this.server = server;
  }

  /**
   * Sends some bytes of a file, compressed.
   *
   * @param endNanos until when to try again, by {@link System#nanoTime}
   * @return what the server answered, also where it refused them
   * @throws IOException when it did not answer in time
   */
  Answer send(String file, long position, byte[] bytes, long endNanos)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(
            "api/v1/events?file=%s%s"
                .formatted(
                    URLEncoder.encode(file, StandardCharsets.UTF_8),
                    position > 0 ? "&position=" + position : ""),
            Gzipped.of(bytes).publisher());
    long pause = FIRST_PAUSE_MS;
    while (true) {
      String why;
      try {
        Answer answer = answer(request);
        if (!AGAIN.contains(answer.status())) {
          return answer;
        }
        why = answer.sentence();
      } catch (IOException e) {
        why = sentence(e);
      }
      if (isClosed() || System.nanoTime() + pause * 1_000_000 - endNanos >= 0) {
        throw new IOException("%s does not take it: %s".formatted(server.address().getHost(), why));
      }
      Thread.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  /** What keeps a request from being answered, for who cannot know the names of exceptions. */
  static String sentence(IOException e) {
    List<Throwable> causes =
        Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause).toList();
    if (causes.stream().anyMatch(CertPathBuilderException.class::isInstance)) {
      return "its certificate is none that Java trusts here; give Java a trust store that has the one of its issuer (-Djavax.net.ssl.trustStore=FILE, for the command runledger in RUNLEDGER_JAVA_OPTS)";
    }
    if (causes.stream().anyMatch(UnresolvedAddressException.class::isInstance)) {
      return "there is no host of that name";
    }
    return e instanceof ConnectException ? "nobody answers at its port" : e.toString();
  }

  private HttpRequest request(String query, BodyPublisher body) {
    String base = server.address().toString();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create((base.endsWith("/") ? base : base + "/") + query))
            .timeout(ANSWER)
            .header("Content-Type", "application/octet-stream")
            .header("Content-Encoding", "gzip")
            .POST(body);
    server.token().ifPresent(text -> request.header("Authorization", "Bearer " + text));
    return request.build();
  }

  private Answer answer(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> future = begun(request);
    try {
      HttpResponse<byte[]> response = future.get();
      return new Answer(response.statusCode(), parsed(response.body()));
    } catch (CancellationException e) {
      throw new IOException("sending was stopped", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  private synchronized CompletableFuture<HttpResponse<byte[]>> begun(HttpRequest request)
      throws IOException {
    if (closed) {
      throw new IOException("sending was stopped");
    }
    CompletableFuture<HttpResponse<byte[]>> future =
        http.sendAsync(request, BodyHandlers.ofByteArray());
    asked = Optional.of(future);
    return future;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Ends the request that is waiting, if there is one, and takes no further ones. */
  @Override
  public synchronized void close() {
    closed = true;
    asked.ifPresent(future -> future.cancel(true));
  }

  private static JsonNode parsed(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }

  /** Some bytes compressed, without another copy: the heap may be that of a small job. */
  private static final class Gzipped extends ByteArrayOutputStream {

    private Gzipped(int size) {
      super(size);
    }

    static Gzipped of(byte[] bytes) throws IOException {
      Gzipped compressed = new Gzipped(bytes.length / 4 + 64);
      try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
        out.write(bytes);
      }
      return compressed;
    }

    BodyPublisher publisher() {
      return BodyPublishers.ofByteArray(buf, 0, count);
    }
  }

  /** What a server says to a request. */
  record Answer(int status, JsonNode body) {

    boolean isTaken() {
      return status == 200;
    }

    boolean isToAll() {
      return TO_ALL.contains(status) || status / 100 == 3;
    }

    String sentence() {
      String detail = body.path("detail").asText();
      return detail.isEmpty() ? "it answers with status " + status : Printable.line(detail);
    }
  }
}
