package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.config.Configuration;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A spool is sent whatever the broker does meanwhile, and keeps what did not arrive. */
@Timeout(60)
class SpoolSenderTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** What the broker does with a record. */
  private enum Answer {
    TAKEN,
    NONE,
    NO_LEADER,
    TOO_LARGE
  }

  @TempDir private Path spool;
  private final List<Long> writersSent = new CopyOnWriteArrayList<>();
  private volatile Function<ProducerRecord<byte[], byte[]>, Answer> broker = any -> Answer.TAKEN;
  private volatile long writerThatCannotBeSent;
  private Optional<SpoolSender> running = Optional.empty();

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
        @Override
        public synchronized Future<RecordMetadata> send(
            ProducerRecord<byte[], byte[]> record, Callback callback) {
          Answer answer = broker.apply(record);
          Future<RecordMetadata> future = super.send(record, callback);
          switch (answer) {
            case TAKEN -> completeNext();
            case NO_LEADER -> errorNext(new NotLeaderOrFollowerException("an election"));
            case TOO_LARGE -> errorNext(new RecordTooLargeException("1 MB at most"));
            case NONE -> {}
          }
          return future;
        }
      };

  private SpoolSender start() {
    SpoolSender started =
        new SpoolSender(
                spool,
                configuration(),
                4,
                new EventProducer(
                    TopicNames.DEFAULT, Map.of(), 1 << 20, this::serialized, properties -> kafka))
            .start();
    running = Optional.of(started);
    return started;
  }

  private byte[] serialized(String topic, SpecificRecord event) {
    long writer = Envelope.of(event).writer();
    if (writer == writerThatCannotBeSent) {
      throw new IllegalStateException("An event that no serializer takes.");
    }
    writersSent.add(writer);
    return new byte[16];
  }

  private Configuration configuration() {
    return Configuration.load(Map.of(), Map.of("HOME", spool.toString()), Optional.empty());
  }

  @AfterEach
  void stop() {
    running.ifPresent(SpoolSender::close);
  }

  private void write(long writer, int events) throws IOException {
    try (SpoolWriter open = SpoolWriter.create(spool, writer, 1 << 20, 1L << 30, 1 << 20)) {
      for (int i = 0; i < events; i++) {
        open.append(Topics.METRICS, seq -> metric(writer, seq));
      }
    }
  }

  private static SpecificRecord metric(long writer, long seq) {
    Map<String, Double> values = Map.of("loss", (double) seq);
    return new MetricsLogged(
        1L, 2L, writer, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private List<Path> left() throws IOException {
    return SpoolDirectory.writers(spool);
  }

  @Test
  void whenAllIsAcknowledgedTheSpoolIsEmpty() throws IOException {
    write(77, 3);
    write(78, 2);
    SpoolSender sender = start();

    assertThat(sender.awaitIdle(LONG)).isTrue();

    assertThat(sender.sentEvents()).isEqualTo(5);
    assertThat(sender.trouble()).isEmpty();
    assertThat(left()).isEmpty();
  }

  @Test
  void whatComesWhileItRunsIsSentOnceItLooks() throws IOException {
    SpoolSender sender = start();
    assertThat(sender.awaitIdle(LONG)).isTrue();

    write(77, 3);
    sender.wakeUp();
    await().atMost(LONG).until(() -> sender.sentEvents() == 3);

    assertThat(sender.awaitIdle(LONG)).isTrue();
  }

  @Test
  void whoAsksWithoutAPauseKeepsNobodyFromBeingServed() throws Exception {
    SpoolSender sender = start();
    AtomicBoolean isOver = new AtomicBoolean();
    Thread asking =
        new Thread(
            () -> {
              while (!isOver.get()) {
                sender.wakeUp();
              }
            });
    asking.start();
    try {
      write(77, 3);
      await().atMost(LONG).until(() -> sender.sentEvents() == 3);
    } finally {
      isOver.set(true);
      asking.join();
    }

    assertThat(sender.awaitIdle(LONG)).isTrue();
  }

  @Test
  void whileTheBrokerIsDownEventsWaitAndWhenItIsUpTheyArrive() throws IOException {
    write(77, 3);
    broker =
        any -> {
          throw new KafkaException("no route to any broker");
        };
    SpoolSender sender = start();

    await().atMost(LONG).until(() -> sender.trouble().isPresent());
    assertThat(sender.trouble().orElseThrow())
        .contains("Events are waiting in")
        .contains("no route");
    assertThat(sender.sentEvents()).isZero();
    assertThat(left()).hasSize(1);
    broker = any -> Answer.TAKEN;

    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(sender.sentEvents()).isEqualTo(3);
    assertThat(sender.trouble()).isEmpty();
  }

  @Test
  void whatALeaderLostIsSentAgainAndCountsOnce() throws IOException {
    write(77, 3);
    broker =
        any -> {
          broker = again -> Answer.TAKEN;
          return Answer.NO_LEADER;
        };

    SpoolSender sender = start();

    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(kafka.history()).hasSize(2);
    assertThat(sender.sentEvents()).isEqualTo(3);
  }

  @Test
  void whatIsTooLargeIsKeptAndTheRestArrives() throws IOException {
    write(77, 3);
    broker =
        record -> {
          boolean isMetric = record.topic().equals(TopicNames.DEFAULT.name(Topics.METRICS));
          return isMetric && kafka.history().size() <= 1 ? Answer.TOO_LARGE : Answer.TAKEN;
        };

    SpoolSender sender = start();

    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(sender.sentEvents()).isEqualTo(2);
    assertThat(Quarantine.sendable(spool)).hasSize(1);
    assertThat(left()).isEmpty();
  }

  @Test
  void whatIsOnItsWayWhenItIsClosedStaysForTheNextSender() throws IOException {
    write(77, 3);
    broker = any -> Answer.NONE;
    SpoolSender sender = start();
    await().atMost(LONG).until(() -> !kafka.history().isEmpty());

    assertThat(sender.awaitIdle(Duration.ofMillis(50))).isFalse();
    sender.close();
    assertThat(left()).hasSize(1);
    assertThat(kafka.closed()).isTrue();
    assertThat(sender.awaitIdle(LONG)).as("nobody sends any more").isFalse();

    assertThat(SpoolDrain.waitingBytes(spool)).isPositive();
  }

  @Test
  void aWriterThatCannotBeSentKeepsNoOtherBack() throws IOException {
    write(77, 3);
    write(78, 2);
    writerThatCannotBeSent = 77;

    SpoolSender sender = start();

    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(sender.sentEvents()).isEqualTo(2);
    assertThat(writersSent).containsOnly(78L);
    assertThat(left()).hasSize(1);
  }

  @Test
  void whileAWriterLivesItsDirectoryStaysThoughAllIsSent() throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, 77, 1 << 20, 1L << 30, 1 << 20)) {
      writer.append(Topics.METRICS, seq -> metric(77, seq));
      SpoolSender sender = start();

      assertThat(sender.awaitIdle(LONG)).isTrue();

      assertThat(sender.sentEvents()).isEqualTo(1);
      assertThat(writer.directory()).exists();
    }
  }
}
