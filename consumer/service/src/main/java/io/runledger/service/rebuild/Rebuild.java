package io.runledger.service.rebuild;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.Replacement;
import io.runledger.service.database.InstanceId;
import io.runledger.service.database.Locations;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.PositionCheck.MissingHistory;
import io.runledger.service.log.TopicsLog;
import io.runledger.service.log.WholeLog;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;

/**
 * Rebuilds the database from the log, alongside the old one, and replaces that as a whole. Readers
 * and the service continue meanwhile. Whatever ends it early leaves the old database in place.
 */
public final class Rebuild {

  private Rebuild() {}

  /**
   * What a rebuild did.
   *
   * @param database the path that readers open
   * @param offsets offsets read
   * @param gaps ranges of the log that are missing and were accepted, as sentences
   * @param oldDatabase what was found wrong with the old database, as sentences
   */
  public record Report(
      ProjectionLocation database,
      long offsets,
      long events,
      long duplicates,
      long deadLetters,
      List<String> gaps,
      List<String> oldDatabase,
      Duration took) {

    public Report {
      gaps = List.copyOf(gaps);
      oldDatabase = List.copyOf(oldDatabase);
    }
  }

  /**
   * Rebuilds the database of {@code configuration} up to the ends of the log at this moment.
   *
   * @param acceptGap whether to continue where history is missing, which is then recorded in {@code
   *     gaps}
   * @throws PositionException when history is missing and that was not accepted
   * @throws StopException when brokers or registry do not give what is needed
   */
  public static Report run(Configuration configuration, boolean acceptGap, Progress progress)
      throws InterruptedException {
    return run(configuration, new TopicsLog(configuration), acceptGap, progress);
  }

  /** As above, of another log. */
  public static Report run(
      Configuration configuration, WholeLog whole, boolean acceptGap, Progress progress)
      throws InterruptedException {
    Instant begun = Instant.now();
    ProjectionLocation database = Locations.of(configuration);
    try (Replacement replacement = database.replace()) {
      OldDatabase old = OldDatabase.of(database);
      whole.requireOwn(database, old.positions());
      LogState log = whole.inspect();
      List<MissingHistory> missing = PositionCheck.missingForRebuild(old.positions(), log);
      requireWhole(database, missing, acceptGap);
      Replay replay = new Replay(whole);
      Filled filled =
          fill(database, replacement, InstanceId.of(database), replay, log, old, missing, progress);
      Replay.Replayed replayed = filled.replayed();
      // Before the old one loses its place: killed anywhere, its content has a name.
      List<String> foundWrong = new ArrayList<>(old.keptIfDamaged(begun));
      filled.lost().ifPresent(foundWrong::add);
      replacement.publish();
      return new Report(
          database,
          replayed.offsets(),
          replayed.result().applied(),
          replayed.result().duplicates(),
          replayed.result().deadLetters(),
          missing.stream().map(MissingHistory::why).toList(),
          foundWrong,
          Duration.between(begun, Instant.now()));
    }
  }

  /**
   * What was built.
   *
   * @param lost what damage kept from being taken over, as a sentence
   */
  private record Filled(Replay.Replayed replayed, Optional<String> lost) {}

  private static Filled fill(
      ProjectionLocation database,
      Replacement replacement,
      String owner,
      Replay replay,
      LogState log,
      OldDatabase old,
      List<MissingHistory> missing,
      Progress progress)
      throws InterruptedException {
    List<Position> beginnings = PositionCheck.beginnings(log);
    try (Projection projection = replacement.open()) {
      projection.claim(owner, beginnings);
      old.gaps().forEach(gap -> projection.recordGap(gap.at(), gap.from(), gap.to(), gap.reason()));
      for (MissingHistory gap : missing) {
        projection.recordGap(at(gap, log), gap.from(), gap.to(), gap.why());
      }
      Replay.Replayed replayed =
          replay.run(projection, beginnings, ends(log), old.schemas(log.clusterId()), progress);
      old.dismissals().forEach(projection::carryDismissal);
      // Late, because a service next to this one may still find something.
      Optional<String> lost = old.carryFirings(database, projection);
      projection.finish();
      return new Filled(replayed, lost);
    }
  }

  private static Position at(MissingHistory gap, LogState log) {
    return new Position(
        log.clusterId(),
        gap.partition().topic(),
        gap.topicId(),
        gap.partition().partition(),
        gap.to(),
        OptionalInt.empty());
  }

  private static void requireWhole(
      ProjectionLocation database, List<MissingHistory> missing, boolean acceptGap) {
    if (!missing.isEmpty() && !acceptGap) {
      throw new PositionException(
          missing.get(0).why()
              + (missing.size() > 1 ? " (%d more like it.)".formatted(missing.size() - 1) : "")
              + " A rebuild would lack them, so nothing was changed. Restore the log, or run"
              + " 'runledger rebuild --db "
              + database
              + " --accept-gap' to build it from what is left.");
    }
  }

  private static Map<TopicPartition, Long> ends(LogState log) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    log.partitions().forEach((partition, state) -> ends.put(partition, state.end()));
    return ends;
  }
}
