package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.FilledLog;
import io.runledger.bench.load.PlainJdbcLoop;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.service.rebuild.Rebuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** How many bytes a point takes on the topic and in the database. */
final class SizeBench implements Benchmark {

  private static final String WORD = "size";

  @Override
  public void run(Session session) throws IOException, SQLException, InterruptedException {
    FilledLog log = session.log();
    Configuration configuration = session.environment().configuration(WORD);
    Rebuild.run(configuration, false, (done, total, soFar) -> {});
    Path file = configuration.path(Setting.DB).toRealPath();
    PlainJdbcLoop.Result plain =
        PlainJdbcLoop.run(
            session.directory(), session.options().workload(), PlainJdbcLoop.Mode.REBUILD);
    double points = log.points();
    session.add(
        Figure.of(WORD, "on the topics, compressed", log.topicBytes() / points, "bytes/point")
            .beside("the same records, uncompressed", log.payloadBytes() / points)
            .within(Figure.Budget.atMost(12)));
    session.add(
        Figure.of(WORD, "in the database", Files.size(file) / points, "bytes/point")
            .beside("plain JDBC loop's file", plain.bytes() / points)
            .within(Figure.Budget.atMost(45)));
    Directories.delete(configuration.path(Setting.DATA_DIR));
  }
}
