package io.runledger.fold.batch;

import java.util.OptionalInt;

/**
 * Where reading resumes in one partition: the next offset to read, and what proves that it is still
 * the same log.
 *
 * @param clusterId id of the Kafka cluster
 * @param topic name of the topic
 * @param topicId id of the topic: another one means that it was deleted and recreated
 * @param partition number of the partition
 * @param nextOffset first offset that is not applied yet
 * @param leaderEpoch epoch of the leader that wrote the record before; empty when none was read
 */
public record Position(
    String clusterId,
    String topic,
    String topicId,
    int partition,
    long nextOffset,
    OptionalInt leaderEpoch) {

  /** The same partition of the same log at another offset. */
  public Position at(long offset, OptionalInt epoch) {
    return new Position(clusterId, topic, topicId, partition, offset, epoch);
  }
}
