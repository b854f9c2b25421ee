package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.BenchException;
import io.runledger.bench.load.BenchStore;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.FoldedLoad;
import io.runledger.bench.load.Workload;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.projection.Projection;
import io.runledger.query.Ledger;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

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
    session.progress(
        "query: building a database of %,d runs and a series of %,d points",
        options.queryRuns(), options.seriesPoints());
    Path directory = Directories.make(session.directory().resolve(WORD));
    BenchStore store = session.store();
    Configuration configuration =
        Configuration.ofEnvironment()
            .with(Setting.DATA_DIR, directory.toString())
            .with(Setting.DB, store.empty(directory.resolve("database"), WORD));
    RunId longRun;
    try (Projection projection = store.create(configuration.get(Setting.DB))) {
      FoldedLoad filler = new FoldedLoad(projection);
      // It logs one point per call, so the one series has all points.
      longRun = filler.longRun(options.workload().seed(), 1, options.seriesPoints());
      filler.runs(
          new Workload(
              options.queryRuns() * POINTS_PER_RUN,
              options.queryRuns(),
              100,
              CALLS_PER_RECORD,
              options.workload().seed()));
      filler.flush();
    }
    try (Ledger ledger = Ledger.open(configuration.database());
        Connection connection = store.connect(configuration.get(Setting.DB))) {
      measure(session, ledger, connection, longRun);
    }
  }

  private static void measure(Session session, Ledger ledger, Connection connection, RunId longRun)
      throws SQLException {
    String runs = "%,d runs".formatted(session.options().queryRuns());
    List<Run> newest = ledger.runs(RunFilter.newest(50));
    if (newest.size() != Math.min(50, session.options().queryRuns() + 1)) {
      throw new BenchException("list returned %d runs.".formatted(newest.size()));
    }
    session.add(
        Figure.of(WORD, "list 50 of " + runs, time(() -> ledger.runs(RunFilter.newest(50))), "ms")
            .beside(
                "the same rows by bare SQL",
                timeSql(
                    connection,
                    "SELECT * FROM experiment_runs ORDER BY first_attempt_id DESC LIMIT 50"))
            .within(Figure.Budget.atMost(session.store().budgets().list())));
    session.add(
        Figure.of(
                WORD,
                "best 10 of " + runs,
                time(() -> ledger.best(METRIC, Optimum.MIN, RunFilter.newest(10))),
                "ms")
            .beside(
                "the same by bare SQL",
                timeSql(
                    connection,
                    "SELECT * FROM metric_summaries WHERE name = 'val/loss' ORDER BY min_value LIMIT 10"))
            .within(Figure.Budget.atMost(session.store().budgets().list())));
    List<RunId> five = newest.stream().limit(5).map(Run::id).toList();
    session.add(
        Figure.of(WORD, "compare 5 of " + runs, time(() -> ledger.compare(five, Optimum.MIN)), "ms")
            .beside(
                "their rows and summaries by bare SQL",
                timeSql(
                    connection,
                    "SELECT * FROM experiment_runs r JOIN metric_summaries m ON m.run_id = r.run_id WHERE r.run_id IN (%s)"
                        .formatted(ids(five)))));
    String points = "%,d points".formatted(session.options().seriesPoints());
    session.add(
        Figure.of(
                WORD,
                points + " as 1,000 min/max buckets",
                time(() -> ledger.curve(longRun, LONG_METRIC, 1_000)),
                "ms")
            .beside(
                "their min and max by bare SQL",
                timeSql(
                    connection,
                    "SELECT min(value), max(value) FROM metric_points WHERE series_id = 1"))
            .within(Figure.Budget.atMost(session.store().budgets().curve())));
  }

  private static String ids(List<RunId> runs) {
    return runs.stream().map(run -> Long.toString(run.value())).collect(Collectors.joining(", "));
  }

  /** The median of the milliseconds that it takes. */
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
}
