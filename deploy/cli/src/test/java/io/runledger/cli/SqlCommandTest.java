package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlCommandTest {

  @TempDir private Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() throws SQLException {
    db = directory.resolve("some.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + db);
        Statement sql = connection.createStatement()) {
      sql.execute("CREATE TABLE points (name TEXT, value)");
      sql.execute(
          "INSERT INTO points VALUES ('a' || char(9) || 'b' || char(10), 0.5), ('c', NULL)");
    }
  }

  @Test
  void rowsArePrintedOneALineWithEscapedTabsAndLineEnds() {
    assertThat(run("SELECT * FROM points ORDER BY name").out())
        .isEqualToNormalizingNewlines("name\tvalue\na\\tb\\n\t0.5\nc\t\n");
  }

  @Test
  void theHeaderCanBeLeftOut() {
    assertThat(run("SELECT count(*) FROM points", "--no-header").out())
        .isEqualToNormalizingNewlines("2\n");
  }

  @Test
  void nothingCanBeWritten() {
    Result result = run("DELETE FROM points");

    assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(result.err()).contains(db.toString()).contains("readonly");
    assertThat(run("SELECT count(*) FROM points", "--no-header").out()).contains("2");
  }

  @Test
  void aDatabaseThatIsNotThereIsNotMade() {
    db = directory.resolve("other.db");

    Result result = run("SELECT 1");

    assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(result.err()).contains("There is no database at " + db);
    assertThat(db).doesNotExist();
  }

  private record Result(int code, String out, String err) {}

  private Result run(String... words) {
    List<String> all = new ArrayList<>(List.of("sql", "--db", db.toString()));
    all.addAll(List.of(words));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(all, false)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }
}
