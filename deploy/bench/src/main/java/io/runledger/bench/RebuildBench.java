package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.figures.Samples;
import io.runledger.bench.load.FilledLog;
import io.runledger.bench.load.FinishedDatabase;
import io.runledger.bench.load.PlainLoop;
import io.runledger.config.Configuration;
import io.runledger.service.rebuild.Rebuild;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/** How fast a database is rebuilt from the log, until readers have it. */
final class RebuildBench implements Benchmark {

  private static final String WORD = "rebuild";

  @Override
  public void run(Session session) throws SQLException, InterruptedException {
    FilledLog log = session.log();
    int rounds = session.options().rounds();
    double[] rebuilt = new double[rounds];
    double[] plain = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      session.progress("rebuild, round %d of %d", round + 1, rounds);
      plain[round] =
          session
              .store()
              .fillPlainly(
                  session.directory(), session.options().workload(), PlainLoop.Mode.REBUILD)
              .pointsPerSecond();
      rebuilt[round] = log.points() / seconds(session, log);
    }
    session.add(
        Figure.of(
                WORD,
                "Kafka to a new database, " + session.store().name(),
                Numbers.median(rebuilt),
                "points/s")
            .beside(session.store().plain(PlainLoop.Mode.REBUILD), Numbers.median(plain))
            .within(Figure.Budget.ratioAtLeast(session.store().budgets().rebuild())));
  }

  private static double seconds(Session session, FilledLog log)
      throws SQLException, InterruptedException {
    Configuration configuration = session.environment().configuration(WORD);
    AtomicLong points = new AtomicLong();
    Samples samples = Samples.of(points::get);
    Rebuild.Report report;
    try (samples) {
      report =
          Rebuild.run(configuration, false, (done, total, soFar) -> points.set(soFar.points()));
    }
    session.add(WORD, samples.all());
    FinishedDatabase.check(session.store(), configuration, log, session.options().verify());
    return report.took().toNanos() / 1e9;
  }
}
