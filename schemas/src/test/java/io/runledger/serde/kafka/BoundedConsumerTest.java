package io.runledger.serde.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.serde.WireFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of batches that unpack to more than a process can hold. */
class BoundedConsumerTest {

  private static final byte[] KEY = "0123456789abc".getBytes(StandardCharsets.US_ASCII);
  private static final int MEBIBYTE = 1 << 20;

  private final PollBudget budget = new PollBudget();

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip", "lz4", "snappy"})
  void aRecordThatUnpacksToFortyMegabytesComesWithoutItsValue(String compression) {
    SimpleRecord before = new SimpleRecord(1_000, KEY, new byte[] {1});
    SimpleRecord bomb = new SimpleRecord(2_000, KEY, new byte[40 * MEBIBYTE]);
    SimpleRecord after = new SimpleRecord(3_000, KEY, new byte[] {2});

    List<Record> records =
        read(
            MemoryRecords.withRecords(
                100L, Compression.of(compression).build(), before, bomb, after));

    assertThat(records).extracting(Record::offset).containsExactly(100L, 101L, 102L);
    assertThat(records).extracting(Record::timestamp).containsExactly(1_000L, 2_000L, 3_000L);
    assertThat(values(records)).containsExactly(new byte[] {1}, null, new byte[] {2});
    assertThat(bytes(records.get(1).key())).isEqualTo(KEY);
    assertThat(sentence(records.get(1)))
        .startsWith("The record has 419430")
        .contains("bytes uncompressed; records of more than 9437184 are not read.");
  }

  @Test
  void aPollStopsInsideABatchThatUnpacksToMoreThanTheHeapAndTheNextGoesOnThere() {
    MemoryRecords batch =
        MemoryRecords.withRecords(100L, Compression.zstd().build(), records(20, 8 * MEBIBYTE));

    List<Record> held = new ArrayList<>();
    long from = 100;
    int polls = 0;
    for (; from < 120; polls++) {
      BoundedBatch bounded = bounded(batch, from);
      for (Record record : read(bounded)) {
        if (record.offset() >= from) {
          held.add(record);
        }
      }
      from = bounded.nextOffset();
    }

    assertThat(polls).isEqualTo(3);
    assertThat(held).extracting(Record::offset).containsExactlyElementsOf(range(100, 120));
    assertThat(held).allMatch(record -> record.valueSize() == 8 * MEBIBYTE);
  }

  @Test
  void aBatchIsUnpackedForASecondAndNoLonger() {
    SimpleRecord[] large = records(16, 128 * MEBIBYTE);

    List<Record> records = read(MemoryRecords.withRecords(Compression.zstd().build(), large));

    assertThat(records).hasSize(8);
    assertThat(sentence(records.get(7))).contains("Its records from offset 7 to 15 are unknown:");
  }

  @Test
  void recordsOfOursComeAsTheyAre() {
    SimpleRecord[] ours = new SimpleRecord[1_000];
    for (int i = 0; i < ours.length; i++) {
      byte[] value = new byte[i];
      Arrays.fill(value, (byte) i);
      ours[i] = new SimpleRecord(i, KEY, value);
    }
    MemoryRecords batch = MemoryRecords.withRecords(Compression.zstd().build(), ours);

    List<Record> records = read(batch);

    assertThat(records).isEqualTo(all(batch.batches().iterator().next().iterator()));
  }

  @Test
  void theFieldsOfThisKafkaAreFound() {
    try (BoundedConsumer consumer =
        BoundedConsumer.of(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                "127.0.0.1:1",
                ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                "consumer"))) {
      assertThat(consumer.isBounded()).isTrue();
    }
  }

  private static SimpleRecord[] records(int count, int bytes) {
    return Collections.nCopies(count, new SimpleRecord(0, KEY, new byte[bytes]))
        .toArray(SimpleRecord[]::new);
  }

  private static List<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private List<Record> read(MemoryRecords records) {
    return read(bounded(records, 0));
  }

  /** The one batch of {@code records} as a new poll reads it. */
  private BoundedBatch bounded(MemoryRecords records, long from) {
    budget.renew();
    return new BoundedBatch(records.batches().iterator().next(), from, budget);
  }

  private static List<Record> read(BoundedBatch batch) {
    try (BufferSupplier buffers = BufferSupplier.create();
        CloseableIterator<Record> read = batch.streamingIterator(buffers)) {
      return all(read);
    }
  }

  private static List<Record> all(java.util.Iterator<Record> records) {
    List<Record> all = new ArrayList<>();
    records.forEachRemaining(all::add);
    return all;
  }

  private static Stream<byte[]> values(List<Record> records) {
    return records.stream().map(record -> bytes(record.value()));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static String sentence(Record record) {
    assertThat(record.headers()).hasSize(1);
    assertThat(record.headers()[0].key()).isEqualTo(WireFormat.NOT_HELD_HEADER);
    return new String(record.headers()[0].value(), StandardCharsets.UTF_8);
  }
}
