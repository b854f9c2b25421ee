package io.runledger.service.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.fold.alert.AlertedRun;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.alert.RunScope.Part;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages to a real HTTP server. */
@Timeout(30)
class WebhookTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final Duration SOON = Duration.ofMillis(400);

  private final Receiver receiver = new Receiver();

  @AfterEach
  void stop() {
    receiver.close();
  }

  private static DueDelivery due(String name, double value) {
    Firing firing =
        new Firing(
            "diverged",
            7,
            11,
            "attempt:11 writer:12 seq:3 loss",
            "metric loss is nan",
            Optional.empty(),
            Optional.of(new Firing.Point(12, "loss", 3, 40L, value)),
            1_767_323_045_000_000L,
            false,
            NOW,
            Optional.empty(),
            Optional.empty());
    AlertedRun run =
        new AlertedRun(7, true, Map.of(Part.NAME, name, Part.SEED, "3"), "running", 11, 0L, false);
    return new DueDelivery(firing, Optional.of(run), 0);
  }

  private static AlertMessage message() {
    return AlertMessage.of(due("a run", Double.NaN));
  }

  private Webhook webhook(URI uri) {
    return new Webhook("webhook", uri, Optional.of(new Signer(KEY, () -> NOW)), SOON);
  }

  private Optional<String> deliver() throws InterruptedException {
    return webhook(receiver.uri()).deliver(message());
  }

  @Test
  void aMessageIsJsonWithAnIdAndASignatureThatAnybodyWithTheKeyCanCheck() throws Exception {
    assertThat(deliver()).isEmpty();

    Receiver.Received received = receiver.received.get(0);
    JsonNode body = new ObjectMapper().readTree(received.body());
    assertThat(body.get("id").asText()).isEqualTo(received.id()).matches("[0-9a-f]{16}");
    assertThat(body.get("rule").asText()).isEqualTo("diverged");
    assertThat(body.get("metric").asText()).isEqualTo("loss");
    assertThat(body.get("value").asText()).isEqualTo("NaN");
    assertThat(body.get("step").asLong()).isEqualTo(40);
    assertThat(body.get("at").asText()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(body.get("run").toString())
        .isEqualTo(
            "{\"id\":\"0000000000007\",\"status\":\"running\",\"seed\":\"3\",\"name\":\"a run\"}");
    assertThat(received.signature())
        .isEqualTo("t=1767323045,v1=" + hmac("1767323045." + received.body()));
  }

  /** RFC 2104 by hand, apart from what the service uses. */
  private static String hmac(String text) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    byte[] padded = Arrays.copyOf(KEY, 64);
    byte[] inner = new byte[64];
    byte[] outer = new byte[64];
    for (int i = 0; i < 64; i++) {
      inner[i] = (byte) (padded[i] ^ 0x36);
      outer[i] = (byte) (padded[i] ^ 0x5c);
    }
    sha256.update(inner);
    byte[] first = sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    sha256.update(outer);
    return HexFormat.of().formatHex(sha256.digest(first));
  }

  @Test
  void nothingThatAJobSaidIsMarkupInTheSentence() throws Exception {
    AlertMessage message = AlertMessage.of(due("<!channel> [x](http://e) @all *b* `c`", 1));

    JsonNode body = new ObjectMapper().readTree(message.json());

    assertThat(body.get("text").asText()).doesNotContain("<", "[", "(http", "@", "*", "`");
    assertThat(body.get("run").get("name").asText()).startsWith("<!channel>");
  }

  @ParameterizedTest
  @ValueSource(ints = {199, 301, 400, 404, 429, 500, 503})
  void whateverIsNoSuccessIsAFailure(int status) throws InterruptedException {
    receiver.answers(Receiver.status(status == 199 ? 304 : status));

    assertThat(deliver()).hasValueSatisfying(why -> assertThat(why).startsWith("It answered "));
  }

  @Test
  void aRedirectIsNotFollowed() throws InterruptedException {
    receiver.answers(
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(307, -1);
        });

    assertThat(deliver()).contains("It answered 307.");
    assertThat(receiver.received).hasSize(1);
  }

  @Test
  void aReceiverThatDoesNotAnswerIsGivenUp() throws InterruptedException {
    receiver.answers(exchange -> pause());

    assertThat(deliver()).contains("It did not answer within 1 s.");
  }

  @Test
  void anAnswerThatNeverEndsIsGivenUp() throws InterruptedException {
    receiver.answers(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          pause();
        });

    assertThat(deliver()).contains("It did not answer within 1 s.");
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFailureNamesNoPartOfTheUrl() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }

    assertThat(webhook(URI.create("http://127.0.0.1:" + free + "/s3cret")).deliver(message()))
        .contains("It cannot be reached (ConnectException).");
    assertThat(webhook(URI.create("https://no.such.host.invalid/s3cret")).deliver(message()))
        .hasValueSatisfying(why -> assertThat(why).doesNotContain("s3cret"));
  }

  @Test
  void whoeverIsInterruptedLeavesAtOnce() throws IOException {
    receiver.answers(exchange -> pause());
    Thread.currentThread().interrupt();

    assertThat(org.assertj.core.api.Assertions.catchThrowable(this::deliver))
        .isInstanceOf(InterruptedException.class);
  }
}
