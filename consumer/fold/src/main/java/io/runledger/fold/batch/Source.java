package io.runledger.fold.batch;

/**
 * Where a record came from.
 *
 * @param topic name of the topic
 * @param partition number of the partition
 * @param offset offset in the partition
 * @param timestamp the broker's, in milliseconds since 1970
 */
public record Source(String topic, int partition, long offset, long timestamp) {

  /** As people and Kafka's tools write it: topic-partition@offset. */
  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
