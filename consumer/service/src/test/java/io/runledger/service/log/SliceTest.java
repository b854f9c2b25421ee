package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SliceTest {

  private static final TopicPartition RUNS = new TopicPartition("runledger.runs", 0);

  @Test
  void theNextOffsetIsThePollsNotTheLastRecordsPlusOne() {
    List<Slice> slices = Slice.of(polled(2, 10, 5));

    assertThat(slices).hasSize(1);
    assertThat(slices.get(0).next()).containsEntry(RUNS, new NextOffset(5, OptionalInt.empty()));
  }

  @Test
  void markersAloneStillMoveThePosition() {
    List<Slice> slices = Slice.of(polled(0, 0, 3));

    assertThat(slices).hasSize(1);
    assertThat(slices.get(0).records()).isEmpty();
    assertThat(slices.get(0).next().get(RUNS).offset()).isEqualTo(3);
  }

  @Test
  void aSliceEndsWhereItsBytesDo() {
    List<Slice> slices = Slice.of(polled(10, 1 << 20, 10));

    assertThat(slices).hasSize(3);
    assertThat(slices.get(0).next().get(RUNS).offset()).isEqualTo(4);
    assertThat(slices.stream().mapToInt(slice -> slice.records().size()).sum()).isEqualTo(10);
    assertThat(slices.get(2).next().get(RUNS).offset()).isEqualTo(10);
  }

  @Test
  void nothingFromTheLimitOnIsTaken() {
    List<Slice> slices = Slice.of(polled(10, 10, 10), Map.of(RUNS, 6L));

    assertThat(slices).hasSize(1);
    assertThat(slices.get(0).records()).hasSize(6);
    assertThat(slices.get(0).next().get(RUNS).offset()).isEqualTo(6);
  }

  private static ConsumerRecords<byte[], byte[]> polled(int records, int bytes, long next) {
    List<ConsumerRecord<byte[], byte[]>> list = new ArrayList<>();
    for (int offset = 0; offset < records; offset++) {
      list.add(
          new ConsumerRecord<>(
              RUNS.topic(),
              RUNS.partition(),
              offset,
              0L,
              org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME,
              0,
              bytes,
              new byte[0],
              new byte[bytes],
              new org.apache.kafka.common.header.internals.RecordHeaders(),
              java.util.Optional.empty()));
    }
    return new ConsumerRecords<>(
        list.isEmpty() ? Map.of() : Map.of(RUNS, list), Map.of(RUNS, new OffsetAndMetadata(next)));
  }
}
