package io.runledger.query.connection.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.runledger.postgres.server.TestServer;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.connection.SqlRows;
import io.runledger.query.failure.LedgerUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users may ask a server. */
class PostgresStatementTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        " select 1 ; ",
        "/* a /* b */ ; */ SELECT ';' -- ; x",
        "WITH a AS (SELECT 1) SELECT * FROM a;",
        "VALUES (1)",
        "TABLE runs",
        "SHOW server_version",
        "EXPLAIN SELECT 1",
        "EXPLAIN (ANALYZE, FORMAT json) SELECT 1",
        "EXPLAIN ANALYZE VERBOSE SELECT 1",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT $$; DROP TABLE x$$, $a$;$a$, E'\\'; x', 'it''s; one'",
        "SELECT \"a;b\" FROM (SELECT 1 AS \"a;b\") x",
      })
  void aStatementThatReadsIsOne(String text) {
    assertThat(PostgresStatement.of(text)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " -- nothing",
        "SELECT 1; SELECT 2",
        "SELECT E'\\''; DELETE FROM runs --'",
        "SELECT $a$x$a$; DELETE FROM runs",
        "DELETE FROM experiment_runs",
        "COPY runs TO '/tmp/x'",
        "COPY (SELECT 1) TO PROGRAM 'sh'",
        "SET search_path = public",
        "DO $$ BEGIN END $$",
        "CALL x()",
        "EXPLAIN ANALYZE DELETE FROM runs",
        "EXPLAIN (ANALYZE) INSERT INTO runs VALUES (1)",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_catalog.pg_ls_dir('/')",
        "SELECT \"pg_read_file\"('/etc/passwd')",
        "SELECT U&\"pg\\005fread_file\"('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM dblink('', 'DELETE FROM runs') x (a int)",
        "SELECT pg_terminate_backend(1)",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT nextval('stream_ids')",
        "SELECT pg_advisory_lock(1)",
        "SELECT query_to_xml('DELETE FROM runs', true, true, '')",
      })
  void whatCanDoMoreThanReadIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PostgresStatement.of(text));
  }

  private static List<List<Optional<Object>>> rows(Ledger ledger, String sql) {
    List<List<Optional<Object>>> rows = new ArrayList<>();
    ledger.sql(
        sql,
        new SqlRows() {
          @Override
          public void columns(List<String> names) {}

          @Override
          public boolean row(List<Optional<Object>> cells) {
            return rows.add(cells);
          }
        });
    return rows;
  }

  @Test
  void valuesComeAsSqliteHasThem(@TempDir Path directory) {
    try (Laboratory laboratory = Laboratory.onServer(directory);
        Ledger ledger = laboratory.open()) {
      assertThat(
              rows(
                  ledger,
                  "SELECT true, 1::smallint, sum(x), avg(x), '\\x0aff'::bytea, '{\"a\": 1}'::json, NULL, 2.5::real FROM (VALUES (1::bigint), (2)) v (x)"))
          .containsExactly(
              List.of(
                  Optional.of(1L),
                  Optional.of(1L),
                  Optional.of(3L),
                  Optional.of(1.5),
                  Optional.of("0aff"),
                  Optional.of("{\"a\": 1}"),
                  Optional.empty(),
                  Optional.of(2.5)));
    }
  }

  @Test
  void aStatementThatWritesFailsAndOneThatTakesLongIsStopped(@TempDir Path directory) {
    try (Laboratory laboratory = Laboratory.onServer(directory);
        Ledger ledger = laboratory.open(Duration.ofMillis(300))) {
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(
              () -> rows(ledger, "WITH gone AS (DELETE FROM positions RETURNING 1) TABLE gone"))
          .withMessageContaining("read-only");
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(() -> rows(ledger, "SELECT pg_sleep(60)"))
          .withMessageContaining("was stopped after 300 ms");
      assertThat(rows(ledger, "SELECT 1")).hasSize(1);
    }
  }

  @Test
  void aSuperuserIsRefused(@TempDir Path directory) {
    try (Laboratory laboratory = Laboratory.onServer(directory)) {
      String url = laboratory.location().replace("user=runledger", "user=postgres");
      try (Ledger ledger = Ledger.open(url, Duration.ofSeconds(10))) {
        assertThatExceptionOfType(LedgerUnavailableException.class)
            .isThrownBy(() -> rows(ledger, "SELECT 1"))
            .withMessageContaining("superuser");
      }
    }
  }

  @Test
  void whatIsNotThereIsNamedWithoutASecret() {
    String database = TestServer.shared().emptyDatabase() + "&password=geheim";

    assertThatExceptionOfType(io.runledger.query.failure.LedgerNotFoundException.class)
        .isThrownBy(() -> Ledger.open(database, Duration.ofSeconds(10)))
        .withMessageContaining("There is no ledger at jdbc:postgresql://127.0.0.1:")
        .satisfies(
            e -> assertThat(e.getMessage()).doesNotContain("geheim").doesNotContain("user="));
    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(
            () ->
                Ledger.open(
                    "jdbc:postgresql://127.0.0.1:1/x?password=geheim", Duration.ofSeconds(10)))
        .withMessageContaining("cannot be reached")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("geheim"));
  }
}
