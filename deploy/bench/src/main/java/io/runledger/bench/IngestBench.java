package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.figures.Samples;
import io.runledger.bench.load.FilledLog;
import io.runledger.bench.load.FinishedDatabase;
import io.runledger.bench.load.PlainLoop;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.service.ConsumerService;
import java.sql.SQLException;

/** How fast the service catches up with a log that is already full, into a live database. */
final class IngestBench implements Benchmark {

  private static final String WORD = "ingest";

  @Override
  public void run(Session session) throws SQLException, InterruptedException {
    FilledLog log = session.log();
    int rounds = session.options().rounds();
    double[] live = new double[rounds];
    double[] plain = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      session.progress("ingest, round %d of %d", round + 1, rounds);
      plain[round] =
          session
              .store()
              .fillPlainly(session.directory(), session.options().workload(), PlainLoop.Mode.LIVE)
              .pointsPerSecond();
      live[round] = log.points() / seconds(session, log);
    }
    session.add(
        Figure.of(
                WORD, "live, Kafka to " + session.store().name(), Numbers.median(live), "points/s")
            .beside(session.store().plain(PlainLoop.Mode.LIVE), Numbers.median(plain))
            .within(Figure.Budget.ratioAtLeast(session.store().budgets().live())));
    session.add(
        Figure.of(
            WORD, "bare producer, load made too", log.points() / log.writeSeconds(), "points/s"));
    session.add(Figure.of(WORD, "bare consumer", log.points() / log.readSeconds(), "points/s"));
  }

  private static double seconds(Session session, FilledLog log)
      throws SQLException, InterruptedException {
    Configuration configuration =
        session.environment().configuration(WORD).with(Setting.HEALTH_PORT, "0");
    double seconds;
    try (ConsumerService service = ConsumerService.start(configuration)) {
      ServiceFigures.awaitRunning(service);
      long begun = System.nanoTime();
      seconds = untilApplied(session, service, configuration, log, begun);
    }
    FinishedDatabase.check(session.store(), configuration, log, session.options().verify());
    return seconds;
  }

  private static double untilApplied(
      Session session,
      ConsumerService service,
      Configuration configuration,
      FilledLog log,
      long begun)
      throws SQLException, InterruptedException {
    ServiceFigures figures = new ServiceFigures(service);
    Samples samples = Samples.of(figures::points);
    try (samples;
        FinishedDatabase database = FinishedDatabase.open(session.store(), configuration)) {
      database.awaitOffsets(log.offsets());
      double seconds = (System.nanoTime() - begun) / 1e9;
      // The service counts a batch a moment after it is committed.
      while (figures.points() < log.points()) {
        Thread.sleep(1);
      }
      return seconds;
    } finally {
      session.add(WORD, samples.all());
    }
  }
}
