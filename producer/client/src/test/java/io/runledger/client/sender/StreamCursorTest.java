package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.spool.Acknowledgements;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream advances by what the broker has acknowledged, and by nothing else. */
class StreamCursorTest {

  private static final long WRITER = 77;
  private static final int EVENTS = 3;

  @TempDir private Path spool;
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final EventProducer producer =
      new EventProducer(
          TopicNames.DEFAULT,
          Map.of(),
          1 << 20,
          (topic, event) -> new byte[16],
          properties -> kafka);
  private Path directory;
  private StreamCursor cursor;

  @BeforeEach
  void aWriterThatEnded() throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, WRITER, 1 << 20, 1L << 30, 1 << 20)) {
      for (int i = 0; i < EVENTS; i++) {
        writer.append(Topics.METRICS, StreamCursorTest::metric);
      }
      directory = writer.directory();
    }
    cursor =
        new StreamCursor(
            directory, Topics.METRICS, new Acknowledgements.Place(1, 0), new Undelivered());
  }

  @Test
  void whatIsHandedToKafkasClientIsNotAcknowledged() throws IOException {
    sendNext();

    assertThat(cursor.settle(producer)).isZero();
    assertThat(cursor.isWaitingForBroker()).isTrue();
    assertThat(cursor.acknowledged()).isEqualTo(new Acknowledgements.Place(1, 0));
    assertThat(segments()).as("files that wait").containsOnlyKeys(1);
  }

  @Test
  void whatTheBrokerAcknowledgedIsLeftBehindAndItsFileRemoved() throws IOException {
    sendNext();
    kafka.completeNext();

    assertThat(cursor.settle(producer)).isEqualTo(EVENTS);
    assertThat(cursor.acknowledged().position()).isPositive();
    assertThat(cursor.next(true)).isEmpty();
    assertThat(segments()).as("files that wait").isEmpty();
  }

  @Test
  void whatTheBrokerRefusedIsReadAgain() throws IOException {
    List<Long> sent = sendNext();
    kafka.errorNext(new TimeoutException("no broker answered"));

    assertThatThrownBy(() -> cursor.settle(producer)).isInstanceOf(BrokerException.class);

    assertThat(cursor.acknowledged()).isEqualTo(new Acknowledgements.Place(1, 0));
    assertThat(seqs(cursor.next(true))).isEqualTo(sent);
  }

  @Test
  void aPackedRecordThatIsTooLargeGoesAgainOneByOneAndOnlyTheTooLargeEventIsQuarantined()
      throws IOException {
    sendNext();
    kafka.errorNext(new RecordTooLargeException("3 events at once"));

    assertThat(cursor.settle(producer)).isZero();
    assertThat(cursor.isOneByOne()).isTrue();
    assertThat(cursor.acknowledged()).isEqualTo(new Acknowledgements.Place(1, 0));

    cursor.sent(producer.sendEach(Topics.METRICS, cursor.next(true)));
    kafka.completeNext();
    kafka.errorNext(new RecordTooLargeException("the second alone"));
    kafka.completeNext();
    assertThat(cursor.settle(producer)).as("the run is told first").isZero();
    assertThat(kafka.completeNext()).isTrue();

    assertThat(cursor.settle(producer)).isEqualTo(EVENTS - 1);
    assertThat(cursor.next(true)).isEmpty();
    assertThat(spool.resolve("quarantine").toFile().list()).hasSize(1);
  }

  private List<Long> sendNext() throws IOException {
    List<SpecificRecord> events = cursor.next(true);
    cursor.sent(producer.send(Topics.METRICS, events));
    return seqs(events);
  }

  private static List<Long> seqs(List<SpecificRecord> events) {
    List<Long> seqs = events.stream().map(e -> ((MetricsLogged) e).getFirstSeq()).toList();
    assertThat(seqs).isEqualTo(LongStream.range(0, EVENTS).boxed().toList());
    return seqs;
  }

  private Map<Integer, Path> segments() throws IOException {
    return SpoolDirectory.segments(directory, Topics.METRICS);
  }

  private static SpecificRecord metric(long seq) {
    Map<String, Double> values = Map.of("loss", (double) seq);
    return new MetricsLogged(
        1L, 2L, WRITER, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }
}
