package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.query.connection.SqlRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statements of users that are one text on both stores, and have one answer. */
@OnEachStore
class SqlOfBothStoresTest {

  @TempDir Path directory;
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.filled(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private List<List<Object>> rows(String statement) {
    List<List<Object>> rows = new ArrayList<>();
    ledger.sql(
        statement,
        new SqlRows() {
          @Override
          public void columns(List<String> names) {
            assertThat(names).isNotEmpty();
          }

          @Override
          public boolean row(List<Optional<Object>> cells) {
            rows.add(cells.stream().map(cell -> cell.orElse("NULL")).toList());
            return true;
          }
        });
    return rows;
  }

  @Test
  void theQuestionOfTheTrackerWithThreeTables() {
    assertThat(
            rows(
                """
                SELECT r.run_name, MIN(m.value) AS best_loss
                  FROM runs r JOIN metrics m ON r.run_id = m.run_id
                 WHERE m.metric_name = 'val/loss'
                 GROUP BY r.run_id, r.run_name
                HAVING MIN(m.value) < 0.3
                """))
        .hasSize(1)
        .allSatisfy(row -> assertThat(row.get(1)).isEqualTo(0.25));
    assertThat(rows("SELECT run_name, status FROM runs ORDER BY created_at DESC, run_id LIMIT 5"))
        .hasSize(5);
    assertThat(
            rows("SELECT artifact_type, filepath FROM artifacts ORDER BY created_at, artifact_id"))
        .containsExactly(List.of("checkpoint", "checkpoints/epoch_5.pt"));
  }

  @Test
  void theQuestionsOfTheTrackerWithFiveTables() {
    assertThat(
            rows(
                """
                SELECT dataset, count(*) AS runs, sum(status = 'completed') AS completed
                  FROM experiment_runs
                 WHERE experiment = '7' AND deleted = 0
                 GROUP BY dataset
                """))
        .containsExactly(List.of("mnist", 5L, 3L));
    assertThat(
            rows(
                "SELECT elapsed_seconds, epoch, loss, f1 FROM run_metrics WHERE loss IS NOT NULL ORDER BY loss LIMIT 1"))
        .hasSize(1);
    assertThat(
            rows(
                """
                SELECT e.run_name, x.exception_type, x.message
                  FROM run_errors x JOIN experiment_runs e ON e.run_id = x.run_id
                """))
        .containsExactly(List.of("baseline", "ValueError", "shapes do not match"));
    assertThat(
            rows(
                "SELECT slurm_job_id, state, json_extract(requested, '$.mem') AS mem FROM slurm_jobs"))
        .hasSize(1);
  }

  @Test
  void functionsOfSqliteAreThere() {
    assertThat(
            rows(
                """
                SELECT ifnull(NULL, 'a'), iif(1 = 1, 2, 3), instr('abc', 'c'), max(1, 3), min(2, 1),
                       datetime(0, 'unixepoch'), strftime('%Y', 86400 * 366, 'unixepoch'),
                       unixepoch('2026-01-02 03:04:05')
                """))
        .containsExactly(
            List.of("a", 2L, 3L, 3L, 1L, "1970-01-01 00:00:00", "1971", 1_767_323_045L));
    assertThat(
            rows(
                "SELECT json_extract(config, '$.model.n_layers'), json_type(config, '$.model') FROM runs WHERE json_valid(config) AND json_type(config, '$.model') IS NOT NULL LIMIT 1"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get(0)).hasToString("12");
              assertThat(row.get(1)).isEqualTo("object");
            });
    assertThat(rows("SELECT total(seed), group_concat(status) FROM runs WHERE run_id < 0"))
        .containsExactly(List.of(0.0, "NULL"));
  }

  @Test
  void aNaNIsNullAndTheOthersCount() {
    assertThat(
            rows(
                """
                SELECT count(*), count(value), min(value), max(value)
                  FROM metrics
                 WHERE metric_name = 'val/loss' AND run_id = %d
                """
                    .formatted(Laboratory.DIVERGED.value())))
        .containsExactly(List.of(3L, 2L, 0.7, Double.POSITIVE_INFINITY));
  }

  @Test
  void timesAreTextsInUtc() {
    List<List<Object>> times =
        rows("SELECT timestamp, time_us FROM metrics WHERE metric_name = 'train/loss' ORDER BY 2");

    assertThat(times).hasSize(3);
    assertThat(times.get(0).get(0).toString()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
  }
}
