package io.runledger.bench.load;

import io.runledger.schemas.RunId;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/**
 * The events of many runs, some of them concurrent, generated on demand: whatever the number of
 * points, only the active runs are in memory. The same seed gives the same numbers.
 *
 * @param points about how many points in all
 * @param runs how many runs they belong to
 * @param concurrent how many of them run at a time
 * @param callsPerRecord log calls that a sender finds together and packs into one record
 * @param seed what the numbers depend on
 */
public record Workload(long points, int runs, int concurrent, int callsPerRecord, long seed) {

  private static final Instant BEGIN = Instant.parse("2026-01-05T08:00:00Z");

  /** An event and the topic that it goes to. */
  record Message(Topics topic, RunId run, SpecificRecord event) {

    /** Points in it, 0 when it is not a log call. */
    long points() {
      long points = 0;
      if (event instanceof MetricsLogged logged) {
        for (MetricRow row : logged.getRows()) {
          points += row.getValues().size();
        }
      }
      return points;
    }
  }

  /** Passes all events to {@code receiver}, in the order in which the jobs write them. */
  void forEach(Consumer<Message> receiver) {
    TimeOrderedId ids = new TimeOrderedId(Clock.fixed(BEGIN, ZoneOffset.UTC));
    Deque<TrainingRun> running = new ArrayDeque<>();
    int started = 0;
    while (started < runs || !running.isEmpty()) {
      while (started < runs && running.size() < concurrent) {
        TrainingRun run =
            new TrainingRun(seed, started, share(started), ids, BEGIN.plusSeconds(started));
        receiver.accept(new Message(Topics.RUNS, run.run(), run.start()));
        running.add(run);
        started++;
      }
      TrainingRun run = running.remove();
      receiver.accept(new Message(Topics.METRICS, run.run(), run.log(callsPerRecord)));
      if (run.isDone()) {
        receiver.accept(new Message(Topics.RUNS, run.run(), run.end()));
      } else {
        running.add(run);
      }
    }
  }

  /**
   * Runs are not equally long: half to one and a half of the mean, so that they do not all end
   * together.
   */
  private long share(int number) {
    long mean = Math.max(1, points / runs);
    return mean / 2 + mean * (number * 37L % 101) / 100;
  }
}
