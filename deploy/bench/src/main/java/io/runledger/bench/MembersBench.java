package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.FilledLog;
import io.runledger.bench.load.FinishedDatabase;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.service.ConsumerService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a second member of the group is worth, where several may write. */
final class MembersBench implements Benchmark {

  private static final String WORD = "members";

  /** Of two members' rate to one's. */
  private static final double BUDGET = 1.3;

  @Override
  public void run(Session session) throws SQLException, InterruptedException {
    if (!session.store().severalMayWrite()) {
      session.progress("members: skipped, because one service writes a file; see --db");
      return;
    }
    FilledLog log = session.log();
    int rounds = session.options().rounds();
    double[] one = new double[rounds];
    double[] two = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      session.progress("members, round %d of %d", round + 1, rounds);
      one[round] = measured(session, log, 1);
      two[round] = measured(session, log, 2);
    }
    session.add(
        Figure.of(WORD, "live, two members", Numbers.median(two), "points/s")
            .beside("one member", Numbers.median(one))
            .within(Figure.Budget.ratioAtLeast(BUDGET)));
  }

  private static double measured(Session session, FilledLog log, int members)
      throws SQLException, InterruptedException {
    Configuration configuration =
        session.environment().configuration(WORD).with(Setting.HEALTH_PORT, "0");
    List<ConsumerService> services = new ArrayList<>();
    double rate;
    try {
      for (int member = 0; member < members; member++) {
        services.add(ConsumerService.start(configuration));
      }
      for (ConsumerService service : services) {
        ServiceFigures.awaitRunning(service);
      }
      rate = pointsPerSecond(session, log, configuration);
    } finally {
      services.forEach(ConsumerService::close);
    }
    FinishedDatabase.check(session.store(), configuration, log, session.options().verify());
    return rate;
  }

  /** From now, when all members have partitions. */
  private static double pointsPerSecond(Session session, FilledLog log, Configuration configuration)
      throws SQLException, InterruptedException {
    try (FinishedDatabase database = FinishedDatabase.open(session.store(), configuration)) {
      long begun = System.nanoTime();
      long before = database.points();
      database.awaitOffsets(log.offsets());
      return (log.points() - before) / ((System.nanoTime() - begun) / 1e9);
    }
  }
}
