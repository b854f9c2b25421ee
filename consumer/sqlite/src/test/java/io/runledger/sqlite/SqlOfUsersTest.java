package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.event.MetricRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The statements that users of both trackers write, on the database while it is written. */
class SqlOfUsersTest {

  private static final String RUNS_BELOW =
      """
      SELECT r.run_name, MIN(m.value) AS best_loss
        FROM runs r JOIN metrics m ON r.run_id = m.run_id
       WHERE m.metric_name = 'val/loss'
       GROUP BY r.run_id
      HAVING best_loss < 0.3
      """;
  private static final String CURVE =
      "SELECT elapsed_seconds, epoch, loss, f1 FROM run_metrics WHERE run_id = %d ORDER BY elapsed_seconds";
  private static final String INSERT =
      "INSERT INTO experiment_runs (experiment, dataset, method, subject, cl_info, seed) VALUES (%s)";

  private final Events good = Events.ofName("vision", "baseline", new UUID(1, 2));
  private final Events bad = Events.ofName("vision", "too fast", new UUID(3, 4));

  @TempDir private Path directory;
  private Path database;
  private Projection projection;

  @BeforeEach
  void fillADatabase() {
    database = directory.resolve("runledger.db");
    projection = Deliveries.claimed(new TestFile(database).open());
    deliver(
        projection,
        good.started(),
        good.metric("val/loss", 1, 0.5),
        good.metric("val/loss", 2, 0.25),
        bad.started(),
        bad.metric("val/loss", 1, 0.9),
        bad.metric("val/loss", 2, Double.NaN));
    deliver(
        projection,
        good.metrics(
            elapsed(2.5, 20, Map.of("loss", 0.2, "f1", 0.8)),
            elapsed(1.25, 10, Map.of("loss", 0.4, "lr", 0.1))));
  }

  private static MetricRow elapsed(double seconds, long step, Map<String, Double> values) {
    return MetricRow.newBuilder()
        .setAt(Events.DAWN)
        .setStep(step)
        .setEpoch((double) Math.floorDiv(step, 10))
        .setElapsedSeconds(seconds)
        .setValues(values)
        .build();
  }

  @AfterEach
  void closeTheDatabase() {
    projection.close();
  }

  @Test
  void theRunsBelowALossAreFoundAndNanIsNotBelow() throws SQLException {
    assertThat(Tables.rows(database, RUNS_BELOW)).containsExactly("baseline|0.25");
  }

  @Test
  void theCurveOfARunIsOneRowALogCall() throws SQLException {
    assertThat(Tables.rows(database, CURVE.formatted(good.run().value())))
        .contains("1.25|1.0|0.4|null", "2.5|2.0|0.2|0.8");
  }

  @Test
  void elapsedSecondsFallBackToTheAttemptsStart() throws SQLException {
    Events job = Events.ofSeed(1).attempt(1);
    MetricRow call =
        MetricRow.newBuilder()
            .setAt(Events.DAWN.plusSeconds(3_600 + 90))
            .setEpoch(9.0)
            .setValues(Map.of("loss", 1.0))
            .build();
    deliver(projection, job.started(), job.metrics(call), Events.ofSeed(2).metric("f1", 1, 1));

    assertThat(Tables.row(database, CURVE.formatted(job.run().value()))).startsWith("90.0|9.0|");
    assertThat(Tables.row(database, CURVE.formatted(Events.ofSeed(2).run().value())))
        .startsWith("null|0.0|");
  }

  @Test
  void aMetricOfManyWritersIsTheirLogCallsAllTheSame() throws SQLException {
    Events job = Events.ofSeed(1);
    deliver(
        projection,
        job.writer(1).metric("loss", 1, 1),
        job.writer(2).metric("loss", 1, 2),
        job.attempt(2).metric("loss", 1, 3));

    assertThat(
            Tables.rows(
                database,
                "SELECT loss FROM run_metrics WHERE run_id = %d ORDER BY loss"
                    .formatted(job.run().value())))
        .containsExactly("1.0", "2.0", "3.0");
  }

  @Test
  void theColumnsOfBothTrackersAreThere() throws SQLException {
    for (String sql :
        List.of(
            "SELECT run_id, run_name, config, notes, created_at, status FROM runs",
            "SELECT metric_id, run_id, metric_name, value, step, epoch, timestamp FROM metrics",
            "SELECT artifact_id, run_id, artifact_type, filepath, metadata, created_at FROM artifacts",
            "SELECT run_id, experiment, dataset, method, subject, cl_info, seed, config, notes, tags, status, exit_code, slurm_job_id, slurm_array_task_id, created_at, started_at, finished_at FROM experiment_runs",
            "SELECT run_id, elapsed_seconds, epoch, loss, f1, fitness, behavioral_comparison, gpu_memory_mb FROM run_metrics",
            "SELECT run_id, results FROM run_results",
            "SELECT run_id, exception_type, message, traceback, created_at FROM run_errors",
            "SELECT run_id, slurm_job_id, slurm_array_task_id, partition, account, qos, nodes, state, requested, allocated FROM slurm_jobs")) {
      assertThat(Tables.rows(database, sql)).isNotNull();
    }
  }

