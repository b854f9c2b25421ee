package io.runledger.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.files.HeldLocks;
import io.runledger.gateway.TestCall;
import io.runledger.gateway.log.SpoolFullException;
import io.runledger.http.Reply;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.lines.LineCursor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of spools that come over HTTP. */
class SpoolIntakeTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String START =
      "{\"at\":1763917445.2,\"start\":{\"experiment\":\"7\",\"seed\":3}}\n";
  private static final String METRICS =
      "{\"at\":1763917446.2,\"metrics\":{\"loss\":0.5},\"step\":1}\n";

  @TempDir Path directory;
  private Path spool;
  private SpoolIntake intake;
  private int wakeUps;

  @BeforeEach
  void open() {
    spool = directory.resolve("spool");
    intake = intake(Map.of());
  }

  private SpoolIntake intake(Map<Setting, String> settings) {
    Configuration configuration = Configuration.load(Map.of(), Map.of(), Optional.empty());
    for (Map.Entry<Setting, String> one : settings.entrySet()) {
      configuration = configuration.with(one.getKey(), one.getValue());
    }
    return new SpoolIntake(spool, directory.resolve("incoming"), configuration, () -> wakeUps++);
  }

  @AfterEach
  void close() throws IOException {
    intake.close();
  }

  private JsonNode taken(TestCall call) throws IOException {
    Reply reply = intake.take(call);
    assertThat(reply.status()).as(TestCall.text(reply)).isEqualTo(200);
    return JSON.readTree(TestCall.text(reply));
  }

  private JsonNode refused(int status, TestCall call) throws IOException {
    Reply reply = intake.take(call);
    String text = TestCall.text(reply);
    assertThat(reply.status()).as(text).isEqualTo(status);
    assertThat(reply.type()).isEqualTo("application/problem+json");
    JsonNode problem = JSON.readTree(text);
    assertThat(problem.path("detail").asText()).matches("(?s).*[.]");
    return problem;
  }

  @Test
  void aBatchIsAFileThatHasItsLinesOnce() throws IOException {
    JsonNode first = taken(TestCall.of(START + METRICS));
    JsonNode again = taken(TestCall.of(START + METRICS));

    assertThat(first.path("lines").asInt()).isEqualTo(2);
    assertThat(first.path("refused").asInt()).isZero();
    assertThat(again.path("bytes").asInt()).isZero();
    assertThat(again.path("file")).isEqualTo(first.path("file"));
    assertThat(Files.readString(spool.resolve(first.path("file").asText())))
        .isEqualTo(START + METRICS + "{\"end\":true}\n");
    assertThat(wakeUps).isEqualTo(1);
  }

  @Test
  void aBadLineThatIsSentAgainAfterItsDeliveryIsNoSecondDeadLetter() throws IOException {
    String batch = START + "not JSON\n" + METRICS;
    JsonNode first = taken(TestCall.of(batch));
    assertThat(first.path("refused").asInt()).isEqualTo(1);
    Path file = spool.resolve(first.path("file").asText());

    // All of it is delivered, and later somebody starts the gateway again.
    Files.delete(file);
    JsonNode again = taken(TestCall.of(batch));
    close();
    intake = intake(Map.of());
    JsonNode later = taken(TestCall.of(batch));

    for (JsonNode answer : List.of(again, later)) {
      assertThat(answer.path("file")).isEqualTo(first.path("file"));
      assertThat(answer.path("bytes").asInt()).isZero();
      assertThat(answer.path("refused").asInt()).isZero();
      assertThat(answer.path("reasons").isArray()).isTrue();
    }
    assertThat(file).doesNotExist();
    assertThat(taken(TestCall.of(START + "not JSON\n")).path("refused").asInt()).isEqualTo(1);
  }

  @Test
  void aFileGrowsFromWhereItWasAndWhatIsSentAgainAddsNothing() throws IOException {
    taken(TestCall.of(START).with("file", "host-1.jsonl"));

    JsonNode grown = taken(TestCall.of(START + METRICS).with("file", "host-1.jsonl"));
    JsonNode rest =
        taken(
            TestCall.of(METRICS)
                .with("file", "host-1.jsonl")
                .with("position", Integer.toString(START.length())));

    assertThat(grown.path("lines").asInt()).isEqualTo(1);
    assertThat(grown.path("bytes").asInt()).isEqualTo(METRICS.length());
    assertThat(rest.path("bytes").asInt()).isZero();
    assertThat(Files.readString(spool.resolve("host-1.jsonl"))).isEqualTo(START + METRICS);
  }

  @Test
  void aFileWhoseProcessIsElsewhereIsNotEndedHere() throws Exception {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    String first =
        "{\"locked\":true,\"start\":{\"experiment\":\"7\",\"host\":\"%s\",\"pid\":%d}}\n"
            .formatted(host, gone.pid());
    taken(TestCall.of(first).with("file", "host-1.jsonl"));
    Files.writeString(spool.resolve("host-2.jsonl"), first);

    assertThat(isEndedHere("host-1.jsonl")).isFalse();
    assertThat(isEndedHere("host-2.jsonl")).as("one of this machine").isTrue();
  }

  private boolean isEndedHere(String name) throws IOException {
    Configuration configuration =
        Configuration.load(Map.of(), Map.of("HOME", spool.toString()), Optional.empty());
    try (LineCursor cursor = LineCursor.open(spool.resolve(name), configuration, false)) {
      cursor.moveTo(cursor.next(Long.MAX_VALUE));
      return cursor.endForItsProcess();
    }
  }

  @Test
  void aGapAndOtherLinesAreRefused() throws IOException {
    taken(TestCall.of(START).with("file", "host-1.jsonl"));

    JsonNode gap =
        refused(409, TestCall.of(METRICS).with("file", "host-1.jsonl").with("position", "999"));
    refused(409, TestCall.of(METRICS).with("file", "host-1.jsonl"));

    assertThat(gap.path("position").asInt()).isEqualTo(START.length());
    assertThat(Files.readString(spool.resolve("host-1.jsonl"))).isEqualTo(START);
  }

  @Test
  void linesThatAreNoEventsAreToldAndKept() throws IOException {
    String bad = "{\"nothing\":1}\n";
    JsonNode taken = taken(TestCall.of(START + bad + METRICS).with("file", "host-2.jsonl"));
    JsonNode later =
        taken(
            TestCall.of("not JSON\n")
                .with("file", "host-2.jsonl")
                .with("position", taken.path("position").asText()));

    assertThat(taken.path("lines").asInt()).isEqualTo(3);
    assertThat(taken.path("refused").asInt()).isEqualTo(1);
    assertThat(taken.path("reasons").get(0).path("line").asInt()).isEqualTo(2);
    assertThat(taken.path("reasons").get(0).path("why").asText()).contains("expected keys");
    assertThat(later.path("reasons").get(0).path("line").asInt()).isEqualTo(4);
    assertThat(Files.readString(spool.resolve("host-2.jsonl"))).contains(bad);
  }

  @Test
  void gzipIsInflatedAndABombIsNot() throws IOException {
    JsonNode taken =
        taken(
            TestCall.of(gzip(START.getBytes(StandardCharsets.UTF_8)))
                .header("Content-Encoding", "gzip"));
    assertThat(taken.path("lines").asInt()).isEqualTo(1);

    refused(413, TestCall.of(gzip(new byte[80 << 20])).header("Content-Encoding", "gzip"));
    refused(413, TestCall.of(new byte[33 << 20]));
    refused(400, TestCall.of(START).header("Content-Encoding", "gzip"));
    refused(415, TestCall.of(START).header("Content-Encoding", "br"));
    assertThat(files()).hasSize(1);
  }

  @Test
  void aLineOfAMillionKeysIsToldAndTheLinesAroundItAreTaken() throws IOException {
    StringBuilder keys = new StringBuilder("{\"at\":1763917446.2,\"metrics\":{\"m\":1");
    for (int i = 0; i < 1_000_000; i++) {
      keys.append(",\"k").append(i).append("\":1");
    }

    JsonNode taken = taken(TestCall.of(START + keys + "}}\n" + METRICS));

    assertThat(taken.path("lines").asInt()).isEqualTo(3);
    assertThat(taken.path("refused").asInt()).isEqualTo(1);
    assertThat(taken.path("reasons").get(0).path("line").asInt()).isEqualTo(2);
    assertThat(taken.path("reasons").get(0).path("why").asText()).contains("record.max.bytes");
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(spool)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(spool)) {
      return all.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
    }
  }

  @Test
  void noNameLeadsElsewhere() throws IOException {
    for (String name :
        new String[] {
          "../a.jsonl",
          "/etc/a.jsonl",
          "a/b.jsonl",
          ".hidden.jsonl",
          "a.txt",
          "calls-0k3f000000000.jsonl",
          "0k3f000000000/../a.avro",
          "zzzzzzzzzzzzz/runs-000001.avro",
          "0k3f000000000/other-000001.avro",
          "a\0.jsonl"
        }) {
      refused(400, TestCall.of(START).with("file", name));
    }
    refused(400, TestCall.of(""));
    refused(400, TestCall.of(START.strip()));
    refused(400, TestCall.of(START).with("position", "5"));
    refused(400, TestCall.of(START).with("file", "a.jsonl").with("position", "-1"));

    assertThat(files()).isEmpty();
    assertThat(directory.resolve("a.jsonl")).doesNotExist();
  }

  @Test
  void aLinkIsNotFollowedAndAFileThatAProcessWritesIsLeftAlone() throws IOException {
    Files.createDirectories(spool);
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "");
    Files.createSymbolicLink(spool.resolve("link.jsonl"), elsewhere);
    refused(409, TestCall.of(START).with("file", "link.jsonl"));
    assertThat(elsewhere).isEmptyFile();

    try (HeldLocks.Held held = HeldLocks.take(spool.resolve("live.jsonl")).orElseThrow()) {
      assertThat(held).isNotNull();
      refused(409, TestCall.of(START).with("file", "live.jsonl"));
    }
    assertThat(spool.resolve("live.jsonl")).isEmptyFile();
  }

  @Test
  void aSegmentIsTakenWholeAndGrows() throws IOException {
    long writer = 77;
    Path source = directory.resolve("source");
    Path segment = source.resolve(Base32.encode(writer)).resolve("runs-000001.avro");
    byte[] one;
    try (SpoolWriter spoolWriter = SpoolWriter.create(source, writer, 1 << 20, 1 << 30, 1 << 20)) {
      append(spoolWriter, writer);
      one = Files.readAllBytes(segment);
      append(spoolWriter, writer);
    }
    String name = Base32.encode(writer) + "/runs-000001.avro";

    JsonNode first = taken(TestCall.of(one).with("file", name));
    JsonNode grown = taken(TestCall.of(Files.readAllBytes(segment)).with("file", name));
    JsonNode again = taken(TestCall.of(one).with("file", name));

    assertThat(first.path("events").asInt()).isEqualTo(1);
    assertThat(grown.path("events").asInt()).isEqualTo(2);
    assertThat(again.path("bytes").asInt()).isZero();
    assertThat(spool.resolve(name)).hasSameBinaryContentAs(segment);
    assertThat(spool.resolve(Base32.encode(writer)).resolve(SpoolWriter.LOCK_FILE)).exists();
    refused(400, TestCall.of(START).with("file", name));
    refused(400, TestCall.of(one).with("file", Base32.encode(writer) + "/metrics-000001.avro"));
    assertThat(directory.resolve("incoming")).isEmptyDirectory();
  }

  private static void append(SpoolWriter writer, long id) throws IOException {
    writer.append(
        Topics.RUNS, seq -> new Envelope(5, 6, id, seq, Instant.EPOCH).runEvent(new Heartbeat(30)));
  }

  @Test
  void aFullSpoolTakesNothing() throws IOException {
    intake.close();
    intake = intake(Map.of(Setting.SPOOL_MAX_BYTES, "100"));
    taken(TestCall.of(START));

    assertThatThrownBy(() -> intake.take(TestCall.of(METRICS + METRICS)))
        .isInstanceOf(SpoolFullException.class)
        .hasMessageContaining("spool.max.bytes");
  }
}
