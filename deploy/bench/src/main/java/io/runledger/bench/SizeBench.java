package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.load.BenchStore;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.FilledLog;
import io.runledger.bench.load.PlainLoop;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.service.rebuild.Rebuild;
import java.sql.SQLException;

/** How many bytes a point takes on the topic and in the database. */
final class SizeBench implements Benchmark {

  private static final String WORD = "size";

  @Override
  public void run(Session session) throws SQLException, InterruptedException {
    FilledLog log = session.log();
    Configuration configuration = session.environment().configuration(WORD);
    Rebuild.run(configuration, false, (done, total, soFar) -> {});
    BenchStore store = session.store();
    long bytes = store.bytes(configuration.get(Setting.DB));
    PlainLoop.Result plain =
        store.fillPlainly(
            session.directory(), session.options().workload(), PlainLoop.Mode.REBUILD);
    double points = log.points();
    session.add(
        Figure.of(WORD, "on the topics, compressed", log.topicBytes() / points, "bytes/point")
            .beside("the same records, uncompressed", log.payloadBytes() / points)
            .within(Figure.Budget.atMost(12)));
    session.add(
        Figure.of(WORD, "in the database", bytes / points, "bytes/point")
            .beside("the plain loop's", plain.bytes() / points)
            .within(Figure.Budget.atMost(store.budgets().bytes())));
    Directories.delete(configuration.path(Setting.DATA_DIR));
  }
}
