package io.runledger.service.log;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * A log at one moment: the four topics as the brokers describe them, or the files of a spool.
 *
 * @param clusterId id of the cluster, or of the spool
 * @param partitions every partition of the four topics, or every file
 */
public record LogState(
    LogKind kind, String clusterId, Map<TopicPartition, PartitionLog> partitions) {

  public LogState {
    partitions = Map.copyOf(partitions);
  }

  /**
   * One partition.
   *
   * @param topicId id of the topic, which a topic of the same name made later does not share
   * @param start first offset that is still there
   * @param end first offset that a committed reader cannot read yet
   */
  public record PartitionLog(String topicId, long start, long end) {}

  public Set<TopicPartition> names() {
    return partitions.keySet();
  }

  PartitionLog of(TopicPartition partition) {
    PartitionLog log = partitions.get(partition);
    if (log == null) {
      throw new IllegalArgumentException("No partition " + partition + " in " + names() + ".");
    }
    return log;
  }
}
