package io.runledger.bench;

import io.runledger.projection.Advance;
import io.runledger.projection.Batch;
import io.runledger.projection.Decoded;
import io.runledger.projection.IncomingRecord;
import io.runledger.projection.Position;
import io.runledger.projection.Projection;
import io.runledger.projection.Source;
import io.runledger.query.Ledger;
import io.runledger.query.Optimum;
import io.runledger.query.Run;
import io.runledger.query.RunFilter;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** How long the usual questions take in a database of many runs. */
final class QueryBench implements Benchmark {

  private static final String WORD = "query";
  private static final String METRIC = "val/loss";
  private static final String LONG_METRIC = "loss";
  private static final int TIMES = 30;
  private static final long POINTS_PER_RUN = 100;
  private static final int CALLS_PER_RECORD = 10;

  @Override
  public void run(Session session) throws SQLException {
    Session.Options options = session.options();
    session.say(
        "query: making a database of %,d runs and a series of %,d points",
        options.queryRuns(), options.seriesPoints());
    Path directory = Directories.make(session.directory().resolve(WORD));
    Path database = directory.resolve("query.db");
    RunId longRun;
    try (Projection projection = Projection.open(database)) {
      Filler filler = new Filler(projection);
      // Its points are one to a call, so the series alone has them all.
      longRun = filler.longRun(options.workload().seed(), options.seriesPoints());
      filler.shortRuns(
          new Workload(
              options.queryRuns() * POINTS_PER_RUN,
              options.queryRuns(),
              100,
              CALLS_PER_RECORD,
              options.workload().seed()));
      filler.flush();
    }
    try (Ledger ledger = Ledger.open(database);
        Connection connection =
            DriverManager.getConnection("jdbc:sqlite:file:" + database + "?mode=ro")) {
      measure(session, ledger, connection, longRun);
    }
  }

  private static void measure(Session session, Ledger ledger, Connection connection, RunId longRun)
      throws SQLException {
    String runs = "%,d runs".formatted(session.options().queryRuns());
    List<Run> newest = ledger.listRuns(RunFilter.newest(50));
    if (newest.size() != Math.min(50, session.options().queryRuns() + 1)) {
      throw new BenchException("list gave %d runs.".formatted(newest.size()));
    }
    session.add(
        Figure.of(
                WORD, "list 50 of " + runs, time(() -> ledger.listRuns(RunFilter.newest(50))), "ms")
            .beside(
                "the same rows by bare SQL",
                timeSql(
                    connection,
                    "SELECT * FROM experiment_runs ORDER BY first_attempt_id DESC LIMIT 50"))
            .within(Figure.Budget.atMost(20)));
    session.add(
        Figure.of(
                WORD,
                "best 10 of " + runs,
                time(() -> ledger.bestRuns(METRIC, Optimum.MIN, RunFilter.newest(10))),
                "ms")
            .beside(
                "the same by bare SQL",
                timeSql(
                    connection,
                    "SELECT * FROM metric_summaries WHERE name = 'val/loss' ORDER BY min_value LIMIT 10"))
            .within(Figure.Budget.atMost(20)));
    List<RunId> five = newest.stream().limit(5).map(Run::id).toList();
    session.add(
        Figure.of(
            WORD, "compare 5 of " + runs, time(() -> ledger.compareRuns(five, Optimum.MIN)), "ms"));
    String points = "%,d points".formatted(session.options().seriesPoints());
    session.add(
        Figure.of(
                WORD,
                points + " as 1,000 min/max buckets",
                time(() -> ledger.getCurve(longRun, LONG_METRIC, 1_000)),
                "ms")
            .beside(
                "their min and max by bare SQL",
                timeSql(
                    connection,
                    "SELECT min(value), max(value) FROM metric_points WHERE series_id = 1"))
            .within(Figure.Budget.atMost(150)));
  }

  /** Milliseconds that it takes, the median. */
  private static double time(Runnable question) {
    double[] nanos = new double[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long begun = System.nanoTime();
      question.run();
      nanos[i] = System.nanoTime() - begun;
    }
    return Numbers.median(nanos) / 1e6;
  }

  private static double timeSql(Connection connection, String sql) throws SQLException {
    double[] nanos = new double[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long begun = System.nanoTime();
      try (PreparedStatement statement = connection.prepareStatement(sql);
          ResultSet rows = statement.executeQuery()) {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          for (int column = 1; column <= columns; column++) {
            Object unused = rows.getObject(column);
          }
        }
      }
      nanos[i] = System.nanoTime() - begun;
    }
    return Numbers.median(nanos) / 1e6;
  }

  /** Folds a load as the service would, without brokers. */
  private static final class Filler {

    private static final int RECORDS_PER_BATCH = 5_000;

    private final Projection projection;
    private final List<IncomingRecord> records = new ArrayList<>();
    private Position position =
        new Position("bench", Topics.RUNS.topic(), "bench", 0, 0, OptionalInt.empty());
    private Position metricsPosition =
        new Position("bench", Topics.METRICS.topic(), "bench", 0, 0, OptionalInt.empty());
    private long offset;

    Filler(Projection projection) {
      this.projection = projection;
      projection.claim("bench", List.of(position, metricsPosition));
    }

    RunId longRun(long seed, int points) {
      TrainingRun run =
          TrainingRun.ofOneMetric(
              seed, points, new TimeOrderedId(Clock.systemUTC()), Instant.now());
      take(new Workload.Message(Topics.RUNS, run.run(), run.start()));
      while (!run.isDone()) {
        take(new Workload.Message(Topics.METRICS, run.run(), run.log(1_000)));
      }
      take(new Workload.Message(Topics.RUNS, run.run(), run.end()));
      return run.run();
    }

    void shortRuns(Workload load) {
      load.forEach(this::take);
    }

    private void take(Workload.Message message) {
      records.add(
          new IncomingRecord(
              new Source(message.topic().topic(), 0, offset, 0),
              Optional.of(message.run().toString().getBytes(StandardCharsets.UTF_8)),
              Optional.empty(),
              "[]",
              new Decoded.Event(message.event())));
      offset++;
      if (records.size() == RECORDS_PER_BATCH) {
        flush();
      }
    }

    void flush() {
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
}