  @Test
  void timesAreTextInUtc() throws SQLException {
    assertThat(Tables.rows(database, "SELECT DISTINCT created_at FROM runs"))
        .containsExactly("2026-01-02 04:04:05");
    assertThat(
            Tables.rows(
                database,
                "SELECT timestamp FROM metrics WHERE timestamp NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM metrics WHERE run_id = 7",
        "SELECT * FROM metrics WHERE run_id = 7 AND metric_name = 'loss' ORDER BY step",
        "SELECT elapsed_seconds, epoch, loss, f1 FROM run_metrics WHERE run_id = 7 ORDER BY elapsed_seconds",
        "SELECT * FROM metric_summaries WHERE run_id = 7",
        "SELECT run_id, min_value FROM metric_summaries WHERE name = 'loss' ORDER BY min_value LIMIT 1",
        "SELECT r.run_name, s.min_value FROM runs r JOIN metric_summaries s ON s.run_id = r.run_id WHERE r.run_name = 'a' AND s.name = 'loss'",
        "SELECT * FROM runs WHERE run_id = 7",
        "SELECT * FROM run_errors WHERE run_id = 7",
        "SELECT * FROM artifacts WHERE run_id = 7",
        "SELECT * FROM stream_gaps WHERE run_id = 7",
        "SELECT * FROM run_summary WHERE run_id = 7"
      })
  void aQuestionAboutOneRunOrMetricReadsNoOthers(String sql) throws SQLException {
    List<String> plan = Tables.rows(database, "EXPLAIN QUERY PLAN " + sql);

    // a table that is read from end to end is a SCAN; a view's own rows and a row's JSON may be
    assertThat(plan)
        .noneMatch(step -> step.matches(".*SCAN (?!run_metrics\\b|\\(subquery|e VIRTUAL).*"));
  }

  @Test
  void theBestRunIsFoundInTheIndexAlone() throws SQLException {
    assertThat(
            Tables.rows(
                database,
                "EXPLAIN QUERY PLAN SELECT run_id, min_value FROM metric_summaries WHERE name = 'loss' ORDER BY min_value LIMIT 1"))
        .anyMatch(step -> step.contains("COVERING INDEX metric_summaries_by_name"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'7', 'mnist', 'cnn', 's01', 'cl', 3",
        "'7', NULL, 'cnn', NULL, NULL, NULL",
        "NULL, NULL, NULL, NULL, NULL, NULL",
        "'', NULL, NULL, NULL, NULL, 0"
      })
  void theSameSixPartsTwiceAreRefusedAlsoWithNulls(String parts) throws SQLException {
    Tables.change(database, INSERT.formatted(parts));

    assertThatThrownBy(() -> Tables.change(database, INSERT.formatted(parts)))
        .hasMessageContaining("UNIQUE");
  }

  @Test
  void anAbsentPartIsNotAnEmptyOne() throws SQLException {
    Tables.change(database, INSERT.formatted("'7', '', NULL, NULL, NULL, NULL"));
    Tables.change(database, INSERT.formatted("'7', NULL, '', NULL, NULL, NULL"));
    Tables.change(database, INSERT.formatted("'7', NULL, NULL, NULL, NULL, 0"));
    Tables.change(database, INSERT.formatted("'7', NULL, NULL, NULL, NULL, NULL"));

    assertThat(Tables.row(database, "SELECT count(*) FROM experiment_runs WHERE experiment = '7'"))
        .isEqualTo("4");
  }

  @Test
  void theStockShellReadsAndRefusesTheSame() throws Exception {
    assumeTrue(shellIsInstalled(), "the sqlite3 shell is not installed");
    String parts = "'7', NULL, 'cnn', NULL, NULL, NULL";

    assertThat(shell(RUNS_BELOW)).isEqualTo("baseline|0.25");
    assertThat(shell(CURVE.formatted(good.run().value())))
        .contains("1.25|1.0|0.4|\n2.5|2.0|0.2|0.8");
    assertThat(shell("SELECT name, count, min_value FROM metric_summaries WHERE name = 'f1'"))
        .isEqualTo("f1|1|0.8");
    assertThat(shell(INSERT.formatted(parts))).isEmpty();
    assertThat(shell(INSERT.formatted(parts))).contains("UNIQUE constraint failed");
  }

  private static boolean shellIsInstalled() {
    for (String path : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(path, "sqlite3"))) {
        return true;
      }
    }
    return false;
  }

  private String shell(String sql) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sqlite3", "-batch", database.toString(), sql)
            .redirectErrorStream(true)
            .start();
    shell.getOutputStream().close();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output.strip();
  }
}
