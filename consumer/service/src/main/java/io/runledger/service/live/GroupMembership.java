package io.runledger.service.live;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;

/**
 * The partitions that the group gave to this member. A partition that comes is held: it is not read
 * before the loop has compared positions and taken possession. Nothing is written here, least of
 * all for partitions that were lost: they may have another owner by now. Called inside {@code
 * poll}, on the loop's thread.
 */
final class GroupMembership implements ConsumerRebalanceListener {

  private final Consumer<?, ?> consumer;
  private final Set<TopicPartition> assigned = new HashSet<>();
  private boolean changed;

  GroupMembership(Consumer<?, ?> consumer) {
    this.consumer = consumer;
  }

  Set<TopicPartition> assigned() {
    return Set.copyOf(assigned);
  }

  /** Whether anything came or went since this was last asked. */
  boolean changed() {
    boolean answer = changed;
    changed = false;
    return answer;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    changed = true;
    assigned.addAll(partitions);
    // Any position will do while nothing is read. With none, the consumer would look for one in
    // Kafka, and that is not where positions are.
    partitions.forEach(partition -> consumer.seek(partition, 0));
    consumer.pause(assigned);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    changed = true;
    assigned.removeAll(Set.copyOf(partitions));
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    onPartitionsRevoked(partitions);
  }
}
