package io.runledger.service.log;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.TopicNames;
import io.runledger.service.stop.PositionException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;

/**
 * Compares stored positions with the log as it is. Pure: says where reading resumes, or which
 * history is missing, and never moves anything.
 */
public final class PositionCheck {

  /** The order in which partitions are named to people. */
  static final Comparator<TopicPartition> BY_NAME =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  /**
   * Offsets that a database should hold, or holds, and that the log no longer has.
   *
   * @param partition where
   * @param topicId the topic that had them
   * @param from first of them
   * @param to first offset after them
   * @param why a sentence
   */
  public record MissingHistory(
      TopicPartition partition, String topicId, long from, long to, String why) {}

  /** How the id begins that stands for the cluster in the positions of a spool's files. */
  public static final String SPOOL = "spool:";

  private PositionCheck() {}

  /**
   * Where the service resumes, one position a partition: the stored one, or the first offset for a
   * partition never read before.
   *
   * @throws PositionException when the log is not the one of the stored positions any more
   */
  public static List<Position> resume(
      ProjectionLocation database, List<Position> stored, LogState log) {
    refuse(database, missing(stored, log), log.kind());
    return wanted(stored, log);
  }

  /**
   * Refuses a database that was filled from topics of another prefix: it is another ledger, and its
   * positions say nothing about these topics.
   *
   * @throws PositionException naming both prefixes
   */
  public static void requireOwnTopics(
      ProjectionLocation database, List<Position> stored, TopicNames topics) {
    for (Position position : stored) {
      if (position.clusterId().startsWith(SPOOL)) {
        throw new PositionException(
            "The database %s was filled from files of a spool, and not from topics; continue with 'runledger follow', or specify another database with --db. Nothing was changed."
                .formatted(database));
      }
      if (!topics.all().contains(position.topic())) {
        throw new PositionException(
            "The database %s was filled from the topics %s.*, and topics.prefix is %s; set topics.prefix=%s, or specify another database with --db. Nothing was changed."
                .formatted(
                    database,
                    TopicNames.prefixOf(position.topic()),
                    topics.prefix(),
                    TopicNames.prefixOf(position.topic())));
      }
    }
  }

  /** What lies between the stored positions and the log as it is, and is gone. */
  public static List<MissingHistory> missing(List<Position> stored, LogState log) {
    List<MissingHistory> missing = new ArrayList<>(lost(stored, log));
    for (Position position : wanted(stored, log)) {
      LogState.PartitionLog found = log.of(partitionOf(position));
      if (position.topicId().equals(found.topicId()) && position.nextOffset() < found.start()) {
        missing.add(historyLost(partitionOf(position), position.nextOffset(), found));
      }
    }
    return missing;
  }

  /** The stored positions, and offset 0 of the partitions never read before. */
  private static List<Position> wanted(List<Position> stored, LogState log) {
    Map<TopicPartition, Position> known = byPartition(stored);
    return ordered(log).stream()
        .map(
            partition ->
                Optional.ofNullable(known.get(partition))
                    .orElseGet(
                        () ->
                            beginning(partition, log.of(partition).topicId(), 0, log.clusterId())))
        .toList();
  }

  /** Where reading resumes after an accepted gap; empty when the partition is gone. */
  public static Optional<Position> behind(MissingHistory gap, LogState log) {
    LogState.PartitionLog found = log.partitions().get(gap.partition());
    if (found == null) {
      return Optional.empty();
    }
    boolean sameTopic = found.topicId().equals(gap.topicId());
    // Records that the log lost at its end: the next ones get their offsets.
    long offset = sameTopic && gap.from() == found.end() ? found.end() : found.start();
    return Optional.of(beginning(gap.partition(), found.topicId(), offset, log.clusterId()));
  }

