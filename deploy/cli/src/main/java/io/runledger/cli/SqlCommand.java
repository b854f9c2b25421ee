package io.runledger.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.sqlite.SQLiteConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger sql}: one read-only statement, for machines without the sqlite3 shell. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Run one read-only SQL statement on the database.",
      "Prints a line with the columns' names, then one line a row, columns separated by tabs, NULL as"
          + " an empty text; tabs and line ends in a text are printed as \\t and \\n."
    },
    footer = {
      "",
      "Example:",
      "  runledger sql \"SELECT run_name, status FROM runs ORDER BY run_name\""
    })
final class SqlCommand implements Callable<Integer> {

  /** Longer than the service holds the lock of one batch. */
  private static final int BUSY_TIMEOUT_MS = 5_000;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "STATEMENT", description = "A SELECT, WITH, VALUES or EXPLAIN.")
  private String statement;

  @Option(
      names = "--db",
      paramLabel = "FILE",
      description = "The database. Default: the setting db.")
  private Optional<Path> db;

  @Option(names = "--no-header", description = "Print no line with the columns' names.")
  private boolean noHeader;

  @Mixin private ConfigurationOptions options;

  @Override
  public Integer call() throws SQLException {
    Configuration configuration = options.load(Map.of());
    Path file = db.orElseGet(() -> configuration.path(Setting.DB)).toAbsolutePath();
    if (!Files.exists(file)) {
      throw new IllegalStateException(
          "There is no database at "
              + file
              + "; name it with --db, or let 'runledger up' or 'runledger consume' make it.");
    }
    SQLiteConfig readOnly = new SQLiteConfig();
    readOnly.setReadOnly(true);
    readOnly.setBusyTimeout(BUSY_TIMEOUT_MS);
    try (Connection connection = readOnly.createConnection("jdbc:sqlite:" + file);
        Statement sql = connection.createStatement()) {
      if (!sql.execute(statement)) {
        throw new IllegalArgumentException(
            "The statement returns no rows, and nothing can be changed here; write a SELECT.");
      }
      try (ResultSet rows = sql.getResultSet()) {
        print(rows);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          "SQLite refused the statement on " + file + ": " + e.getMessage(), e);
    }
    return ExitCodes.OK;
  }

  private void print(ResultSet rows) throws SQLException {
    PrintWriter out = spec.commandLine().getOut();
    ResultSetMetaData columns = rows.getMetaData();
    int count = columns.getColumnCount();
    if (!noHeader) {
      StringJoiner names = new StringJoiner("\t");
      for (int column = 1; column <= count; column++) {
        names.add(columns.getColumnLabel(column));
      }
      out.println(names);
    }
    while (rows.next()) {
      StringJoiner line = new StringJoiner("\t");
      for (int column = 1; column <= count; column++) {
        line.add(oneLine(rows.getString(column)));
      }
      out.println(line);
    }
    out.flush();
  }

  private static String oneLine(String text) {
    return text == null ? "" : text.replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n");
  }
}
