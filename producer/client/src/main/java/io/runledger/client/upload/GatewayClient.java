package io.runledger.client.upload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** Asks a server to take events, again where it or the network does not answer at the moment. */
final class GatewayClient {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final long FIRST_PAUSE_MS = 250;
  private static final long LONGEST_PAUSE_MS = 10_000;

  /** Answers after which the same request may be taken. */
  private static final Set<Integer> AGAIN = Set.of(408, 429, 500, 502, 503, 504);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final URI server;
  private final Optional<String> token;
  private final long endNanos;

  /**
   * A client of one server.
   *
   * @param server its address
   * @param token what it demands
   * @param atMost how long to try in all
   * @throws IllegalArgumentException when the address is none, or would send the token for others
   *     to read
   */
  GatewayClient(URI server, Optional<String> token, Duration atMost) {
    this.server = checked(server);
    this.token = token;
    this.endNanos = System.nanoTime() + atMost.toNanos();
  }

  private static URI checked(URI server) {
    boolean isHttps = "https".equalsIgnoreCase(server.getScheme());
    boolean isHttp = "http".equalsIgnoreCase(server.getScheme());
    if ((!isHttps && !isHttp) || server.getHost() == null) {
      throw new IllegalArgumentException(
          "This is not the address of a server; write https://HOST/.");
    }
    if (isHttp && !isLoopback(server.getHost())) {
      throw new IllegalArgumentException(
          "Over http:// everybody on the way to %s can read the events and the token; write https://, or take a tunnel to a port of this machine."
              .formatted(Printable.word(server.getHost())));
    }
    if (server.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "The address may have no user or password, which everybody who lists processes reads; put the token into RUNLEDGER_TOKEN or a file.");
    }
    return server;
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /**
   * Sends some bytes of a file, compressed.
   *
   * @return what the server answered, also where it refused them
   * @throws IOException when it did not answer in time
   */
  Answer send(String file, long position, byte[] bytes) throws IOException, InterruptedException {
    String query =
        "api/v1/events?file=%s%s"
            .formatted(
                URLEncoder.encode(file, StandardCharsets.UTF_8),
                position > 0 ? "&position=" + position : "");
    String base = server.toString();
    URI address = URI.create((base.endsWith("/") ? base : base + "/") + query);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER)
            .header("Content-Type", "application/octet-stream")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofByteArray(gzip(bytes)));
    token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
    long pause = FIRST_PAUSE_MS;
    while (true) {
      String why;
      try {
        HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
        Answer answer = new Answer(response.statusCode(), parsed(response.body()));
        if (!AGAIN.contains(answer.status())) {
          return answer;
        }
        why = answer.sentence();
      } catch (IOException e) {
        why = e.toString();
      }
      if (System.nanoTime() + pause * 1_000_000 >= endNanos) {
        throw new IOException("%s does not take it: %s".formatted(server.getHost(), why));
      }
      Thread.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  private static JsonNode parsed(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 4 + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  /** What a server says to a request. */
  record Answer(int status, JsonNode body) {

    boolean isTaken() {
      return status == 200;
    }

    String sentence() {
      String detail = body.path("detail").asText();
      return detail.isEmpty() ? "it answers with status " + status : Printable.line(detail);
    }
  }
}
