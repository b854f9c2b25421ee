package io.runledger.client.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.runledger.files.HeldLocks;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A spool that is sent over HTTP, to a server that answers as it is told. */
class SpoolUploadTest {

  private static final String LINE = "{\"at\":1763917445,\"start\":{\"experiment\":\"7\"}}\n";
  private static final String END = "{\"end\":true}\n";

  @TempDir private Path spool;
  private HttpServer server;
  private final List<String> requests = new ArrayList<>();
  private final Deque<String> answers = new ArrayDeque<>();

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body =
        new String(
            new GZIPInputStream(exchange.getRequestBody()).readAllBytes(),
            StandardCharsets.ISO_8859_1);
    requests.add(
        exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getFirst("Authorization")
            + " "
            + (body.startsWith("Obj") ? "segment" : body));
    String answer = answers.isEmpty() ? "200 {\"bytes\":5}" : answers.remove();
    byte[] bytes = answer.substring(4).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private UploadReport send() throws Exception {
    return send(Duration.ofSeconds(20));
  }

  private UploadReport send(Duration atMost) throws Exception {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return SpoolUpload.send(spool, address, Optional.of("secret"), atMost);
  }

  @Test
  void whatIsStoredThereIsRemovedHere() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), LINE + END);
    Files.writeString(spool.resolve("b.jsonl"), LINE);
    Path writer = writer();

    UploadReport report = send();

    assertThat(report).isEqualTo(new UploadReport(3, 15, 0, 0, List.of(), Optional.empty()));
    assertThat(requests)
        .containsExactly(
            "/api/v1/events?file=%s%%2Fruns-000001.avro Bearer secret segment"
                .formatted(writer.getFileName()),
            "/api/v1/events?file=a.jsonl Bearer secret " + LINE + END,
            "/api/v1/events?file=b.jsonl Bearer secret " + LINE);
    assertThat(writer).doesNotExist();
    assertThat(spool.resolve("a.jsonl")).doesNotExist();
    assertThat(spool.resolve("b.jsonl")).exists();

    assertThat(send().files()).isEqualTo(1);
    assertThat(requests).hasSize(3);
  }

  private Path writer() throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, 77, 1 << 20, 1 << 30, 1 << 20)) {
      append(writer);
      return writer.directory();
    }
  }

  private static void append(SpoolWriter writer) throws IOException {
    writer.append(
        Topics.RUNS, seq -> new Envelope(5, 6, 77, seq, Instant.EPOCH).runEvent(new Heartbeat(30)));
  }

  @Test
  void sendingGoesOnWhereTheServerIs() throws Exception {
    Files.writeString(spool.resolve("b.jsonl"), LINE);
    send();
    Files.writeString(spool.resolve("b.jsonl"), LINE + END);
    answers.add("409 {\"detail\":\"It has less.\",\"position\":0}");

    UploadReport report = send();

    assertThat(report.problems()).isEmpty();
    assertThat(requests.get(1)).contains("position=" + LINE.length()).endsWith(END);
    assertThat(requests.get(2)).doesNotContain("position").endsWith(LINE + END);
  }

  @Test
  void whatIsRefusedIsTold() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), LINE + END);
    Files.writeString(spool.resolve("b.jsonl"), LINE);
    answers.add("400 {\"detail\":\"These are not lines.\"}");
    answers.add("200 {\"bytes\":9,\"refused\":1,\"reasons\":[{\"line\":1,\"why\":\"bad\"}]}");

    UploadReport report = send();

    assertThat(report.problems())
        .containsExactly(
            "a.jsonl was refused: These are not lines.", "b.jsonl:1 goes to the dead letters: bad");
    assertThat(report.trouble()).contains("a.jsonl was refused: These are not lines.");
    assertThat(report.refusedLines()).isEqualTo(1);
    assertThat(spool.resolve("a.jsonl")).exists();
  }

  @Test
  void whenTheTokenIsRefusedNoFurtherFileIsTried() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), LINE + END);
    Files.writeString(spool.resolve("b.jsonl"), LINE);
    answers.add("403 {\"detail\":\"This token may read, and change nothing.\"}");

    UploadReport report = send();

    assertThat(report.problems())
        .containsExactly(
            "a.jsonl and what follows it wait: This token may read, and change nothing.");
    assertThat(requests).hasSize(1);
  }

  @Test
  void aFileThatPythonEndedIsRemovedToo() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), LINE + "{\"at\":1763917446.000001,\"end\":true}\n");
    Files.writeString(spool.resolve("b.jsonl"), LINE + "{\"at\":1763917446,\"status\":\"end\"}\n");

    assertThat(send().problems()).isEmpty();

    assertThat(spool.resolve("a.jsonl")).doesNotExist();
    assertThat(spool.resolve("b.jsonl")).exists();
  }

  /** The first line of a process that ran here and is gone. */
  private static String startOfOneThatIsGone() throws Exception {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    return "{\"at\":1763917445,\"locked\":true,\"start\":{\"experiment\":\"7\",\"host\":\"%s\",\"pid\":%d}}\n"
        .formatted(host, gone.pid());
  }

  @Test
  void theHalfLineOfAProcessThatWasKilledKeepsNobodyFromSayingThatItIsGone() throws Exception {
    String torn = "{\"at\":1763917446,\"metr";
    Files.writeString(spool.resolve("a.jsonl"), startOfOneThatIsGone() + torn);

    assertThat(send().problems()).isEmpty();

    assertThat(requests).hasSize(2);
    assertThat(requests.get(0)).doesNotContain(torn);
    assertThat(requests.get(1))
        .contains(torn + "\n{", "\"source\":\"observer\"", "is gone, and no end was reported")
        .endsWith(END);
    assertThat(spool.resolve("a.jsonl")).doesNotExist();
  }

  @Test
  void ofAProcessThatIsGoneTheEndIsSentAsWell() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), startOfOneThatIsGone());

    assertThat(send().problems()).isEmpty();

    assertThat(requests).hasSize(2);
    assertThat(requests.get(1))
        .contains("position=", "\"source\":\"observer\"", "is gone, and no end was reported")
        .endsWith(END);
    assertThat(spool.resolve("a.jsonl")).doesNotExist();
  }

  @Test
  void ofAWriterThatIsAliveTheFullSegmentsAreSent() throws Exception {
    try (SpoolWriter writer = SpoolWriter.create(spool, 77, 1, 1 << 30, 1 << 20)) {
      append(writer);
      append(writer);

      UploadReport report = send();

      assertThat(report.problems()).singleElement().asString().contains("is still writing");
      assertThat(report.trouble()).isEmpty();
      assertThat(requests).singleElement().asString().contains("runs-000001.avro");
      assertThat(writer.directory().resolve("runs-000001.avro")).doesNotExist();
      assertThat(writer.directory().resolve("runs-000002.avro")).exists();
    }
  }

  @Test
  void aServerThatIsBusyIsAskedAgainUntilTheTimeIsOver() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), LINE + END);
    answers.add("503 {\"detail\":\"The disk is full.\"}");

    assertThat(send().problems()).isEmpty();
    assertThat(requests).hasSize(2);

    Files.writeString(spool.resolve("c.jsonl"), LINE);
    for (int i = 0; i < 5; i++) {
      answers.add("503 {\"detail\":\"The disk is full.\"}");
    }
    assertThat(send(Duration.ofMillis(600)).problems())
        .singleElement()
        .asString()
        .contains("The disk is full");
    server.stop(0);
    assertThat(send(Duration.ofMillis(600)).problems())
        .singleElement()
        .asString()
        .startsWith("c.jsonl");
  }

  @Test
  void whatOthersHoldWaits() throws Exception {
    Files.writeString(spool.resolve("a.jsonl"), LINE + "{\"half");
    Path lines = Files.writeString(spool.resolve("b.jsonl"), LINE);
    try (SpoolWriter writer = SpoolWriter.create(spool, 77, 1 << 20, 1 << 30, 1 << 20);
        HeldLocks.Held held = HeldLocks.take(SpoolDirectory.lockOf(lines)).orElseThrow()) {
      append(writer);
      assertThat(held).isNotNull();

      UploadReport report = send(Duration.ofSeconds(2));

      assertThat(report.problems())
          .containsExactly(
              Base32.encode(77)
                  + " waits: its process is still writing; send it when that has ended.",
              "a.jsonl ends in half a line, which waits.",
              "b.jsonl waits: another sender serves it.");
    }
  }

  @Test
  void whatAnotherSenderHasInHandForAMomentIsNotLeft() throws Exception {
    Path lines = Files.writeString(spool.resolve("b.jsonl"), LINE + END);
    HeldLocks.Held held = HeldLocks.take(SpoolDirectory.lockOf(lines)).orElseThrow();
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> assertThatCode(held::close).doesNotThrowAnyException(),
            CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));

    UploadReport report = send();

    other.get();
    assertThat(report.problems()).isEmpty();
    assertThat(lines).doesNotExist();
  }

  @Test
  void noTokenGoesWhereOthersCanReadIt() {
    for (String bad :
        new String[] {
          "http://ledger.example.org/", "ftp://127.0.0.1/", "host", "https://ann:secret@127.0.0.1/"
        }) {
      assertThatThrownBy(
              () ->
                  SpoolUpload.send(
                      spool, URI.create(bad), Optional.of("secret"), Duration.ofSeconds(1)))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("secret");
    }
  }
}
