package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.format.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever is asked, the answer has the same form and the same headers. */
class RefusedRequestsTest extends OpenServer {

  private static final String POLICY = "Content-Security-Policy";

  private HttpResponse<String> ask(String method, String path) {
    return send(HttpRequest.newBuilder(uri(path)).method(method, BodyPublishers.noBody()).build());
  }

  /** What comes back for these bytes, which no client would send. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void anotherMethodIsRefusedWithThoseThatThereAre() {
    for (String method : List.of("PUT", "DELETE", "PATCH", "POST", "TRACE", "OPTIONS")) {
      HttpResponse<String> answer = ask(method, "/api/v1/runs");

      assertThat(problem(405, answer).path("detail").textValue())
          .isEqualTo("Only GET is answered at this address.");
      assertThat(answer.headers().firstValue("Allow")).as(method).contains("GET");
    }
    assertThat(ask("GET", "/api/v1/login").headers().firstValue("Allow").orElseThrow())
        .contains("POST");
  }

  @Test
  void whereThereIsNothingEveryMethodIsToldSo() {
    for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "POST", "TRACE", "OPTIONS")) {
      for (String path : List.of("/api/none", "/api/v1/none")) {
        assertThat(problem(404, ask(method, path)).path("detail").textValue())
            .as(method + " " + path)
            .isEqualTo("There is nothing at this address.");
      }
    }
  }

  @Test
  void headHasWhatGetHasButForTheBody() {
    for (String path : List.of("/", "/api/v1/runs", "/api/v1/runs/none", "/nothing.js")) {
      HttpResponse<String> head = ask("HEAD", path);
      HttpResponse<String> get = get(path);

      assertThat(head.statusCode()).as(path).isEqualTo(get.statusCode());
      assertThat(head.body()).isEmpty();
      for (String header : List.of("Content-Type", "Content-Length", "ETag", POLICY)) {
        assertThat(head.headers().firstValue(header))
            .as(path + " " + header)
            .isEqualTo(get.headers().firstValue(header));
      }
    }
    assertThat(ask("HEAD", "/api/v1/changes").statusCode()).isEqualTo(200);
  }

  @Test
  void whatCannotBeReadIsAnsweredInTheSameForm() throws IOException {
    String long70 = "x".repeat(70_000);
    assertRefused(400, "GET /api/v1/runs/a%2fb HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertRefused(400, "GET /api/v1/% HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertRefused(400, "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertRefused(400, "GET / HTTP/1.1\r\n\r\n");
    assertRefused(400, "nonsense\r\n\r\n");
    assertRefused(414, "GET /?" + long70 + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertRefused(431, "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + long70 + "\r\n\r\n");
  }

  private void assertRefused(int status, String request) throws IOException {
    String answer = raw(request);
    String[] parts = answer.split("\r\n\r\n", 2);

    assertThat(parts[0]).as(request).startsWith("HTTP/1.1 " + status);
    assertThat(parts[0]).contains("application/problem+json", POLICY + ": default-src 'none'");
    JsonNode problem = Json.parsed(parts[1]);
    assertThat(problem.path("status").intValue()).isEqualTo(status);
    assertThat(problem.path("detail").textValue()).endsWith(".").doesNotContain("xxx");
  }

  @Test
  void everyAnswerHasThePolicyForBrowsers() {
    for (String path :
        List.of(
            "/",
            "/app.js",
            "/vendor/uPlot.esm.js",
            "/runs/x",
            "/nothing",
            "/api/v1/runs",
            "/api/v1/runs?x=1",
            "/api/v1/openapi.json",
            "/api/v1/session",
            "/api/v1/nothing")) {
      HttpResponse<String> answer = get(path);

      assertThat(answer.headers().firstValue(POLICY).orElse(""))
          .as(path)
          .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
          .doesNotContain("unsafe");
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.headers().firstValue("Server")).isEmpty();
    }
  }
}