  /**
   * Refuses a log that is shorter than what was read of it, or another topic under the old name.
   * Tells nothing about history that was deleted: whoever reads meets that at the fetch.
   *
   * @throws PositionException naming topic, partition, stored and found
   */
  public static void requireSameLog(
      ProjectionLocation database, List<Position> stored, LogState log) {
    refuse(database, lost(stored, log), log.kind());
  }

  /** Where a rebuild begins: the first offset that is there, in every partition. */
  public static List<Position> beginnings(LogState log) {
    return ordered(log).stream()
        .map(
            partition ->
                beginning(
                    partition,
                    log.of(partition).topicId(),
                    log.of(partition).start(),
                    log.clusterId()))
        .toList();
  }

  /** What a database rebuilt from this log would lack, next to the one with these positions. */
  public static List<MissingHistory> missingForRebuild(List<Position> stored, LogState log) {
    List<MissingHistory> missing = new ArrayList<>(lost(stored, log));
    for (TopicPartition partition : ordered(log)) {
      if (log.of(partition).start() > 0) {
        missing.add(historyLost(partition, 0, log.of(partition)));
      }
    }
    return missing;
  }

  public static Map<TopicPartition, Position> byPartition(List<Position> positions) {
    Map<TopicPartition, Position> byPartition = new HashMap<>();
    positions.forEach(position -> byPartition.put(partitionOf(position), position));
    return byPartition;
  }

  public static TopicPartition partitionOf(Position position) {
    return new TopicPartition(position.topic(), position.partition());
  }

  private static List<MissingHistory> lost(List<Position> stored, LogState log) {
    List<MissingHistory> missing = new ArrayList<>();
    for (Position position : stored) {
      TopicPartition partition = partitionOf(position);
      LogState.PartitionLog found = log.partitions().get(partition);
      if (!position.clusterId().equals(log.clusterId())) {
        missing.add(gone(position, log.kind().another(position, log.clusterId())));
      } else if (found == null || !found.topicId().equals(position.topicId())) {
        String id = found == null ? "none" : found.topicId();
        missing.add(gone(position, log.kind().recreated(position, id)));
      } else if (position.nextOffset() > found.end()) {
        missing.add(
            new MissingHistory(
                partition,
                position.topicId(),
                found.end(),
                position.nextOffset(),
                log.kind().shortened(position, found.end())));
      }
    }
    return missing;
  }

  private static MissingHistory gone(Position position, String why) {
    return new MissingHistory(
        partitionOf(position), position.topicId(), 0, position.nextOffset(), why);
  }

  private static MissingHistory historyLost(
      TopicPartition partition, long stored, LogState.PartitionLog found) {
    return new MissingHistory(
        partition,
        found.topicId(),
        stored,
        found.start(),
        "Topic %s partition %d begins at offset %d, and %d is needed next (stored %d, found %d):"
                .formatted(
                    partition.topic(),
                    partition.partition(),
                    found.start(),
                    stored,
                    stored,
                    found.start())
            + " the records between were deleted.");
  }

  private static void refuse(
      ProjectionLocation database, List<MissingHistory> missing, LogKind kind) {
    if (!missing.isEmpty()) {
      throw new PositionException(
          missing.get(0).why()
              + (missing.size() > 1
                  ? " (%d more partitions are affected.)".formatted(missing.size() - 1)
                  : "")
              + " Nothing was changed. Restore the log, or continue without them: run 'runledger accept-gap "
              + (missing.size() > 1 ? "--all" : kind.option(missing.get(0).partition()))
              + " --db "
              + database
              + "', or 'runledger rebuild --accept-gap --db "
              + database
              + "' to build the database from what is left of the log.");
    }
  }

  private static Position beginning(
      TopicPartition partition, String topicId, long offset, String clusterId) {
    return new Position(
        clusterId, partition.topic(), topicId, partition.partition(), offset, OptionalInt.empty());
  }

  private static List<TopicPartition> ordered(LogState log) {
    return log.names().stream().sorted(BY_NAME).toList();
  }
}
