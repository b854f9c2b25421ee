package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page for analysts says what is there. */
class DocumentedSqlTest {

  private static final Path PAGE = Path.of("..", "..", "deploy", "docs", "projection.md");

  @TempDir private Path directory;
  private Path database;
  private String page;

  @BeforeEach
  void openAnEmptyDatabase() throws IOException {
    database = directory.resolve("runledger.db");
    new TestFile(database).open().close();
    page = Files.readString(PAGE);
  }

  @Test
  void everyStatementOfThePageRuns() throws SQLException {
    Matcher block = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL).matcher(page);
    List<String> statements = new ArrayList<>();
    while (block.find()) {
      for (String statement : block.group(1).split(";", -1)) {
        if (!statement.isBlank()) {
          statements.add(statement);
        }
      }
    }

    assertThat(statements).hasSizeGreaterThan(3);
    try (Connection connection = Tables.connect(database)) {
      for (String sql : statements) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.executeQuery().close();
        }
      }
    }
  }

  @Test
  void everyTableViewAndColumnIsOnThePage() throws SQLException {
    List<String> names =
        Tables.rows(
            database,
            """
            SELECT DISTINCT c.name
              FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c
             WHERE t.type IN ('table', 'view') AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB 'flyway_*'
             UNION
            SELECT name FROM sqlite_schema
             WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'
            """);

    assertThat(names)
        .hasSizeGreaterThan(100)
        // named on the page by their prefix
        .filteredOn(name -> !name.matches("(min|max|last)_(value|seq|step|epoch)"))
        .allSatisfy(name -> assertThat(page).containsPattern("\\b" + name + "\\b"));
  }
}
