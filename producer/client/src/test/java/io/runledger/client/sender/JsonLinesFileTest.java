package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.config.Configuration;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file of lines advances by what the broker has acknowledged, and is removed when all of it is.
 */
@Timeout(60)
class JsonLinesFileTest {

  private static final String START = "{\"at\":1795000000,\"start\":{\"experiment\":\"e\"}}\n";
  private static final String LOSS = "{\"metrics\":{\"loss\":0.5},\"step\":1}\n";
  private static final String END = "{\"end\":true}\n";

  @TempDir private Path spool;
  private final Undelivered undelivered = new Undelivered();
  private final List<SpecificRecord> events = new ArrayList<>();
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final EventProducer producer =
      new EventProducer(
          TopicNames.DEFAULT,
          Map.of(),
          1 << 20,
          (topic, event) -> {
            events.add(event);
            return new byte[16];
          },
          properties -> kafka);
  private Path path;
  private Optional<JsonLinesFile> open = Optional.empty();

  @BeforeEach
  void nameTheFile() {
    path = spool.resolve("a.jsonl");
  }

  @AfterEach
  void close() throws IOException {
    if (open.isPresent()) {
      open.get().close();
    }
  }

  private JsonLinesFile file(String content) throws IOException {
    Files.writeString(path, content);
    return file();
  }

  private JsonLinesFile file() throws IOException {
    open = JsonLinesFile.open(path, configuration(), undelivered);
    return open.orElseThrow();
  }

  private Configuration configuration() {
    return Configuration.load(Map.of(), Map.of("HOME", spool.toString()), Optional.empty());
  }

  private void append(String lines) throws IOException {
    Files.writeString(path, lines, StandardOpenOption.APPEND);
  }

  /** The broker takes all that it has been given. */
  private void acknowledge() {
    while (kafka.completeNext()) {}
  }

  /** Sends on, with pauses as the file wants them, until something is on its way. */
  private void sendWhatCame(JsonLinesFile file) {
    await().pollInterval(Duration.ofMillis(5)).until(() -> file.send(producer));
  }

