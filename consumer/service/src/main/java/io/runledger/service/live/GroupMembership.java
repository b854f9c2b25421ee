package io.runledger.service.live;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;

/**
 * The partitions that the group gave to this member. A partition that comes is held: it is not read
 * before the loop has compared positions and claimed it. One that is revoked is given up before
 * this returns, and with it the right of the others to it begins; of one that was lost nothing is
 * written any more, because it may have another owner by now. Called inside {@code poll}, on the
 * loop's thread, when everything polled before is applied or will be read again.
 */
final class GroupMembership implements ConsumerRebalanceListener {

  private final org.apache.kafka.clients.consumer.Consumer<?, ?> consumer;
  private final Consumer<Set<TopicPartition>> revoked;
  private final Consumer<Set<TopicPartition>> lost;
  private final Set<TopicPartition> assigned = new HashSet<>();
  private boolean joined;

  /**
   * @param revoked gives up partitions, on request
   * @param lost forgets partitions that the group has given to others
   */
  GroupMembership(
      org.apache.kafka.clients.consumer.Consumer<?, ?> consumer,
      Consumer<Set<TopicPartition>> revoked,
      Consumer<Set<TopicPartition>> lost) {
    this.consumer = consumer;
    this.revoked = revoked;
    this.lost = lost;
  }

  Set<TopicPartition> assigned() {
    return Set.copyOf(assigned);
  }

  /** Whether the group has answered, if only that there is no partition left. */
  boolean hasJoined() {
    return joined;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    joined = true;
    assigned.addAll(partitions);
    // Any position will do while nothing is read. With none, the consumer would look for one in
    // Kafka, and that is not where positions are.
    partitions.forEach(partition -> consumer.seek(partition, 0));
    consumer.pause(partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    Set<TopicPartition> gone = Set.copyOf(partitions);
    assigned.removeAll(gone);
    revoked.accept(gone);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    Set<TopicPartition> gone = Set.copyOf(partitions);
    assigned.removeAll(gone);
    lost.accept(gone);
  }
}
