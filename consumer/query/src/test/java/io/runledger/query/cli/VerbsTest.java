package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.Laboratory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each verb prints. */
class VerbsTest {

  @TempDir private static Path directory;
  private static Laboratory laboratory;

  private static final String COMPLETED = Laboratory.COMPLETED.toString();
  private static final String DIVERGED = Laboratory.DIVERGED.toString();
  private static final String RESUMED = Laboratory.RESUMED.toString();
  private static final String INCOMPLETE = Laboratory.INCOMPLETE.toString();

  @BeforeAll
  static void open() {
    laboratory = Laboratory.filled(directory);
  }

  @AfterAll
  static void close() {
    laboratory.close();
  }

  private static Command run(String... words) {
    return Command.run(laboratory.database(), words);
  }

  @Test
  void listTellsTheRunsApart() {
    Command list = run("list");

    assertThat(list.code()).isZero();
    assertThat(list.err()).isEmpty();
    assertThat(list.out())
        .isEqualToNormalizingNewlines(
            """
            ID             NAME                 STATUS                  STARTED (UTC)     TOOK  LAST LOSS  REMARKS
            6ckfznsjcwy7h  7/mnist/cnn/s01/-/7  timeout                 2026-01-02 10:04    1s          -
            1yy4zj4a079rd  7/mnist/cnn/s01/-/6  running                 2026-01-02 09:04     -        0.6  3 missing, 5 dropped
            7ev080ptes2nt  7/mnist/cnn/s01/-/5  completed (2 attempts)  2026-01-02 08:04    1s        0.4  config drift
            0a9he4jj7zmra  baseline             failed (exit 1)         2026-01-02 06:04    1s         -0
            5trk3jv1evemj  7/mnist/cnn/s01/-/4  completed               2026-01-02 05:04    1s        NaN  val/loss is NaN
            78sxbzm4epjyp  7/mnist/cnn/s01/-/3  completed               2026-01-02 04:04    3s        0.3
            """);
  }

  @Test
  void listHasFiltersAndALimit() {
    assertThat(run("list", "--limit", "2").lines()).hasSize(3);
    assertThat(run("list", "--status", "FAILED").lines())
        .hasSize(2)
        .last()
        .asString()
        .contains("baseline");
    assertThat(run("list", "--since", "2026-01-02T09:00").lines()).hasSize(3);
    assertThat(run("list", "--since", "2h").err()).contains("No run fits.");
    assertThat(run("list", "--since", "2h").code()).isZero();
  }

  @Test
  void listAsJsonHasTheDatabasesNames() {
    JsonNode runs = run("list", "--json").json().get("runs");

    assertThat(runs).hasSize(6);
    JsonNode diverged = runs.get(4);
    assertThat(diverged.get("id").asText()).isEqualTo(DIVERGED);
    assertThat(diverged.get("run_id").asText())
        .isEqualTo(Long.toString(Laboratory.DIVERGED.value()));
    assertThat(diverged.get("seed").asLong()).isEqualTo(4);
    assertThat(diverged.get("cl_info").isNull()).isTrue();
    assertThat(diverged.get("config").get("model").get("n_layers").asInt()).isEqualTo(12);
    JsonNode loss = diverged.get("metrics").get(1);
    assertThat(loss.get("metric_name").asText()).isEqualTo("val/loss");
    assertThat(loss.get("last").get("value").isTextual()).isTrue();
    assertThat(loss.get("last").get("value").asText()).isEqualTo("NaN");
    assertThat(loss.get("max").get("value").asText()).isEqualTo("Infinity");
    assertThat(runs.get(1).get("missing_events").asLong()).isEqualTo(3);
    assertThat(runs.get(1).get("dropped_events").asLong()).isEqualTo(5);
    assertThat(runs.get(2).get("config_drift").asBoolean()).isTrue();
    assertThat(runs.get(3).get("metrics").get(0).get("last").get("value").toString())
        .isEqualTo("-0.0");
  }

  @Test
  void listAsCsvHasOneLineARun() {
    var rows = run("list", "--csv").csv();

    assertThat(rows).hasSize(6);
    assertThat(rows.get(4).getField("last_loss")).isEqualTo("NaN");
    assertThat(rows.get(5).getField("tags")).isEqualTo("baseline grid");
    assertThat(rows.get(5).getField("run_id"))
        .isEqualTo(Long.toString(Laboratory.COMPLETED.value()));
  }

