package io.runledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.http.HttpPort.Answer;
import io.runledger.http.HttpPort.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class HttpPortTest {

  private static final int LONGEST = 8;

  /** Half of the time that a client may take to send its request. */
  private static final int ANSWER_MS = 5_000;

  @Test
  void clientsThatSendHalfARequestDoNotOccupyThePort() throws IOException {
    assertAnsweredBeside(20, "GET / HTTP/1.1\r\nHost: local");
  }

  @Test
  void aRequestIsAnsweredAtOnceWhereMoreHalfRequestsWaitThanThereAreThreads() throws IOException {
    assertAnsweredBeside(150, "GET / HTTP/1.1\r\nHost: local");
  }

  @Test
  void aRequestIsAnsweredAtOnceWhereMoreHalfBodiesWaitThanThereAreThreads() throws IOException {
    assertAnsweredBeside(
        150, "POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n1234");
  }

  /** Well before the time limit of a request would end the others. */
  private static void assertAnsweredBeside(int clients, String half) throws IOException {
    List<Socket> open = new ArrayList<>();
    try (HttpPort port = open("127.0.0.1")) {
      for (int i = 0; i < clients; i++) {
        Socket socket = connect(port);
        open.add(socket);
        socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
      }

      assertThat(ask(port, "GET /state", "localhost", "")).startsWith("HTTP/1.1 200");
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void aForeignHostNameIsRefusedOnLoopback() throws IOException {
    try (HttpPort port = open("127.0.0.1")) {
      assertThat(ask(port, "GET /state", "evil.example", "")).startsWith("HTTP/1.1 403");
      assertThat(ask(port, "GET /probe", "evil.example:80", "")).startsWith("HTTP/1.1 403");
      assertThat(ask(port, "GET /state", "friend.example:80", "")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void onAnAddressThatWasChosenForOthersAProbeIsAnsweredUnderAnyNameAndNothingElse()
      throws IOException {
    try (HttpPort port = open("0.0.0.0")) {
      assertThat(ask(port, "GET /probe", "10.1.2.3:9464", "")).startsWith("HTTP/1.1 200");
      assertThat(ask(port, "GET /state", "10.1.2.3:9464", "")).startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void aProbeThatAsksForTheHeadAloneGetsTheHeadOfTheAnswer() throws IOException {
    try (HttpPort port = open("127.0.0.1")) {
      String whole = ask(port, "GET /state", "localhost", "");
      String head = ask(port, "HEAD /state", "localhost", "");

      assertThat(head).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
      assertThat(lengthOf(head)).isEqualTo(lengthOf(whole)).isNotEqualTo("0");
    }
  }

  private static String lengthOf(String answer) {
    return answer
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anotherMethodOrPathIsRefusedWithWhatThereIs() throws IOException {
    try (HttpPort port = open("127.0.0.1")) {
      assertThat(ask(port, "DELETE /state", "localhost", ""))
          .startsWith("HTTP/1.1 405")
          .contains("Allow: GET");
      assertThat(ask(port, "GET /other", "localhost", ""))
          .startsWith("HTTP/1.1 404")
          .contains("There are GET /state and GET /probe and POST /take.");
    }
  }

  @Test
  void noMoreOfABodyIsReadThanTheRouteTakes() throws IOException {
    try (HttpPort port = open("127.0.0.1")) {
      assertThat(ask(port, "POST /take", "localhost", "12345678")).endsWith("8\n");
      assertThat(ask(port, "POST /take", "localhost", "1234567890123456")).endsWith("9\n");
    }
  }

  @Test
  void anyNameIsServedOnlyWhereTheAddressWasChosenForOthersToReach() {
    assertThatThrownBy(() -> ServedHosts.of("127.0.0.1", "*", Setting.HEALTH_ALLOWED_HOSTS))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("health.allowed.hosts is '*'");
    assertThat(ServedHosts.of("0.0.0.0", "*", Setting.HEALTH_ALLOWED_HOSTS).serve("10.1.2.3:9464"))
        .isTrue();
    assertThat(ServedHosts.of("0.0.0.0", "", Setting.HEALTH_ALLOWED_HOSTS).serve("10.1.2.3:9464"))
        .isFalse();
  }

  private static HttpPort open(String host) throws IOException {
    return HttpPort.open(
        "test",
        new InetSocketAddress(host, 0),
        ServedHosts.of(host, "friend.example", Setting.HEALTH_ALLOWED_HOSTS),
        List.of(
            new Route("GET", "/state", request -> Answer.sentence(200, "well")),
            new Route("GET", "/probe", true, request -> Answer.sentence(200, "alive")),
            new Route(
                "POST",
                "/take",
                request -> Answer.sentence(200, Integer.toString(request.body(LONGEST).length)))));
  }

  /** By hand, because HTTP clients do not let a caller choose the Host header. */
  private static String ask(HttpPort port, String request, String host, String body)
      throws IOException {
    try (Socket socket = connect(port)) {
      socket
          .getOutputStream()
          .write(
              "%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                  .formatted(request, host, body.length(), body)
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Socket connect(HttpPort port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.address().getPort());
    socket.setSoTimeout(ANSWER_MS);
    return socket;
  }
}
