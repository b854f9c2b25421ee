package io.runledger.bench.load;

import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;

/** Files of SQLite. */
public final class SqliteFiles implements BenchStore {

  private static final int ROWS_PER_CALL = 1_000;

  @Override
  public String name() {
    return "SQLite";
  }

  @Override
  public Budgets budgets() {
    return new Budgets(0.7, 0.9, 45, 20, 150);
  }

  @Override
  public boolean severalMayWrite() {
    return false;
  }

  @Override
  public String plain(PlainLoop.Mode mode) {
    return switch (mode) {
      case LIVE -> "plain JDBC loop, WAL";
      case REBUILD -> "plain JDBC loop, not synced";
    };
  }

  @Override
  public String empty(Path directory, String word) {
    return Directories.makeEmpty(directory).resolve(word + ".db").toString();
  }

  @Override
  public Projection create(String database) {
    return SqliteProjection.open(Path.of(database));
  }

  @Override
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:file:" + database + "?mode=ro");
  }

  @Override
  public long bytes(String database) {
    try {
      return Files.size(Path.of(database).toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public PlainLoop.Result fillPlainly(Path directory, Workload load, PlainLoop.Mode mode)
      throws SQLException {
    Path own = directory.resolve("plain-loop");
    String database = empty(own, "plain");
    create(database).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "PRAGMA journal_mode = " + (mode == PlainLoop.Mode.LIVE ? "WAL" : "MEMORY"));
        // In WAL, NORMAL syncs at each checkpoint.
        statement.execute(
            "PRAGMA synchronous = " + (mode == PlainLoop.Mode.LIVE ? "NORMAL" : "OFF"));
        statement.execute("PRAGMA cache_size = -65536");
      }
      PlainLoop.Result result = PlainLoop.run(load, connection, new Batches(connection));
      try (Statement statement = connection.createStatement()) {
        connection.setAutoCommit(true);
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      return new PlainLoop.Result(result.points(), result.seconds(), bytes(database));
    } finally {
      Directories.delete(own);
    }
  }

  @Override
  public void close() {}

  /** Batches of INSERT. */
  private static final class Batches implements PlainLoop.Inserts {

    private final PreparedStatement point;

    Batches(Connection connection) throws SQLException {
      point =
          connection.prepareStatement(
              """
              INSERT INTO metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value)
              VALUES (?, ?, ?, ?, ?, NULL, ?)
              """);
    }

    @Override
    public void insert(PlainLoop.Points points) throws SQLException {
      for (int i = 0; i < points.size(); i++) {
        point.setLong(1, points.series[i]);
        point.setLong(2, points.seqs[i]);
        point.setLong(3, points.steps[i]);
        point.setLong(4, (long) points.epochs[i]);
        point.setLong(5, points.instants[i]);
        if (Double.isNaN(points.values[i])) {
          point.setNull(6, Types.REAL);
        } else {
          point.setDouble(6, points.values[i]);
        }
        point.addBatch();
        if (i % ROWS_PER_CALL == ROWS_PER_CALL - 1) {
          point.executeBatch();
        }
      }
      point.executeBatch();
    }
  }
}
