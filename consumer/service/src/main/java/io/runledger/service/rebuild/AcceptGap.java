package io.runledger.service.rebuild;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.AcceptedGap;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.service.database.Locations;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.PositionCheck.MissingHistory;
import io.runledger.service.log.TopicsLog;
import io.runledger.service.log.WholeLog;
import io.runledger.service.stop.StopException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * Moves the stored positions behind history that is gone, because an operator says so, and notes
 * what is missing. Nothing else ever moves a position past a gap.
 */
public final class AcceptGap {

  private AcceptGap() {}

  /** No gap is where the operator says that one is. */
  public static final class NoGapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoGapException(String sentence) {
      super(sentence);
    }
  }

  /**
   * Compares the stored positions of the database of {@code configuration} with the log, and
   * accepts what is missing.
   *
   * @param topic the topic of the one gap to accept; empty for all gaps
   * @param partition its partition
   * @param dryRun only reports
   * @return what is missing, a sentence each
   * @throws NoGapException when nothing is missing there; nothing was changed
   * @throws io.runledger.fold.projection.ProjectionInUseException while a service writes the
   *     database
   * @throws StopException when the brokers do not answer
   */
  public static List<String> run(
      Configuration configuration, Optional<String> topic, OptionalInt partition, boolean dryRun) {
    return run(configuration, new TopicsLog(configuration), topic, partition, dryRun);
  }

  /** As above, of another log. */
  public static List<String> run(
      Configuration configuration,
      WholeLog whole,
      Optional<String> topic,
      OptionalInt partition,
      boolean dryRun) {
    ProjectionLocation database = Locations.of(configuration);
    Predicate<TopicPartition> asked =
        place ->
            topic.isEmpty()
                || (place.topic().equals(topic.get())
                    && place.partition() == partition.orElse(place.partition()));
    try (Projection projection = database.open()) {
      whole.requireOwn(database, projection.positions());
      LogState log = whole.inspect();
      List<MissingHistory> missing =
          PositionCheck.missing(projection.positions(), log).stream()
              .filter(gap -> asked.test(gap.partition()))
              .toList();
      if (missing.isEmpty()) {
        throw new NoGapException(
            "Nothing is missing between %s and the log%s; nothing was changed."
                .formatted(database, topic.map(name -> " in topic " + name).orElse("")));
      }
      if (!dryRun) {
        projection.acceptGaps(missing.stream().map(gap -> accepted(gap, log)).toList());
      }
      return missing.stream().map(MissingHistory::why).toList();
    }
  }

  private static AcceptedGap accepted(MissingHistory gap, LogState log) {
    Position at =
        new Position(
            log.clusterId(),
            gap.partition().topic(),
            gap.topicId(),
            gap.partition().partition(),
            gap.to(),
            OptionalInt.empty());
    return new AcceptedGap(at, gap.from(), gap.to(), gap.why(), PositionCheck.behind(gap, log));
  }
}
