package io.runledger.service.live;

import io.runledger.fold.projection.OwnedPosition;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.service.group.Member;
import io.runledger.service.log.Brokers;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.stop.GroupInUseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Keeps two consumer groups from filling one database: each would take from the other what it
 * claimed. The one that came later leaves. Positions that a group left behind which has no members
 * any more may be taken; members that were killed stay in it until their sessions end. Not
 * thread-safe.
 */
public final class OtherGroups {

  private final ProjectionLocation database;
  private final String group;
  private final Brokers brokers;
  private final Duration patience;
  private final InstantSource clock;
  private Optional<Instant> firstAsked = Optional.empty();

  /**
   * @param group the one that this member is in
   * @param patience how long the members of another group may take to leave
   */
  public OtherGroups(
      ProjectionLocation database,
      String group,
      Brokers brokers,
      Duration patience,
      InstantSource clock) {
    this.database = database;
    this.group = group;
    this.brokers = brokers;
    this.patience = patience;
    this.clock = clock;
  }

  /**
   * Asks once.
   *
   * @param partitions those that are to be claimed
   * @return for what there is to wait; empty when no other group has any of them
   * @throws GroupInUseException when another group has, and its members did not leave
   */
  Optional<String> ask(List<OwnedPosition> stored, Set<TopicPartition> partitions) {
    for (OwnedPosition owned : stored) {
      Optional<Member> owner = another(owned, partitions);
      if (owner.isPresent()) {
        List<String> members = brokers.otherMembers(owner.get().group(), "");
        if (!members.isEmpty()) {
          return Optional.of(waitFor(owner.get().group(), members));
        }
      }
    }
    firstAsked = Optional.empty();
    return Optional.empty();
  }

  private String waitFor(String other, List<String> members) {
    Instant since = firstAsked.orElseGet(clock::instant);
    firstAsked = Optional.of(since);
    if (clock.instant().isAfter(since.plus(patience))) {
      throw inUse(other, String.join(", ", members));
    }
    return "Waiting for the members of consumer group %s (%s), which fills the same database, to leave it."
        .formatted(other, String.join(", ", members));
  }

  /**
   * Leaves, if it was another group that claimed one of these partitions.
   *
   * @throws GroupInUseException naming it
   */
  void requireNone(List<OwnedPosition> stored, Set<TopicPartition> partitions) {
    for (OwnedPosition owned : stored) {
      Optional<Member> owner = another(owned, partitions);
      if (owner.isPresent()) {
        throw inUse(owner.get().group(), owner.get().name());
      }
    }
  }

  private Optional<Member> another(OwnedPosition owned, Set<TopicPartition> partitions) {
    return owned
        .owner()
        .filter(owner -> partitions.contains(PositionCheck.partitionOf(owned.position())))
        .flatMap(Member::of)
        .filter(owner -> !owner.group().equals(group));
  }

  private GroupInUseException inUse(String other, String members) {
    return new GroupInUseException(
        "Consumer group %s (%s) fills the database %s, and this service is in group %s: two groups cannot fill one database. Set group.id=%s to share the work with it, stop that group, or specify another database with --db."
            .formatted(other, members, database, group, other));
  }
}
