package io.runledger.bench.load;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.service.rebuild.Verify;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Reads of a database that the service or a rebuild fills, on its own connection. */
public final class FinishedDatabase implements AutoCloseable {

  private final Connection connection;

  private FinishedDatabase(Connection connection) {
    this.connection = connection;
  }

  public static FinishedDatabase open(BenchStore store, Configuration configuration)
      throws SQLException {
    return new FinishedDatabase(store.connect(configuration.get(Setting.DB)));
  }

  /** The one number that a statement gives. */
  long number(String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IllegalStateException("The database of the bench cannot be queried.", e);
    }
  }

  /** Waits until so many offsets are applied, of all partitions together. */
  public void awaitOffsets(long offsets) throws InterruptedException {
    while (offsets() < offsets) {
      Thread.sleep(20);
    }
  }

  private long offsets() {
    return number("SELECT coalesce(sum(next_offset), 0) FROM positions");
  }

  /** Points that are applied. */
  public long points() {
    return number("SELECT coalesce(sum(points), 0) FROM metric_series");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  /**
   * Checks that the database holds all that was put in.
   *
   * @throws BenchException when it does not: then no figure is worth anything
   */
  public static void check(
      BenchStore store, Configuration configuration, FilledLog log, boolean rowForRow)
      throws SQLException, InterruptedException {
    try (FinishedDatabase finished = open(store, configuration)) {
      expect(log.points(), finished.points(), "points");
      expect(log.points(), finished.number("SELECT count(*) FROM metric_points"), "rows of points");
      expect(
          log.runs(),
          finished.number("SELECT count(*) FROM experiment_runs WHERE status = 'completed'"),
          "completed runs");
    }
    if (rowForRow) {
      Verify.Report report = Verify.run(configuration, (done, total, soFar) -> {});
      expect(0, report.differences(), "differences between log and database");
    }
  }

  private static void expect(long expected, long found, String what) {
    if (expected != found) {
      throw new BenchException(
          "The database has %,d %s, but the load has %,d; this is a bug, please report it."
              .formatted(found, what, expected));
    }
  }
}
