package io.runledger.bench.load;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.batch.Source;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Folds a load into a database as the service would, without brokers. What was folded is in the
 * file after {@link #flush}. Not thread-safe.
 */
public final class FoldedLoad {

  private static final int RECORDS_PER_BATCH = 5_000;

  /** Of a run that logs much at a time. */
  private static final int POINTS_PER_RECORD = 1_000;

  private static final int RECORDS_OF_LONG_RUN = 500;

  private final Projection projection;
  private final List<IncomingRecord> records = new ArrayList<>();
  private Position position =
      new Position(
          "bench", TopicNames.DEFAULT.name(Topics.RUNS), "bench", 0, 0, OptionalInt.empty());
  private Position metricsPosition =
      new Position(
          "bench", TopicNames.DEFAULT.name(Topics.METRICS), "bench", 0, 0, OptionalInt.empty());
  private long offset;

  public FoldedLoad(Projection projection) {
    this.projection = projection;
    projection.claim("bench", List.of(position, metricsPosition));
  }

  /** One run that logs its metrics, each of them this many times. */
  public RunId longRun(long seed, int metrics, int points) {
    TrainingRun run =
        TrainingRun.ofMetrics(
            seed,
            metrics,
            (long) metrics * points,
            new TimeOrderedId(Clock.systemUTC()),
            Instant.now());
    take(new Workload.Message(Topics.RUNS, run.run(), run.start()));
    int calls = Math.max(1, POINTS_PER_RECORD / metrics);
    for (int record = 1; !run.isDone(); record++) {
      take(new Workload.Message(Topics.METRICS, run.run(), run.log(calls)));
      if (record % RECORDS_OF_LONG_RUN == 0) {
        flush();
      }
    }
    take(new Workload.Message(Topics.RUNS, run.run(), run.end()));
    return run.run();
  }

  /** The runs of a load. */
  public void runs(Workload load) {
    load.forEach(this::take);
  }

  private void take(Workload.Message message) {
    records.add(
        new IncomingRecord(
            new Source(TopicNames.DEFAULT.name(message.topic()), 0, offset, 0),
            Optional.of(message.run().toString().getBytes(StandardCharsets.UTF_8)),
            Optional.empty(),
            "[]",
            new Decoded.Event(message.event())));
    offset++;
    if (records.size() == RECORDS_PER_BATCH) {
      flush();
    }
  }

  public void flush() {
    Position next = moved(position);
    Position nextMetrics = moved(metricsPosition);
    projection.apply(
        new Batch(
            records,
            List.of(new Advance(position, next), new Advance(metricsPosition, nextMetrics))));
    position = next;
    metricsPosition = nextMetrics;
    records.clear();
  }

  private Position moved(Position from) {
    return new Position(
        from.clusterId(), from.topic(), from.topicId(), 0, offset, OptionalInt.empty());
  }
}