  @Test
  void showHasAllOfARun() {
    Command show = run("show", COMPLETED);

    assertThat(show.code()).isZero();
    assertThat(show.out())
        .isEqualToNormalizingNewlines(
            """
            id              78sxbzm4epjyp (run_id 8387861934265551830)
            name            7/mnist/cnn/s01/-/3
            run key         7/mnist/cnn/s01/-/3
            status          completed, said by the job: job says so
            created         2026-01-02 04:04:05
            finished        2026-01-02 04:04:08 (took 3s)
            host            node1, process 4711
            user            ada
            command         Train
            git commit      0123456789abcdef0123456789abcdef01234567 (modified)
            tags            baseline, grid
            notes           Initial baseline

            configuration
              {
                "learning_rate" : 0.00005,
                "model" : {
                  "n_layers" : 12,
                  "n_heads" : 8
                },
                "optimizer" : {
                  "betas" : [ 0.9, 0.999 ]
                },
                "note" : null
              }

            metrics
              METRIC            POINTS  MIN             MAX            LAST            CURVE
              train/batch_loss       2  0.41 @ step 15  0.45 @ step 5  0.41 @ step 15  █▁
              train/loss             3  0.4 @ epoch 2   0.9 @ epoch 0  0.4 @ epoch 2   █▂▁
              val/accuracy           3  0.5 @ epoch 0   0.8 @ epoch 1  0.75 @ epoch 2  ▁█▇
              val/loss               3  0.25 @ epoch 1  0.8 @ epoch 0  0.3 @ epoch 2   █▁▁

            results of 2026-01-02 04:04:06
              {
                "best_loss" : 0.25,
                "confusion" : [ [ 9, 1 ], [ 0, 10 ] ]
              }

            artifacts
              TYPE        FILE                    SIZE  SHA-256  METADATA
              checkpoint  checkpoints/epoch_5.pt  42 B  -        {"epoch":5}
            """);
  }

  @Test
  void showSaysWhatIsMissingAndWhatDiffersBetweenAttempts() {
    assertThat(run("show", INCOMPLETE).out())
        .contains("MISSING         3 events of runledger.metrics")
        .contains("arrived: 0-0,4-4")
        .contains("DROPPED         5 events for runledger.metrics: the spool's disk is full");
    assertThat(run("show", RESUMED).out())
        .contains("completed (2 attempts)")
        .contains("DRIFT ")
        .containsPattern("0000000000004 +failed +wrapper says so");
    assertThat(run("show", "slurm:4710_4").out())
        .contains("timeout, said by the scheduler")
        .contains("4710_4");
    assertThat(run("show", "baseline").out())
        .contains("failed (exit 1), said by the wrapper")
        .contains("ValueError: shapes do not match")
        .contains("'runledger errors 0a9he4jj7zmra' prints the tracebacks.");
  }

  @Test
  void showAsJsonHasEverySection() {
    JsonNode json = run("show", RESUMED, "--json").json();

    assertThat(json.get("run").get("id").asText()).isEqualTo(RESUMED);
    assertThat(json.get("attempts")).hasSize(2);
    assertThat(json.get("attempts").get(1).get("config").get("learning_rate").asDouble())
        .isEqualTo(0.2);
    assertThat(json.get("attempts").get(0).get("superseded_from_step").asLong()).isEqualTo(2);
    assertThat(json.get("metrics").get(0).get("count").asLong()).isEqualTo(3);
    JsonNode other = run("show", INCOMPLETE, "--json").json();
    assertThat(other.get("gaps").get(0).get("missing").asLong()).isEqualTo(3);
    assertThat(other.get("dropped").get(0).get("count").asLong()).isEqualTo(5);
    JsonNode completed = run("show", COMPLETED, "--json").json();
    assertThat(completed.get("results").get(0).get("results").get("best_loss").asDouble())
        .isEqualTo(0.25);
    assertThat(completed.get("artifacts").get(0).get("metadata").get("epoch").asInt()).isEqualTo(5);
  }

