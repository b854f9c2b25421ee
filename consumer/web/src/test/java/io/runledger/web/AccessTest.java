package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.runledger.query.format.Json;
import io.runledger.web.security.Role;
import io.runledger.web.security.Tokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A server that demands a token. */
class AccessTest extends OpenServer {

  @Override
  WebSettings settings() {
    return new WebSettings(
        laboratory.database(), directory.resolve("spool"), "127.0.0.1", 0, "", true);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri("/api/v1" + path));
  }

  private static HttpRequest.Builder with(HttpRequest.Builder request, String token) {
    return request.header("Authorization", "Bearer " + token);
  }

  private HttpRequest.Builder post(String path, String body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private String token(Role role) throws IOException {
    return Tokens.of(laboratory.database()).create("test", role);
  }

  @Test
  void anMlflowClientIsRefusedInItsOwnWords() throws Exception {
    for (String prefix : List.of("/api/2.0/", "/ajax-api/2.0/")) {
      HttpRequest.Builder create =
          HttpRequest.newBuilder(uri(prefix + "mlflow/runs/create"))
              .POST(BodyPublishers.ofString("{}"));

      HttpResponse<String> unknown = send(create.build());
      assertThat(unknown.statusCode()).isEqualTo(401);
      assertThat(Json.parsed(unknown.body()).path("error_code").textValue())
          .isEqualTo("UNAUTHENTICATED");

      HttpResponse<String> reader = send(with(create, token(Role.READER)).build());
      assertThat(reader.statusCode()).isEqualTo(403);
      assertThat(Json.parsed(reader.body()).path("error_code").textValue())
          .isEqualTo("PERMISSION_DENIED");
      assertThat(Json.parsed(reader.body()).path("message").textValue())
          .isEqualTo("This token may read, and change nothing.");
    }
  }

  @Test
  void nothingOfTheLedgerIsAnsweredWithoutAToken() {
    assertThat(problem(401, "/runs").path("detail").textValue()).contains("token");
    assertThat(get("/api/v1/runs").headers().firstValue("WWW-Authenticate")).contains("Bearer");
    for (String path :
        new String[] {"/changes", "/curves?run=a&metric=b", "/names?kind=tag", "/health"}) {
      problem(401, path);
    }
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(json("/session").path("token_required").booleanValue()).isTrue();
    assertThat(json("/session").path("role").isNull()).isTrue();
  }

  @Test
  void aTokenIsAcceptedUntilItIsRevoked() throws IOException {
    String token = token(Role.READER);
    assertThat(send(with(request("/runs"), token).build()).statusCode()).isEqualTo(200);
    assertThat(send(with(request("/runs"), token + "x").build()).statusCode()).isEqualTo(401);

    Tokens tokens = Tokens.of(laboratory.database());
    assertThat(tokens.revoke(tokens.list().get(0).id())).isTrue();

    assertThat(send(with(request("/runs"), token).build()).statusCode()).isEqualTo(401);
    assertThat(tokens.revoke("none")).isFalse();
  }

  @Test
  void whoHoldsARevokedTokenIsNotAnsweredThatNothingChanged() throws IOException {
    String token = token(Role.READER);
    String tag =
        send(with(request("/runs"), token).build()).headers().firstValue("ETag").orElseThrow();
    Tokens tokens = Tokens.of(laboratory.database());
    tokens.revoke(tokens.list().get(0).id());

    problem(401, send(with(request("/runs"), token).header("If-None-Match", tag).build()));
    problem(401, send(request("/runs").header("If-None-Match", tag).build()));
  }

  @Test
  void aTokenIsNeitherTakenFromTheAddressNorLogged() throws IOException {
    Logger all = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    Level before = all.getLevel();
    all.addAppender(logged);
    // Below, the server's own library would log every byte that it reads.
    all.setLevel(Level.INFO);
    try {
      String token = token(Role.EDITOR);
      problem(401, "/runs?token=" + token.substring(0, 5));
      send(with(request("/runs"), token).build());
      send(with(request("/runs/none"), token).build());
      send(post("/login", "{\"token\":\"" + token + "\"}").build());
      send(request("/runs").header("Cookie", "runledger_token=" + token).build());

      assertThat(List.copyOf(logged.list))
          .extracting(ILoggingEvent::getFormattedMessage)
          .noneMatch(message -> message.contains(token.substring(3)));
    } finally {
      all.setLevel(before);
      all.detachAppender(logged);
    }
  }

  @Test
  void theFileOfTokensIsItsOwnersAloneAndHasNoToken() throws IOException {
    String token = token(Role.EDITOR);
    var file = Tokens.of(laboratory.database()).file();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).doesNotContain(token).doesNotContain(token.substring(4, 20));
  }

  @Test
  void aReaderChangesNothing() throws IOException {
    String token = token(Role.READER);

    problem(403, send(with(post("/runs/x/tags", "{\"add\":[\"a\"]}"), token).build()));
  }

  @Test
  void aLoginSetsACookieThatScriptsCannotRead() throws IOException {
    HttpResponse<String> answer =
        send(post("/login", "{\"token\":\"" + token(Role.READER) + "\"}").build());

    assertThat(answer.statusCode()).isEqualTo(200);
    String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000");
    // Without TLS, a browser would not send a cookie that is marked so.
    assertThat(cookie).doesNotContain("Secure", "Domain");
    String pair = cookie.split(";", 2)[0];
    assertThat(send(request("/runs").header("Cookie", pair).build()).statusCode()).isEqualTo(200);
    problem(401, send(post("/login", "{\"token\":\"none\"}").build()));
    problem(400, send(post("/login", "[]").build()));
    problem(415, send(request("/login").POST(BodyPublishers.ofString("token=x")).build()));
    problem(413, send(post("/login", "{\"token\":\"" + "x".repeat(2 << 20) + "\"}").build()));
  }

  @Test
  void pagesOfOtherSitesMayNotAsk() throws IOException {
    String token = token(Role.EDITOR);

    problem(
        403, send(with(request("/runs"), token).header("Origin", "http://evil.example").build()));
    problem(
        403, send(with(request("/runs"), token).header("Sec-Fetch-Site", "cross-site").build()));
    String here = "http://127.0.0.1:" + server.address().getPort();
    assertThat(send(with(request("/runs"), token).header("Origin", here).build()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aForeignHostIsNotServed() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/session HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 403");
    }
  }
}
