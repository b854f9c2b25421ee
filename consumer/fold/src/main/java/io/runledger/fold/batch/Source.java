package io.runledger.fold.batch;

/**
 * Where a record came from.
 *
 * @param topic name of the topic; of a file of a spool, its path there
 * @param partition number of the partition; of a file, what distinguishes it from others that had
 *     its name
 * @param offset offset in the partition; in a file of lines the number of the line, in a segment
 *     the event's seq
 * @param timestamp the broker's, in milliseconds since 1970; in a file the job's
 */
public record Source(String topic, int partition, long offset, long timestamp) {

  /** Whether it is a file of a spool, which may hold events of any kind. */
  public boolean isFile() {
    return topic.endsWith(".avro") || topic.endsWith(".jsonl");
  }

  /** As people and Kafka's tools write it: topic-partition@offset; of a file name@place. */
  @Override
  public String toString() {
    return isFile() ? topic + "@" + offset : topic + "-" + partition + "@" + offset;
  }
}
