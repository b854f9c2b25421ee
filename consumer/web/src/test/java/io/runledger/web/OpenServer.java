package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.Laboratory;
import io.runledger.query.format.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A real server on any free port, over a database with one run of each kind. */
abstract class OpenServer {

  static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path directory;
  Laboratory laboratory;
  WebServer server;

  @BeforeEach
  void open() throws IOException {
    laboratory = Laboratory.filled(directory);
    server = WebServer.start(settings());
  }

  @AfterEach
  void close() {
    server.close();
    laboratory.close();
  }

  WebSettings settings() {
    return new WebSettings(
        laboratory.databaseLocation(),
        directory,
        directory.resolve("spool"),
        "127.0.0.1",
        0,
        "localhost",
        false,
        "127.0.0.1",
        -1);
  }

  final URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  final HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  /** What the API answers. */
  final JsonNode json(String path) {
    HttpResponse<String> answer = get("/api/v1" + path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    return Json.parsed(answer.body());
  }

  /** Why the API answers nothing, which must have this status. */
  final JsonNode problem(int status, String path) {
    return problem(status, get("/api/v1" + path));
  }

  static JsonNode problem(int status, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonNode problem = Json.parsed(answer.body());
    assertThat(problem.path("status").intValue()).isEqualTo(status);
    assertThat(problem.path("detail").textValue()).matches("(?s).*[.?]");
    return problem;
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
