package io.runledger.sqlite.file;

import io.runledger.config.DatabaseUrl;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.rows.canonical.CanonicalForm;
import io.runledger.rows.canonical.CanonicalForm.TableComparison;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.sqlite.SQLiteConfig;

/** Compares the content of database files, each as it is at one instant. */
public final class CanonicalDump {

  private CanonicalDump() {}

  /**
   * Compares two databases.
   *
   * @return a comparison for each table, differences or not
   */
  public static List<TableComparison> compareAll(Path one, Path other) {
    try (Connection first = open(one);
        Connection second = open(other)) {
      return CanonicalForm.compare(first, second);
    } catch (SQLException e) {
      throw new ProjectionUnavailableException(
          "Cannot compare %s with %s: %s.".formatted(one, other, e.getMessage()), e);
    }
  }

  /** The tables in which two databases differ; empty when they hold the same. */
  public static List<TableComparison> compare(Path one, Path other) {
    return compareAll(one, other).stream().filter(table -> table.differences() > 0).toList();
  }

  private static Connection open(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(10_000);
    Connection connection = config.createConnection(DatabaseUrl.of(file));
    // One snapshot for all tables: a writer may keep writing meanwhile.
    connection.setAutoCommit(false);
    return connection;
  }
}
