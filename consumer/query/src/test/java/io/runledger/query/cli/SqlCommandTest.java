package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlCommandTest {

  private static final double MANY_DIGITS = 0.1 + 0.2;

  @TempDir private Path directory;
  private Laboratory laboratory;

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
    Events run = Events.ofSeed(1);
    laboratory.deliver(
        run.started(), run.metrics(Events.call(1, Map.of("loss", MANY_DIGITS, "nan", Double.NaN))));
  }

  @AfterEach
  void close() {
    laboratory.close();
  }

  @Test
  void rowsArePrintedOneALineWithEscapedTabsAndLineEnds() {
    assertThat(
            run("SELECT 'a' || char(9) || 'b' || char(10) AS name, 0.5 AS value UNION ALL SELECT 'c', NULL")
                .out())
        .isEqualToNormalizingNewlines("name\tvalue\na\\tb\\n\t0.5\nc\t\n");
  }

  @Test
  void aNumberHasAllItsDigits() {
    assertThat(run("SELECT value FROM metrics WHERE metric_name = 'loss'", "--no-header").out())
        .isEqualToNormalizingNewlines("0.30000000000000004\n");
  }

  @Test
  void terminalEscapesAreShownAsSigns() {
    assertThat(run("SELECT char(27) || '[31mred' || char(0x9b) || '2J' AS \"a\u001b[31m\"").out())
        .isEqualToNormalizingNewlines("a␛[31m\n␛[31mred\uFFFD2J\n");
  }

  /** Some of them wrote files through a connection that was opened for reading. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "backup to x.db",
        " backup main to 'x.db'",
        "restore from x.db",
        "VACUUM INTO 'x.db'",
        "/* c */ VACUUM INTO 'x.db'",
        "EXPLAIN VACUUM INTO 'x.db'",
        "ATTACH 'x.db' AS x",
        "EXPLAIN ATTACH 'x.db' AS x",
        "DETACH main",
        "VACUUM",
        "REINDEX",
        "ANALYZE",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "SAVEPOINT x",
        "CREATE TEMP TABLE t (a)",
        "CREATE TABLE t (a)",
        "DROP TABLE run_errors",
        "DELETE FROM run_errors",
        "INSERT INTO projection_info VALUES ('a', 'b')",
        "REPLACE INTO projection_info VALUES ('a', 'b')",
        "UPDATE experiment_runs SET notes = 'x'",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA journal_mode(DELETE)",
        "PRAGMA main.journal_mode(DELETE)",
        "EXPLAIN PRAGMA journal_mode = DELETE",
        "EXPLAIN QUERY PLAN PRAGMA journal_mode = DELETE",
        "PRAGMA user_version = 7",
        "PRAGMA user_version(7)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA query_only = OFF",
        "PRAGMA trusted_schema = ON",
        "PRAGMA writable_schema = ON",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA optimize",
        "PRAGMA incremental_vacuum",
        "PRAGMA table_info(runs) DELETE",
        "PRAGMA",
        "EXPLAIN",
        "",
        ";;",
        "-- nothing"
      })
  void whatIsNotAStatementThatOnlyReadsIsRefusedAsAUsageError(String statement) throws IOException {
    Map<String, Long> before = files();

    Command refused = Command.at(laboratory.location(), "sql", statement);

    assertThat(refused.code()).as(refused.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(refused.out()).isEmpty();
    assertThat(files()).isEqualTo(before);
    assertThat(Path.of("x.db")).doesNotExist();
  }

  /** What passes for reading, and is stopped by the connection. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH x AS (SELECT 1) DELETE FROM run_errors",
        "WITH x AS (SELECT 1) DELETE FROM projection_info RETURNING name",
        "WITH x AS (SELECT 1) INSERT INTO projection_info VALUES ('a', 'b') RETURNING name",
        "WITH x AS (SELECT 1) UPDATE projection_info SET value = '' RETURNING name",
        "SELECT load_extension('x')",
        "SELECT writefile('x.db', 'x')",
        "SELECT edit('x')",
        "SELECT fts3_tokenizer('simple', x'00')",
        "SELECT * FROM pragma_wal_checkpoint('TRUNCATE')",
        "SELECT printf('%.*c', 1000000000, 'x')",
        "SELECT nothing"
      })
  void aStatementThatWouldChangeSomethingFails(String statement) throws IOException {
    Map<String, Long> before = files();

    Command failed = Command.at(laboratory.location(), "sql", statement);

    assertThat(failed.code()).as(failed.err()).isEqualTo(ExitCodes.FAILED);
    assertThat(failed.err()).startsWith("runledger: ").hasLineCount(1);
    assertThat(files()).isEqualTo(before);
    assertThat(Path.of("x.db")).doesNotExist();
    assertThat(run("SELECT count(*) FROM projection_info", "--no-header").out()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "select 1;",
        "; SELECT 1 ; ; -- end",
        "-- the block of a page\nSELECT 1",
        "--no space\nSELECT 1",
        "--\nSELECT 1",
        "/* one */ -- two\n SELECT 1 /* ; */",
        "SELECT ';' AS \"a;b\", [run_id] FROM runs -- ; x",
        "SELECT 'it''s; so'",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "VALUES (1), (2)",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN SELECT * FROM metrics",
        "PRAGMA table_info(runs)",
        "pragma table_info('runs')",
        "PRAGMA main.table_info(runs);",
        "PRAGMA user_version",
        "PRAGMA journal_mode",
        "PRAGMA integrity_check",
        "SELECT * FROM pragma_table_info('runs')"
      })
  void whatOnlyReadsIsAnswered(String statement) {
    assertThat(run(statement).out().lines().count()).isGreaterThan(1);
  }

  @Test
  void aSecondStatementIsRefusedInsteadOfDropped() {
    Command refused =
        Command.at(laboratory.location(), "sql", "SELECT 1; DELETE FROM experiment_runs");

    assertThat(refused.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).contains("second statement", "nothing was run");
  }

  @Test
  void aMistypedColumnIsNotToldAsAMissingDatabase() {
    Command refused = Command.at(laboratory.location(), "sql", "SELECT nope FROM runs");

    assertThat(refused.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(refused.err())
        .endsWith("no such column: nope." + System.lineSeparator())
        .doesNotContain("missing database", "SQLITE_ERROR");
  }

  @Test
  void moreRowsThanTheLimitAreCutAndStderrSaysSo() {
    String three = "VALUES (1), (2), (3)";

    Command cut = run(three, "--limit", "2");

    assertThat(cut.out()).isEqualToNormalizingNewlines("column1\n1\n2\n");
    assertThat(cut.err())
        .isEqualToIgnoringNewLines(
            "2 rows shown, and there are more; --limit N or --all shows them.");
    assertThat(run(three, "--limit", "3").err()).isEmpty();
    assertThat(run(three, "--limit", "2", "--csv").err()).startsWith("2 rows shown, and");
    assertThat(run(three, "--limit", "2", "--json").json().get("rows")).hasSize(2);
  }

  @Test
  void onlyATerminalHasALimitThatNobodyAskedFor() {
    String many =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001) SELECT i FROM n";

    assertThat(run(many).lines()).hasSize(100_002);
    assertThat(run(many, "--csv").csv()).hasSize(100_001);
    assertThat(run(many, "--json").json().get("rows")).hasSize(100_001);
    Command onTerminal = Command.onTerminal(80, laboratory.location(), "sql", many);
    assertThat(onTerminal.lines()).hasSize(100_001);
    assertThat(onTerminal.err()).startsWith("100,000 rows shown, and there are more;");
    assertThat(Command.onTerminal(80, laboratory.location(), "sql", many, "--all").lines())
        .hasSize(100_002);
  }

  private static final String ALL_KINDS =
      """
      SELECT 7 AS whole, 9223372036854775807 AS long, 0.1 AS real, -0.0 AS zero, 9e999 AS inf, NULL AS absent,
             '' AS empty, 'a "b",' || char(10) || 'c' AS text, '=1+1' AS formula, '{"a":1}' AS json, x'00ff' AS blob
      """;

  @Test
  void csvHasNumbersWithAllDigitsAndTextsAsTheyAre() {
    var row = run(ALL_KINDS, "--csv").csv().get(0);

    assertThat(row.getHeader())
        .containsExactly(
            "whole", "long", "real", "zero", "inf", "absent", "empty", "text", "formula", "json",
            "blob");
    assertThat(row.getFields())
        .containsExactly(
            "7",
            "9223372036854775807",
            "0.1",
            "-0.0",
            "Infinity",
            "",
            "",
            "a \"b\",\nc",
            "'=1+1",
            "{\"a\":1}",
            "00ff");
    assertThat(run(ALL_KINDS, "--csv", "--no-header").out()).startsWith("7,");
  }

  @Test
  void jsonHasAnObjectARowWithNumbersAsNumbers() {
    var row = run(ALL_KINDS, "--json").json().get("rows").get(0);

    assertThat(row.get("whole").isIntegralNumber()).isTrue();
    assertThat(row.get("long").asLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(row.get("real").isFloatingPointNumber()).isTrue();
    assertThat(row.get("real").asDouble()).isEqualTo(0.1);
    assertThat(row.get("zero").toString()).isEqualTo("-0.0");
    assertThat(row.get("inf").asText()).isEqualTo("Infinity");
    assertThat(row.get("absent").isNull()).isTrue();
    assertThat(row.get("empty").asText()).isEmpty();
    assertThat(row.get("text").asText()).isEqualTo("a \"b\",\nc");
    assertThat(row.get("formula").asText()).isEqualTo("=1+1");
    assertThat(row.get("json").asText()).isEqualTo("{\"a\":1}");
    assertThat(row.get("blob").asText()).isEqualTo("00ff");
  }

  @Test
  void twoColumnsOfOneNameAreBothInTheJson() {
    assertThat(
            run("SELECT 1 AS a, 2 AS a, 3 AS \"a:1\"", "--json")
                .json()
                .get("rows")
                .get(0)
                .toString())
        .isEqualTo("{\"a\":1,\"a:1\":2,\"a:1:1\":3}");
    assertThat(run("SELECT 1 AS a WHERE 0", "--json").json().get("rows")).isEmpty();
    assertThat(run("SELECT 1 AS a WHERE 0", "--csv").out()).isEqualToIgnoringNewLines("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--csv", "--json", ""})
  void aStatementThatFailsBetweenTwoRowsFailsInEveryForm(String form) {
    String failing = "SELECT 1 AS a UNION ALL SELECT abs(-9223372036854775807 - 1)";

    Command failed =
        form.isEmpty()
            ? Command.at(laboratory.location(), "sql", failing)
            : Command.at(laboratory.location(), "sql", failing, form);

    assertThat(failed.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(failed.err()).contains("integer overflow");
  }

  @Test
  void aStatementWithoutAnEndIsStopped() {
    Command stopped =
        Command.at(
            laboratory.location(),
            "sql",
            "--timeout",
            "1",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i * 1.0) FROM n");

    assertThat(stopped.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(stopped.err()).contains("stopped after 1000 ms").contains("--timeout");
  }

  @Test
  void aStatementIsReadFromStdin() {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("SELECT 'ü' AS a;\n".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(run().out()).isEqualToNormalizingNewlines("a\nü\n");
      System.setIn(
          new ByteArrayInputStream("-- of a page\nSELECT 2 AS b".getBytes(StandardCharsets.UTF_8)));
      assertThat(run("-", "--csv").out()).isEqualToNormalizingNewlines("b\n2\n");
    } finally {
      System.setIn(before);
    }
  }

  private Command run(String... words) {
    Command done =
        Command.at(
            laboratory.location(),
            Stream.concat(Stream.of("sql"), Stream.of(words)).toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }

  /** Names and lengths, but for the file of locks that every reader shares. */
  private Map<String, Long> files() throws IOException {
    Map<String, Long> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : List.copyOf(all.toList())) {
        if (!file.toString().endsWith("-shm")) {
          files.put(file.getFileName().toString(), Files.size(file));
        }
      }
    }
    return files;
  }
}
