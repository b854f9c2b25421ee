package io.runledger.service.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.service.cli.DeadLettersCommand;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** As many letters as one bad job can write in a night. */
@Timeout(60)
class ManyDeadLettersTest {

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void newDatabase() {
    database = directory.resolve("runledger.db");
    SqliteProjection.open(database).close();
  }

  private void fill(int letters, int valueBytes) throws SQLException {
    execute(
        """
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d - 1)
        INSERT INTO dead_letters (topic, partition, "offset", topic_id, record_timestamp, key, value,
                                  headers, reason, detail, state)
        SELECT 'runledger.runs', i %% 2, 1000 - i, 'T' || i %% 3, 0, x'6b', zeroblob(%d), '[]', 'bad line', 'why',
               iif(i %% 2, 'waiting', 'retried')
          FROM n
        """
            .formatted(letters, valueBytes));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int run(Writer out, String... words) {
    CommandLine line = new CommandLine(new DeadLettersCommand());
    line.setOut(new PrintWriter(out));
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--db", database.toString()));
    return line.execute(all.toArray(String[]::new));
  }

  /** All of them in a list, then in a tree, then in a text needed gigabytes for 240,000. */
  @Test
  void aLongListIsWrittenWhileItIsRead() throws SQLException {
    fill(50, 1 << 10);

    for (String form : new String[] {"list", "--json"}) {
      Disposing written = new Disposing();
      assertThat(run(written, form)).isZero();
      assertThat(written.text.toString()).contains("dismissed").doesNotContain("waiting");
    }
  }

  @Test
  void eachLetterIsListedOnceInTheOrderOfItsPlace() throws Exception {
    fill(100, 3);
    StringWriter out = new StringWriter();

    assertThat(run(out, "--json")).isZero();

    List<JsonNode> all = new ArrayList<>();
    new ObjectMapper().readTree(out.toString()).forEach(all::add);
    assertThat(all)
        .hasSize(100)
        .allMatch(letter -> letter.get("value_base64").asText().equals("AAAA"));
    assertThat(all.stream().map(letter -> letter.get("id").asLong()).distinct()).hasSize(100);
    assertThat(all.stream().map(letter -> letter.get("partition").asInt())).isSorted();
    assertThat(DeadLetters.waiting(new SqliteLocation(database)))
        .hasSize(50)
        .doesNotHaveDuplicates();
  }

  @Test
  void anEmptyListIsStillJson() {
    StringWriter out = new StringWriter();

    assertThat(run(out, "list", "--json")).isZero();

    assertThat(out.toString()).isEqualToIgnoringNewLines("[]");
  }

  /** A pager that nobody scrolls: what it has not read yet must not hold an old state. */
  @Test
  void aSlowReaderHoldsNoStateOfTheDatabase() throws SQLException {
    fill(3, 10);
    List<Long> seen = new ArrayList<>();

    DeadLetters.forEach(
        new SqliteLocation(database),
        letter -> {
          assertThat(letter.tries())
              .as("read after the one before was visited")
              .isEqualTo(seen.size());
          seen.add(letter.id());
          try {
            execute("PRAGMA wal_checkpoint(TRUNCATE)");
            execute("UPDATE dead_letters SET tries = tries + 1");
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
          assertThat(Path.of(database + "-wal").toFile().length()).isLessThan(100_000);
        });

    assertThat(seen).hasSize(3);
  }

  /** Changes what has not been read yet as soon as the first letter arrives. */
  private final class Disposing extends Writer {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void write(char[] from, int start, int length) throws IOException {
      if (text.indexOf("dismissed") < 0) {
        try {
          execute("UPDATE dead_letters SET state = 'dismissed'");
        } catch (SQLException e) {
          throw new IOException(e);
        }
      }
      text.append(from, start, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