  private List<String> badLines() {
    return kafka.history().stream()
        .filter(record -> record.headers().lastHeader(WireFormat.BAD_LINE_HEADER) != null)
        .map(ProducerRecord::value)
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void linesWaitUntilTheBrokerHasAllOfThem() throws IOException {
    JsonLinesFile file = file(START + LOSS + END);

    assertThat(file.send(producer)).isTrue();
    assertThat(file.bytesWaiting()).isPositive();
    assertThat(kafka.completeNext()).isTrue();
    assertThat(file.send(producer)).as("one of two records is acknowledged").isTrue();
    assertThat(file.isDone()).isFalse();
    assertThat(file.takeAcknowledged()).isZero();

    acknowledge();

    assertThat(file.send(producer)).isFalse();
    assertThat(file.takeAcknowledged()).isEqualTo(2);
    assertThat(file.bytesWaiting()).isZero();
    assertThat(file.isDone()).isTrue();
  }

  @Test
  void whenAllIsSentNothingOfItStays() throws IOException {
    JsonLinesFile file = file(START + END);
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();
    file.saveProgress();

    file.remove();

    assertThat(spool).isEmptyDirectory();
  }

  @Test
  void whatALeaderLostIsSentAgain() throws IOException {
    JsonLinesFile file = file(START + LOSS);
    assertThat(file.send(producer)).isTrue();
    assertThat(kafka.completeNext()).isTrue();
    assertThat(kafka.errorNext(new NotLeaderOrFollowerException("an election"))).isTrue();

    assertThatThrownBy(() -> file.send(producer)).isInstanceOf(BrokerException.class);
    assertThat(file.takeAcknowledged()).isZero();

    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();
    assertThat(file.takeAcknowledged()).isEqualTo(2);
    assertThat(events).as("each was sent twice").hasSize(4);
  }

  @Test
  void aLineThatIsNoEventGoesAsItStandsAndKeepsNothingBack() throws IOException {
    JsonLinesFile file = file(START + "{\"metrics\":\n" + LOSS + END);

    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();

    assertThat(badLines()).containsExactly("{\"metrics\":");
    assertThat(undelivered.sentence()).hasValueSatisfying(s -> assertThat(s).contains("1 line is"));
    assertThat(file.takeAcknowledged()).as("two lines, and that one was lost").isEqualTo(3);
    assertThat(file.isDone()).isTrue();
  }

  @Test
  void aBadLineThatArrivedIsNoSecondDeadLetterWhenItsChunkIsSentAgain() throws IOException {
    JsonLinesFile file = file(START + "{\"metrics\":\n");
    assertThat(file.send(producer)).isTrue();
    assertThat(kafka.errorNext(new NotLeaderOrFollowerException("an election"))).isTrue();
    acknowledge();
    assertThatThrownBy(() -> file.send(producer)).isInstanceOf(BrokerException.class);

    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();

    assertThat(badLines()).hasSize(1);
    assertThat(file.takeAcknowledged()).isEqualTo(2);
  }

  @Test
  void aBadLineThatTheBrokerDoesNotTakeForItsSizeIsKeptInQuarantine() throws IOException {
    JsonLinesFile file = file(START + "{\"metrics\":\n");
    assertThat(file.send(producer)).isTrue();
    assertThat(kafka.completeNext()).as("the start").isTrue();
    assertThat(kafka.completeNext()).as("that a line was lost").isTrue();
    assertThat(kafka.errorNext(new RecordTooLargeException("10 bytes at most"))).isTrue();

    assertThat(file.send(producer)).isFalse();

    assertThat(spool.resolve("quarantine/a.jsonl-bad-line-2")).hasContent("{\"metrics\":");
    assertThat(undelivered.sentence()).hasValueSatisfying(s -> assertThat(s).contains("1 event"));
  }

  @Test
  void theNextSenderGoesOnBehindWhatWasAcknowledgedAndKnowsWhoseTheLinesAre() throws IOException {
    JsonLinesFile file = file(START + LOSS);
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();
    file.saveProgress();
    file.close();
    append(LOSS);

    JsonLinesFile next = file();
    assertThat(next.send(producer)).isTrue();

    assertThat(events).hasSize(3);
    assertThat(Envelope.of(events.get(2)).run()).isEqualTo(Envelope.of(events.get(0)).run());
    assertThat(((MetricsLogged) events.get(2)).getFirstSeq()).isEqualTo(1);
  }

  @Test
  void aNoteThatDoesNotBelongToTheseLinesSendsAllOfThemAgain() throws IOException {
    JsonLinesFile file = file(START + LOSS);
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();
    file.saveProgress();
    file.close();
    Files.writeString(path, START);

    assertThat(file().send(producer)).isTrue();

    assertThat(events).as("the start once more").hasSize(3);
  }

  @Test
  void aFileThatGotShorterIsReadFromItsBeginning() throws IOException {
    JsonLinesFile file = file(START + LOSS);
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();

    Files.writeString(path, START);
    sendWhatCame(file);

    assertThat(events).hasSize(3);
  }

  @Test
  void aFileOfTheSameNameThatTookItsPlaceIsReadFromItsBeginning() throws IOException {
    JsonLinesFile file = file(START + LOSS);
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();

    Path fresh = Files.writeString(spool.resolve("fresh"), START + LOSS + LOSS);
    Files.delete(path);
    Files.move(fresh, path);
    sendWhatCame(file);

    assertThat(events).as("the start, and two calls in one record").hasSize(4);
  }

  @Test
  void halfALineIsWaitedForAndAFileWithoutAnEndIsNotDone() throws IOException {
    JsonLinesFile file = file(START + LOSS.substring(0, 10));
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();
    assertThat(file.isDone()).isFalse();

    append(LOSS.substring(10));
    sendWhatCame(file);
    acknowledge();
    assertThat(file.send(producer)).isFalse();

    assertThat(events).hasSize(2);
    assertThat(badLines()).isEmpty();
    assertThat(file.isDone()).as("its writer may live").isFalse();
  }

  @Test
  void oneSenderHasItAtATime() throws IOException {
    JsonLinesFile file = file(START);

    assertThat(JsonLinesFile.open(path, configuration(), undelivered)).isEmpty();

    file.close();
    file().close();
  }

  @Test
  void whereItWasParkedItGoesOnUnlessAnotherSenderTookItUp() throws IOException {
    JsonLinesFile file = file(START);
    assertThat(file.send(producer)).isTrue();
    acknowledge();
    assertThat(file.send(producer)).isFalse();
    assertThat(file.park()).isEqualTo(START.length());

    try (JsonLinesFile other = file()) {
      assertThat(other.path()).isEqualTo(path);
      assertThat(file.resume()).isFalse();
    }
    append(LOSS);
    open = Optional.of(file);
    assertThat(file.resume()).isTrue();
    sendWhatCame(file);

    assertThat(events).hasSize(2);
  }

  @Test
  void aFileThatIsGoneIsNobodys() throws IOException {
    assertThat(JsonLinesFile.open(path, configuration(), undelivered)).isEmpty();

    assertThat(spool).as("nor is a lock left").isEmptyDirectory();
  }
}
