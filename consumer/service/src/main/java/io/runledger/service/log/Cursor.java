package io.runledger.service.log;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    positions.forEach((partition, position) -> consumer.seek(partition, committed(position)));
  }

  /** The same for Kafka's own bookkeeping, which only lag tools read. */
  public static Map<TopicPartition, OffsetAndMetadata> forLagTools(List<Advance> advances) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    advances.forEach(
        advance -> offsets.put(PositionCheck.partitionOf(advance.to()), committed(advance.to())));
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
