package io.runledger.service.live;

import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.group.Member;
import io.runledger.service.log.Brokers;
import io.runledger.service.log.Cursor;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this member reads into the database: each from when it claimed its position
 * until the partition is revoked, lost or fenced off. Used by the loop's thread, but for {@link
 * #positions}.
 */
final class Claims {

  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  /** How long the group may take to confirm that a member is one of its own. */
  private static final Duration CONFIRMATION = Duration.ofSeconds(10);

  private final ProjectionLocation database;
  private final Member member;
  private final Consumer<byte[], byte[]> consumer;
  private final Brokers brokers;
  private final LiveProjection projection;
  private final OtherGroups otherGroups;
  private final LeadDuties duties;
  private final Cursor cursor = new Cursor(List.of());

  /** Those of the cursor, for other threads. */
  private volatile List<Position> positions = List.of();

  /** Whether what one member does for all of them is this one's. */
  private boolean leading;

  Claims(
      ProjectionLocation database,
      Member member,
      Consumer<byte[], byte[]> consumer,
      Brokers brokers,
      LiveProjection projection,
      OtherGroups otherGroups,
      LeadDuties duties) {
    this.database = database;
    this.member = member;
    this.consumer = consumer;
    this.brokers = brokers;
    this.projection = projection;
    this.otherGroups = otherGroups;
    this.duties = duties;
  }

  boolean isEmpty() {
    return positions.isEmpty();
  }

  /** Where reading resumes, in the partitions that are claimed. */
  Cursor cursor() {
    return cursor;
  }

  /** As they are in the database; from any thread. */
  List<Position> positions() {
    return positions;
  }

  /** Whether all of these are claimed. */
  boolean contain(Set<TopicPartition> partitions) {
    return cursor.partitions().containsAll(partitions);
  }

  /** Notes that positions moved on in the database. */
  void moved() {
    positions = cursor.positions();
  }

  /**
   * Opens the newest generation, compares its positions with the log, claims those of these
   * partitions and reads on from them.
   *
   * @return for what there is to wait; empty when they are claimed
   * @throws io.runledger.service.stop.StopException when the log is not the one that was read, or
   *     another group fills the database
   */
  Optional<String> claim(Set<TopicPartition> partitions) {
    projection.reopen();
    // Before the log: a position that another member moves on meanwhile would seem to lie beyond
    // its end.
    List<OwnedPosition> stored = projection.owners();
    LogState log = brokers.inspect();
    Optional<String> missing = missing(partitions, log);
    if (missing.isPresent()) {
      return missing;
    }
    List<Position> wanted =
        PositionCheck.resume(database, stored.stream().map(OwnedPosition::position).toList(), log)
            .stream()
            .filter(position -> partitions.contains(PositionCheck.partitionOf(position)))
            .toList();
    if (database.severalMayWrite()) {
      Optional<String> why = otherGroups.ask(stored, partitions);
      if (why.isPresent()) {
        return why;
      }
      if (!isConfirmed(wanted)) {
        return Optional.of("The consumer group is being rebalanced.");
      }
    }
    cursor.add(projection.claim(member.owner(), wanted));
    moved();
    cursor.seek(consumer, partitions);
    LOG.info("Reading {} partitions into {}.", cursor.partitions().size(), database);
    if (hasLead(partitions)) {
      leading = true;
      duties.begin();
    }
    return Optional.empty();
  }

  private Optional<String> missing(Set<TopicPartition> partitions, LogState log) {
    if (database.severalMayWrite()) {
      return log.names().containsAll(partitions)
          ? Optional.empty()
          : Optional.of("The brokers do not show all partitions that the group assigned yet.");
    }
    return log.names().equals(partitions)
        ? Optional.empty()
        : Optional.of(
            "The consumer group assigned %d of %d partitions to this member, which reads all or none; the group has other members. Only a database on PostgreSQL can be filled by several consumers: see 'Several consumers' in deploy/docs/operator.md."
                .formatted(partitions.size(), log.names().size()));
  }

  /**
   * Whether the group still knows this member, in its present generation: it accepts a commit from
   * no other. Whoever slept until the group had given its partitions to others learns it here, and
   * takes nothing from them.
   */
  private boolean isConfirmed(List<Position> wanted) {
    try {
      consumer.commitSync(Cursor.offsets(wanted), CONFIRMATION);
      return true;
    } catch (RebalanceInProgressException | CommitFailedException e) {
      LOG.debug("The group does not confirm this member now; the next poll says more.", e);
      return false;
    }
  }

  /** Whether this member does what one member does for all of them. */
  boolean isLead() {
    return hasLead(cursor.partitions());
  }

  /**
   * Whether a request about a dead letter is this member's to carry out: the one that has its
   * partition does, and the one that leads does where nobody can have it.
   *
   * @param letter empty when there is no such letter
   */
  boolean isOurs(Optional<DeadLetter> letter) {
    if (!database.severalMayWrite()) {
      return true;
    }
    Optional<TopicPartition> from =
        letter
            .map(DeadLetter::source)
            .map(source -> new TopicPartition(source.topic(), source.partition()));
    return from.filter(cursor.partitions()::contains).isPresent()
        || (isLead() && from.filter(this::isStored).isEmpty());
  }

  private boolean isStored(TopicPartition partition) {
    return PositionCheck.byPartition(projection.positions()).containsKey(partition);
  }

  private static boolean hasLead(Set<TopicPartition> partitions) {
    return partitions.stream().anyMatch(partition -> partition.partition() == 0);
  }

  /**
   * Gives partitions up for whoever gets them next: what is done for all members is finished first,
   * and the database says that nobody has them.
   */
  void release(Set<TopicPartition> partitions) {
    List<Position> released = cursor.remove(partitions);
    moved();
    if (leading && hasLead(partitions)) {
      leading = false;
      duties.finish();
    }
    if (released.isEmpty()) {
      return;
    }
    try {
      projection.release(released);
    } catch (ProjectionUnavailableException | ProjectionDamagedException e) {
      // Whoever claims them next fences this member off all the same.
      LOG.warn("The partitions given up are not marked as such: {}", e.getMessage());
    }
  }

  /** Forgets partitions that others have now. */
  void lose(Set<TopicPartition> partitions) {
    cursor.remove(partitions);
    moved();
    if (leading && hasLead(partitions)) {
      leading = false;
      duties.abandon();
    }
  }

  /** Forgets where reading resumes: the database is asked again before anything is read. */
  void drop() {
    cursor.remove(cursor.partitions());
    moved();
  }
}
