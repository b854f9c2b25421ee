package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What moves a position in memory: that it moved in the database, and nothing else. */
class CursorTest {

  private static final TopicPartition RUNS = new TopicPartition("runledger.runs", 0);
  private static final TopicPartition ERRORS = new TopicPartition("runledger.errors", 1);

  private final Cursor cursor =
      new Cursor(List.of(position(RUNS, 5, OptionalInt.of(2)), position(ERRORS, 7, none())));

  private static OptionalInt none() {
    return OptionalInt.empty();
  }

  private static Position position(TopicPartition partition, long offset, OptionalInt epoch) {
    return new Position("cluster", partition.topic(), "id", partition.partition(), offset, epoch);
  }

  @Test
  void onlyPartitionsThatGoForwardAdvance() {
    List<Advance> advances =
        cursor.advances(
            Map.of(RUNS, new NextOffset(9, OptionalInt.of(3)), ERRORS, new NextOffset(7, none())));

    assertThat(advances)
        .containsExactly(
            new Advance(
                position(RUNS, 5, OptionalInt.of(2)), position(RUNS, 9, OptionalInt.of(3))));
  }

  @Test
  void aPositionNeverGoesBack() {
    assertThat(cursor.advances(Map.of(RUNS, new NextOffset(4, none())))).isEmpty();
  }

  @Test
  void whatWasReadAndNotAppliedLeavesNoTrace() {
    List<Advance> unused = cursor.advances(Map.of(RUNS, new NextOffset(9, none())));

    assertThat(cursor.offset(RUNS)).isEqualTo(5);
  }

  @Test
  void readingGoesOnFromWhatIsInTheDatabaseInEveryPartition() {
    MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
    kafka.assign(List.of(RUNS, ERRORS));

    cursor.moved(cursor.advances(Map.of(RUNS, new NextOffset(9, none()))));
    cursor.seek(kafka);

    assertThat(kafka.position(RUNS)).isEqualTo(9);
    assertThat(kafka.position(ERRORS)).isEqualTo(7);
  }

  @Test
  void lagToolsAreToldTheOffsetWithTheEpochThatBrokersCompare() {
    List<Advance> advances =
        cursor.advances(
            Map.of(RUNS, new NextOffset(9, OptionalInt.of(3)), ERRORS, new NextOffset(8, none())));

    assertThat(Cursor.forLagTools(advances))
        .containsOnly(
            Map.entry(RUNS, new OffsetAndMetadata(9, Optional.of(3), "")),
            Map.entry(ERRORS, new OffsetAndMetadata(8, Optional.empty(), "")));
  }
}