  @Test
  void metricsShowsEachMetricInOneLine() {
    assertThat(run("metrics", DIVERGED).out())
        .isEqualToNormalizingNewlines(
            """
            METRIC           POINTS  MIN            MAX                 LAST           CURVE
            val/accuracy          3  0.1 @ epoch 1  0.6 @ epoch 0       0.1 @ epoch 2  █▁▁
            val/loss      3 (1 NaN)  0.7 @ epoch 0  Infinity @ epoch 1  NaN @ epoch 2  ▄↑×
            """);
  }

  @Test
  void metricsShowsThePointsOfOne() {
    Command metrics = run("metrics", COMPLETED, "val/loss", "--limit", "2");

    assertThat(metrics.out())
        .isEqualToNormalizingNewlines(
            """
            val/loss
            3 points, min 0.25 @ epoch 1, max 0.8 @ epoch 0, last 0.3 @ epoch 2
            █▁▁

            STEP  EPOCH  ELAPSED S  VALUE  TIME (UTC)
               -      1        120   0.25  2026-01-02 04:06:05
               -      2        180    0.3  2026-01-02 04:07:05

            """);
  }

  @Test
  void metricsForProgramsHasAllPoints() {
    JsonNode json = run("metrics", DIVERGED, "val/loss", "--json").json();
    var rows = run("metrics", DIVERGED, "val/loss", "val/accuracy", "--csv").csv();

    JsonNode points = json.get("metrics").get(0).get("points");
    assertThat(points).hasSize(3);
    assertThat(points.get(1).get("value").asText()).isEqualTo("Infinity");
    assertThat(points.get(2).get("value").asText()).isEqualTo("NaN");
    assertThat(points.get(2).get("epoch").asLong()).isEqualTo(2);
    assertThat(rows).hasSize(6);
    assertThat(rows.get(1).getField("value")).isEqualTo("Infinity");
    assertThat(run("metrics", COMPLETED, "--csv").csv()).hasSize(4);
  }

  @Test
  void compareSetsRunsSideBySide() {
    assertThat(run("compare", COMPLETED, DIVERGED).out())
        .isEqualToNormalizingNewlines(
            """
                                     78sxbzm4epjyp            5trk3jv1evemj
            name                     7/mnist/cnn/s01/-/3      7/mnist/cnn/s01/-/4
            status                   completed                completed
            started (UTC)            2026-01-02 04:04         2026-01-02 05:04
            total epochs             3                        3
            train/batch_loss, final  0.41                     -
              best (min)             0.41 @ epoch 1, step 15  -
            train/loss, final        0.4                      -
              best (min)             0.4 @ epoch 2            -
            val/accuracy, final      0.75                     0.1
              best (max)             0.8 @ epoch 1            0.6 @ epoch 0
            val/loss, final          0.3                      NaN
              best (min)             0.25 @ epoch 1           0.7 @ epoch 0
            configuration
              learning_rate          0.00005                  9.0
            """);
  }

  @Test
  void compareForProgramsHasFinalAndBestValues() {
    JsonNode json = run("compare", COMPLETED, DIVERGED, "--json").json();
    var rows = run("compare", COMPLETED, DIVERGED, "--metric", "val/loss", "--csv").csv();

    assertThat(json.get("runs").get(0).get("total_epochs").asLong()).isEqualTo(3);
    assertThat(json.get("runs").get(1).get("metrics").get(1).get("final").get("value").asText())
        .isEqualTo("NaN");
    assertThat(json.get("config_differences").get(0).get("path").asText())
        .isEqualTo("learning_rate");
    assertThat(json.get("config_differences").get(0).get("values").get(1).asDouble())
        .isEqualTo(9.0);
    assertThat(rows.get(0).getHeader())
        .containsExactly(
            "id",
            "run_id",
            "run_name",
            "status",
            "total_epochs",
            "val/loss.final",
            "val/loss.best",
            "val/loss.best_step",
            "val/loss.best_epoch",
            "config.learning_rate");
    assertThat(rows.get(1).getField("val/loss.best")).isEqualTo("0.7");
  }

