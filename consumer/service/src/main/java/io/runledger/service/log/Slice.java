package io.runledger.service.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Part of what one poll returned, small enough for one transaction.
 *
 * @param records in the order of each partition
 * @param next where each partition resumes once the records are applied. It may lie beyond the last
 *     record, because transaction markers take offsets too, and it may be all there is.
 */
public record Slice(
    List<ConsumerRecord<byte[], byte[]>> records, Map<TopicPartition, NextOffset> next) {

  /**
   * Bytes of keys and values in one slice: about 350,000 points, which is under a second of
   * writing, so that a batch ends well inside batch.max.ms and max.poll.interval.ms.
   */
  static final int MAX_BYTES = 4 << 20;

  /** Cuts what a poll returned into slices; the last one of a partition takes the poll's end. */
  public static List<Slice> of(ConsumerRecords<byte[], byte[]> polled) {
    return of(polled, Map.of());
  }

  /** As {@link #of(ConsumerRecords)}, and leaves out everything from the given offsets on. */
  public static List<Slice> of(
      ConsumerRecords<byte[], byte[]> polled, Map<TopicPartition, Long> limits) {
    List<Slice> slices = new ArrayList<>();
    Slice open = new Slice(new ArrayList<>(), new HashMap<>());
    long bytes = 0;
    for (TopicPartition partition : polled.partitions()) {
      long limit = limits.getOrDefault(partition, Long.MAX_VALUE);
      for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
        if (record.offset() >= limit) {
          break;
        }
        if (bytes >= MAX_BYTES) {
          slices.add(open);
          open = new Slice(new ArrayList<>(), new HashMap<>());
          bytes = 0;
        }
        open.records.add(record);
        open.next.put(partition, NextOffset.after(record));
        bytes += size(record);
      }
    }
    Slice last = open;
    polled
        .nextOffsets()
        .forEach(
            (partition, next) ->
                last.next.put(
                    partition,
                    NextOffset.of(next).atMost(limits.getOrDefault(partition, Long.MAX_VALUE))));
    if (!last.next.isEmpty()) {
      slices.add(last);
    }
    return slices;
  }

  private static long size(ConsumerRecord<byte[], byte[]> record) {
    // Not less than a few bytes a record, so that a million empty ones are cut too.
    return 16L
        + Math.max(0, record.serializedKeySize())
        + Math.max(0, record.serializedValueSize());
  }
}
