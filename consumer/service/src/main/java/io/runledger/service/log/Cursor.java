package io.runledger.service.log;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The positions as the database holds them, kept in memory as well. What was read but not applied
 * leaves no trace here, so going back to it is always right. Not thread-safe.
 */
public final class Cursor {

  private final Map<TopicPartition, Position> positions;

  public Cursor(List<Position> stored) {
    this.positions = new HashMap<>(PositionCheck.byPartition(stored));
  }

  public List<Position> positions() {
    return List.copyOf(positions.values());
  }

  /** The partitions that have a position here. */
  public Set<TopicPartition> partitions() {
    return Set.copyOf(positions.keySet());
  }

  /** Takes over positions as they are stored; of a partition that is here already, too. */
  public void add(List<Position> stored) {
    positions.putAll(PositionCheck.byPartition(stored));
  }

  /** Forgets partitions, and returns the positions that they had here. */
  public List<Position> remove(Collection<TopicPartition> partitions) {
    List<Position> removed = new ArrayList<>();
    partitions.forEach(
        partition -> Optional.ofNullable(positions.remove(partition)).ifPresent(removed::add));
    return removed;
  }

  long offset(TopicPartition partition) {
    return positions.get(partition).nextOffset();
  }

  /** The moves that a batch makes; partitions that stay where they are have none. */
  public List<Advance> advances(Map<TopicPartition, NextOffset> next) {
    List<Advance> advances = new ArrayList<>();
    next.forEach(
        (partition, to) -> {
          Position from = positions.get(partition);
          if (to.offset() > from.nextOffset()) {
            advances.add(new Advance(from, from.at(to.offset(), to.leaderEpoch())));
          }
        });
    return advances;
  }

  /** Takes over moves that are in the database now. */
  public void moved(List<Advance> advances) {
    advances.forEach(
        advance -> positions.put(PositionCheck.partitionOf(advance.to()), advance.to()));
  }

  /** Makes the consumer read on from here, in every partition. */
  public void seek(Consumer<?, ?> consumer) {
    seek(consumer, positions.keySet());
  }

  /** Makes the consumer read on from here, in some of the partitions. */
  public void seek(Consumer<?, ?> consumer, Set<TopicPartition> partitions) {
    partitions.forEach(partition -> consumer.seek(partition, committed(positions.get(partition))));
  }

  /** The same for Kafka's own bookkeeping, which only lag tools read. */
  public static Map<TopicPartition, OffsetAndMetadata> forLagTools(List<Advance> advances) {
    return offsets(advances.stream().map(Advance::to).toList());
  }

  /** Positions as Kafka keeps them. */
  public static Map<TopicPartition, OffsetAndMetadata> offsets(List<Position> positions) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    positions.forEach(
        position -> offsets.put(PositionCheck.partitionOf(position), committed(position)));
    return offsets;
  }

  private static OffsetAndMetadata committed(Position position) {
    // With the leader epoch the brokers can distinguish a truncated log from a longer one.
    Optional<Integer> epoch =
        position.leaderEpoch().isPresent()
            ? Optional.of(position.leaderEpoch().getAsInt())
            : Optional.empty();
    return new OffsetAndMetadata(position.nextOffset(), epoch, "");
  }
}
