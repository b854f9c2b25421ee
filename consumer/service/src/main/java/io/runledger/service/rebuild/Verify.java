package io.runledger.service.rebuild;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.Counterpart;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.TableComparison;
import io.runledger.service.database.Locations;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.PositionCheck.MissingHistory;
import io.runledger.service.log.TopicsLog;
import io.runledger.service.log.WholeLog;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Proves that a database is what the log says: copies it as it is at one moment, builds another one
 * from the log up to exactly the same positions, and compares both table by table. The database is
 * only read; the copies are next to it while this runs.
 */
public final class Verify {

  private Verify() {}

  /**
   * What was found.
   *
   * @param tables every table that the log determines
   * @param events events that were replayed
   * @param gaps history that is missing and was accepted, a sentence each
   */
  public record Report(List<TableComparison> tables, long events, List<String> gaps) {

    public Report {
      tables = List.copyOf(tables);
      gaps = List.copyOf(gaps);
    }

    /** Rows that differ, of all tables. */
    public long differences() {
      return tables.stream().mapToLong(TableComparison::differences).sum();
    }
  }

  /**
   * Verifies the database of {@code configuration}.
   *
   * @throws PositionException when the log no longer holds what the database was made from
   * @throws StopException when brokers or registry do not give what is needed
   */
  public static Report run(Configuration configuration, Progress progress)
      throws InterruptedException {
    return run(configuration, new TopicsLog(configuration), progress);
  }

  /** As above, of another log. */
  public static Report run(Configuration configuration, WholeLog whole, Progress progress)
      throws InterruptedException {
    ProjectionLocation database = Locations.of(configuration);
    try (Counterpart counterpart = database.counterpart()) {
      Copied copied = Copied.of(counterpart);
      long events = replay(whole, database, counterpart, copied, progress);
      return new Report(
          counterpart.compare(),
          events,
          copied.gaps().stream().map(AcceptedHistoryGap::sentence).toList());
    }
  }

  /** What the copy says of the log that it was made from. */
  private record Copied(
      List<Position> reached, Map<Integer, String> schemas, List<AcceptedHistoryGap> gaps) {

    static Copied of(Counterpart counterpart) {
      try (ProjectionReader copy = counterpart.copy()) {
        return new Copied(copy.positions(), copy.schemas(), copy.gaps());
      }
    }
  }

  private static long replay(
      WholeLog whole,
      ProjectionLocation database,
      Counterpart counterpart,
      Copied copied,
      Progress progress)
      throws InterruptedException {
    List<Position> reached = copied.reached();
    List<AcceptedHistoryGap> gaps = copied.gaps();
    whole.requireOwn(database, reached);
    LogState log = whole.inspect();
    PositionCheck.requireSameLog(database, reached, log);
    List<MissingHistory> missing = PositionCheck.missingForRebuild(reached, log);
    if (!missing.isEmpty() && gaps.isEmpty()) {
      throw new PositionException(
          missing.get(0).why()
              + " The database holds more than the log does, and cannot be verified against it.");
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    reached.forEach(
        position -> ends.put(PositionCheck.partitionOf(position), position.nextOffset()));
    List<Position> beginnings =
        PositionCheck.beginnings(log).stream()
            .filter(position -> ends.containsKey(PositionCheck.partitionOf(position)))
            .toList();
    try (Projection projection = counterpart.open()) {
      projection.claim("verify", beginnings);
      gaps.forEach(gap -> projection.recordGap(gap.at(), gap.from(), gap.to(), gap.reason()));
      Replay.Replayed sum =
          new Replay(whole).run(projection, beginnings, ends, copied.schemas(), progress);
      projection.finish();
      return sum.result().applied();
    }
  }
}
