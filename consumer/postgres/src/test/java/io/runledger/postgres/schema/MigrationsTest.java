package io.runledger.postgres.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.server.TestServer;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationsTest {

  private static Connection connection;
  private static Generation generation;

  @BeforeAll
  static void makeAGeneration() throws Exception {
    LedgerUrl ledger = LedgerUrl.of(TestServer.shared().emptyDatabase(), Map.of());
    connection = ledger.open(Purpose.ADMINISTER);
    generation = new Generations(ledger, connection).currentUpToDate();
  }

  @AfterAll
  static void close() throws Exception {
    connection.close();
  }

  @Test
  void theListOfMigrationsHasAllThatThereAre() throws Exception {
    assertThat(Migrations.FILES.names()).containsExactlyInAnyOrderElementsOf(files());
  }

  private static List<String> files() throws Exception, URISyntaxException {
    Path one =
        Path.of(
            Migrations.class
                .getClassLoader()
                .getResource(Migrations.FILES.location() + "/V1__ledger.sql")
                .toURI());
    try (Stream<Path> files = Files.list(one.getParent())) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void theUniqueIndexesThatAreOursAreThoseOfTheMigrations() throws Exception {
    assertThat(
            Sql.texts(
                connection,
                """
                SELECT x.relname
                  FROM pg_index i
                  JOIN pg_class x ON x.oid = i.indexrelid
                 WHERE x.relnamespace = ?::regnamespace AND i.indisunique AND NOT x.relispartition
                """,
                generation.schema()))
        .containsExactlyInAnyOrderElementsOf(ForeignObjects.UNIQUE_INDEXES);
  }

  @ParameterizedTest
  @CsvSource({"true, metric_summaries_by_min", "false, metric_summaries_by_max"})
  void whoLeadsByAMetricIsFoundInAnIndex(boolean lowest, String index) throws Exception {
    // With so few rows the planner would read all of them.
    Sql.execute(connection, "SET enable_seqscan = off; SET enable_sort = off");
    try {
      assertThat(
              Sql.texts(
                  connection,
                  """
                  EXPLAIN SELECT run_id, %1$s.iif(%2$s, min_value, -max_value) AS rank
                            FROM %1$s.metric_summaries
                           WHERE name = 'loss' AND min_value IS NOT NULL
                           ORDER BY rank
                           LIMIT 10
                  """
                      .formatted(generation.schema(), lowest)))
          .anyMatch(line -> line.contains("Index Scan using " + index));
    } finally {
      Sql.execute(connection, "RESET enable_seqscan; RESET enable_sort");
    }
  }

  @Test
  void everyTextIsComparedByItsBytes() throws Exception {
    assertThat(
            Sql.texts(
                connection,
                """
                SELECT c.relname || '.' || a.attname
                  FROM pg_attribute a
                  JOIN pg_class c ON c.oid = a.attrelid
                 WHERE c.relnamespace = ?::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
                   AND c.relname <> 'flyway_schema_history'
                   AND a.atttypid = 'text'::regtype AND a.attcollation <> '"C"'::regcollation
                """,
                generation.schema()))
        .isEmpty();
  }

  @Test
  void usersFindAViewOfEachTableAndViewUnderTheNameOfTheLedger() throws Exception {
    List<String> shown = relations("runledger");
    List<String> there = relations(generation.schema());

    assertThat(new TreeSet<>(shown)).contains("current_generation");
    assertThat(shown)
        .containsAll(there)
        .hasSize(there.size() + 1)
        .contains("runs", "metrics", "run_metrics", "experiment_runs");
    for (String relation : shown) {
      Sql.texts(connection, "SELECT count(*) FROM runledger." + relation);
    }
  }

  private static List<String> relations(String schema) throws Exception {
    return Sql.texts(
        connection,
        """
        SELECT relname FROM pg_class
         WHERE relnamespace = ?::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
           AND relname <> 'flyway_schema_history'
        """,
        schema);
  }
}
