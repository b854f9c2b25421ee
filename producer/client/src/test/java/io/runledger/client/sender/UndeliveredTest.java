package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What did not arrive is reported, by the sender and in the run, and can be sent later. */
@Timeout(60)
class UndeliveredTest {

  private static final int LIMIT = 1_000;

  @TempDir private Path spool;
  private final Undelivered undelivered = new Undelivered();
  private final List<SpecificRecord> sent = new ArrayList<>();
  private int topicTakes = LIMIT;

  /** Takes records up to the size that the topic takes. */
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
        @Override
        public synchronized Future<RecordMetadata> send(
            ProducerRecord<byte[], byte[]> message, Callback callback) {
          if (message.value().length > topicTakes) {
            callback.onCompletion(null, new RecordTooLargeException());
            return new CompletableFuture<>();
          }
          return super.send(message, callback);
        }
      };

  private final EventProducer producer =
      new EventProducer(
          TopicNames.DEFAULT,
          Map.of(),
          1 << 20,
          (topic, event) -> {
            sent.add(event);
            return new byte[event.toString().length()];
          },
          properties -> kafka);

  @Test
  void aQuarantinedEventAtTheEndOfAStreamIsShownByItsRunAndSentWhenTheLimitWasRaised()
      throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, 77, 1 << 20, 1L << 30, 1 << 20)) {
      writer.append(Topics.METRICS, seq -> metric(seq, "loss"));
      writer.append(Topics.METRICS, seq -> metric(seq, "x".repeat(LIMIT)));
    }

    drain(configuration());

    assertThat(undelivered.sentence().orElseThrow()).contains("1 event is too large");
    assertThat(Quarantine.sentence(spool).orElseThrow()).contains("sync --quarantined");
    assertThat(dropped())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getRunId()).isEqualTo(1);
              assertThat(event.getAttemptId()).isEqualTo(2);
              assertThat(((EventsDropped) event.getEvent()).getTopic())
                  .isEqualTo(Topics.METRICS.streamName());
            });

    topicTakes = 1 << 20;
    sent.clear();
    long arrived = new QuarantinedEvents(spool, configuration(), producer).send(soon());

    assertThat(arrived).isEqualTo(1);
    assertThat(sent).extracting(event -> ((MetricsLogged) event).getFirstSeq()).containsExactly(1L);
    assertThat(Quarantine.sentence(spool)).isEmpty();
  }

  @Test
  void anEventThatIsStillTooLargeStaysInQuarantine() throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, 77, 1 << 20, 1L << 30, 1 << 20)) {
      writer.append(Topics.METRICS, seq -> metric(seq, "x".repeat(LIMIT)));
    }
    drain(configuration());

    assertThat(new QuarantinedEvents(spool, configuration(), producer).send(soon())).isZero();

    assertThat(Quarantine.sentence(spool)).isPresent();
  }

  @Test
  void aLineOfManyMegabytesIsQuarantinedAndBlocksNothingBehindIt() throws IOException {
    topicTakes = 1 << 20;
    Path file = spool.resolve("a.jsonl");
    Files.writeString(
        file,
        "{\"at\":1795000000,\"start\":{\"experiment\":\"longline\"}}\n{\"metrics\":{\""
            + "x".repeat(17 << 20)
            + "\":1}}\n{\"metrics\":{\"ok\":1},\"step\":1}\n{\"end\":true}\n");

    drain(configuration());

    assertThat(file).doesNotExist();
    assertThat(metricNames()).containsExactly("ok");
    assertThat(dropped()).hasSize(1);
    assertThat(undelivered.sentence()).isPresent();
    assertThat(spool.resolve("quarantine/a.jsonl-line-2")).hasSize((17L << 20) + 18);
  }

  @Test
  void aLineThatWasTooLongIsSentAsAnEventOfItsRunWhenTheLimitWasRaised() throws IOException {
    topicTakes = 1 << 20;
    Configuration small = configuration().with(Setting.RECORD_MAX_BYTES, "2000");
    Files.writeString(
        spool.resolve("a.jsonl"),
        "{\"at\":1795000000,\"start\":{\"experiment\":\"e\"}}\n{\"metrics\":{\""
            + "x".repeat(3_000)
            + "\":1}}\n{\"end\":true}\n");
    drain(small);
    assertThat(metricNames()).isEmpty();

    new QuarantinedEvents(spool, configuration(), producer).send(soon());

    assertThat(metricNames()).containsExactly("x".repeat(3_000));
    assertThat(sent)
        .filteredOn(MetricsLogged.class::isInstance)
        .extracting(event -> ((MetricsLogged) event).getRunId())
        .containsExactly(((RunEvent) sent.get(0)).getRunId());
    assertThat(Quarantine.sentence(spool)).isEmpty();
  }

  @Test
  void linesThatAreNoEventsAreCounted() throws IOException {
    topicTakes = 1 << 20;
    Files.writeString(spool.resolve("a.jsonl"), "nonsense\nmore of it\n{\"end\":true}\n");

    drain(configuration());

    assertThat(undelivered.sentence().orElseThrow()).contains("2 lines are not valid");
  }

  @Test
  void oneOfAKindIsSaidInTheSingular() {
    undelivered.badLines(1);
    undelivered.quarantined(1);
    undelivered.foreign(1, Optional.of(Path.of("/spool/theirs.jsonl")));

    assertThat(undelivered.sentence().orElseThrow())
        .contains(
            "1 line is not valid", "1 event is too large and was", "1 file or directory belongs");
  }

  @Test
  void filesOfOtherUsersAreCounted() {
    undelivered.foreign(3, Optional.of(Path.of("/spool/theirs.jsonl")));

    assertThat(undelivered.sentence().orElseThrow())
        .contains("3 files or directories belong to other users", "theirs.jsonl");
  }

  private List<RunEvent> dropped() {
    return sent.stream()
        .filter(RunEvent.class::isInstance)
        .map(RunEvent.class::cast)
        .filter(event -> event.getEvent() instanceof EventsDropped)
        .toList();
  }

  private List<String> metricNames() {
    return sent.stream()
        .filter(MetricsLogged.class::isInstance)
        .flatMap(event -> ((MetricsLogged) event).getRows().stream())
        .flatMap(row -> row.getValues().keySet().stream())
        .toList();
  }

  private void drain(Configuration configuration) throws IOException {
    OpenSources sources =
        new OpenSources(spool, configuration, new SkippedWriters(), undelivered, 4);
    sources.look();
    boolean busy = true;
    while (busy || sources.isWaiting()) {
      sources.fill();
      busy = false;
      for (SpoolSource source : sources.all()) {
        boolean waiting = source.send(producer);
        busy |= waiting;
        sources.setIdle(source, !waiting);
        if (!waiting && source.isDone()) {
          sources.remove(source);
        }
      }
    }
  }

  private static long soon() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
  }

  private Configuration configuration() {
    return Configuration.load(
        Map.of(Setting.SPOOL.key(), spool.toString()),
        Map.of("HOME", spool.toString()),
        Optional.empty());
  }

  private static SpecificRecord metric(long seq, String name) {
    return new MetricsLogged(
        1L,
        2L,
        77L,
        seq,
        List.of(new MetricRow(Instant.EPOCH, seq, null, null, Map.of(name, 1.0))));
  }
}