  @Test
  void bestRanksByTheRuleOrByTheModeThatWasGiven() {
    assertThat(run("best", "val/loss").out())
        .isEqualToNormalizingNewlines(
            """
               ID             NAME                 STATUS     val/loss (min)  STEP  EPOCH  REMARKS
            1  78sxbzm4epjyp  7/mnist/cnn/s01/-/3  completed            0.25     -      1
            2  5trk3jv1evemj  7/mnist/cnn/s01/-/4  completed             0.7     -      0
            """);
    assertThat(run("best", "val/accuracy", "--json").json().get("mode").asText()).isEqualTo("max");
    assertThat(
            run("best", "val/accuracy", "--mode", "min", "--json", "--limit", "1")
                .json()
                .get("runs")
                .get(0)
                .get("best")
                .get("value")
                .asDouble())
        .isEqualTo(0.1);
    assertThat(run("best", "val/loss", "--csv").csv().get(0).getField("best")).isEqualTo("0.25");
  }

  @Test
  void errorsOfOneRunHaveTheirTracebacks() {
    assertThat(run("errors").out())
        .isEqualToNormalizingNewlines(
            """
            TIME (UTC)           RUN            NAME      ERROR       MESSAGE
            2026-01-02 06:04:05  0a9he4jj7zmra  baseline  ValueError  shapes do not match
            """);
    assertThat(run("errors", "baseline").out())
        .contains("ValueError: shapes do not match" + System.lineSeparator() + "  at train(");
    assertThat(run("errors", COMPLETED).err()).contains("No error was logged.");
    assertThat(run("errors", "--json").json().get("errors").get(0).get("traceback").asText())
        .contains("\n  at train(Train.java:1)");
    assertThat(run("errors", "--csv").csv().get(0).getField("traceback"))
        .contains("\n  at train(Train.java:1)");
  }

  @Test
  void jobsAreThoseOfSlurm() {
    assertThat(run("jobs").out())
        .isEqualToNormalizingNewlines(
            """
            JOB     RUN            NAME                 STATE    REASON  EXIT  NODES  STARTED (UTC)     TOOK  RESTARTS
            4710_4  6ckfznsjcwy7h  7/mnist/cnn/s01/-/7  TIMEOUT  -          -  -      2026-01-02 10:04     -         0
            """);
    assertThat(
            run("jobs", "--json")
                .json()
                .get("slurm_jobs")
                .get(0)
                .get("requested")
                .get("mem")
                .asText())
        .isEqualTo("4G");
    assertThat(run("jobs", "--csv").csv().get(0).getField("slurm_array_task_id")).isEqualTo("4");
    assertThat(run("jobs", COMPLETED).err()).contains("No run that fits ran in a SLURM job.");
  }

  @Test
  void whatIsNotThereEndsWithThree() {
    Command run = run("show", "nothing");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("runledger: No run fits 'nothing'.");

    Command metric = run("best", "val/los");
    assertThat(metric.code()).isEqualTo(3);
    assertThat(metric.err()).contains("No run has a metric 'val/los'; did you mean 'val/loss'?");

    Command database = Command.run("list", "--db", directory.resolve("no.db").toString());
    assertThat(database.code()).isEqualTo(3);
    assertThat(database.err()).contains("There is no database at");
  }

  @Test
  void whatIsMistypedEndsWithTwo() {
    assertThat(run("best", "val/loss", "--mode", "median").err())
        .contains("The mode is min or max, not 'median'.");
    assertThat(run("best", "val/loss", "--mode", "median").code()).isEqualTo(2);
    assertThat(run("list", "--limit", "0").code()).isEqualTo(2);
    assertThat(run("list", "--since", "yesterday").code()).isEqualTo(2);
    assertThat(run("list", "--status", "dead").err()).contains("pending, running, completed");
    assertThat(run("list", "--json", "--csv").code()).isEqualTo(2);
    assertThat(run("show", "slurm:x").code()).isEqualTo(2);
    assertThat(run("show").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "show", "metrics", "compare", "best", "errors", "jobs"})
  void helpHasAnExampleAndFitsTheScreen(String verb) {
    Command help = Command.run(verb, "--help");

    assertThat(help.code()).isZero();
    assertThat(help.out()).containsPattern("Examples?:\\R  runledger " + verb);
    assertThat(help.lines()).allMatch(line -> line.length() <= 82);
  }
}
