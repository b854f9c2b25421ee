package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about ledgers on PostgreSQL says what is there. */
class PostgresPageTest {

  private static final Path PAGE = Path.of("..", "..", "deploy", "docs", "postgres.md");

  @TempDir private Path directory;

  private static List<String> statements() throws IOException {
    Matcher block =
        Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    List<String> statements = new ArrayList<>();
    while (block.find()) {
      for (String statement : block.group(1).split(";", -1)) {
        if (!statement.isBlank()) {
          statements.add(statement);
        }
      }
    }
    return statements;
  }

  /** As psql, pandas and Grafana ask: in the schema of the ledger's name alone. */
  @Test
  void everyStatementOfThePageRunsInTheSchemaThatUsersSee() throws IOException, SQLException {
    List<String> statements = statements();

    assertThat(statements).hasSizeGreaterThan(7);
    try (Laboratory laboratory = Laboratory.onServer(directory)) {
      laboratory.fill();
      try (Connection connection = DriverManager.getConnection(laboratory.location());
          Statement statement = connection.createStatement()) {
        for (String sql : statements) {
          statement.executeQuery(sql).close();
        }
      }
    }
  }

  /** Views name functions by themselves, whatever the search_path of whoever reads them. */
  @Test
  void everyViewIsReadWithAnySearchPath() throws SQLException {
    try (Laboratory laboratory = Laboratory.onServer(directory)) {
      laboratory.fill();
      try (Connection connection = DriverManager.getConnection(laboratory.location());
          Statement statement = connection.createStatement()) {
        String schema = connection.getSchema();
        statement.execute("SET search_path = ''");
        for (String view :
            List.of(
                "runs",
                "metrics",
                "raw_metrics",
                "run_metrics",
                "logged_points",
                "run_overview",
                "run_summary")) {
          try (var rows = statement.executeQuery("SELECT * FROM " + schema + "." + view)) {
            assertThat(rows.next()).as(view).isTrue();
          }
        }
      }
    }
  }
}
