package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.config.ExitCodes;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the other verbs print, and how all of them end. */
@OnEachStore
class VerbsTest {

  @TempDir private static Path directory;
  private static Laboratory laboratory;

  private static final String COMPLETED = Laboratory.COMPLETED.toString();
  private static final String DIVERGED = Laboratory.DIVERGED.toString();

  @BeforeEachStore
  static void open() {
    laboratory = Laboratory.filled(directory);
  }

  @AfterEachStore
  static void close() {
    laboratory.close();
  }

  private static Command run(String... words) {
    return Command.at(laboratory.location(), words);
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
  void aMetricComesInBucketsThatKeepItsExtremes() {
    JsonNode buckets =
        run("metrics", COMPLETED, "val/loss", "--buckets", "2", "--json")
            .json()
            .get("metrics")
            .get(0)
            .get("buckets");
    var rows = run("metrics", COMPLETED, "val/loss", "--buckets", "2", "--csv").csv();

    assertThat(buckets).hasSize(2);
    assertThat(buckets.get(0).get("highest").asDouble()).isEqualTo(0.8);
    assertThat(buckets.get(0).get("lowest").asDouble()).isEqualTo(0.25);
    assertThat(buckets.get(1).get("points").asInt()).isEqualTo(1);
    assertThat(rows).hasSize(2);
    assertThat(run("metrics", COMPLETED, "val/loss", "--buckets", "2").out())
        .contains("LOWEST", "0.25", "0.8");
    assertThat(run("metrics", COMPLETED, "--buckets", "2").code()).isEqualTo(2);
    assertThat(run("metrics", COMPLETED, "val/loss", "--buckets", "0").code()).isEqualTo(2);
  }

  @Test
  void whySaysWhatDecidedAndOnWhichEvidence() {
    Command why = run("why", Laboratory.TIMED_OUT.toString());

    assertThat(why.code()).isZero();
    assertThat(why.out())
        .containsPattern("timeout +because the scheduler reported an abnormal end")
        .containsPattern("SLURM +job 4710_4 on linux: TIMEOUT")
        .contains("scheduler  2026-01-02 10:04:06  timeout (scheduler says so)");
  }

  @Test
  void whySaysOfASilentRunSinceWhenAndDoesNotCallItDead() {
    Command why = run("why", Laboratory.INCOMPLETE.toString());

    assertThat(why.out())
        .containsPattern("running +because it started, and nothing has been reported since")
        .containsPattern(
            "heartbeat +last 2026-01-02 09:04:07, every 30 s; silent since then: dead or disconnected");
  }

  @Test
  void whyGivesTheSameAsJson() {
    JsonNode why = run("why", Laboratory.TIMED_OUT.toString(), "--json").json();

    JsonNode attempt = why.path("attempts").path(0);
    assertThat(why.path("status").asText()).isEqualTo("timeout");
    assertThat(attempt.path("status_rule").asText()).isEqualTo("scheduler");
    assertThat(attempt.path("claims").findValuesAsText("source")).contains("scheduler");
    assertThat(attempt.path("slurm_jobs").path(0).path("state").asText()).isEqualTo("TIMEOUT");
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
  void aMetricThatNoneOfTheComparedRunsHasIsNotFound() {
    Command result = run("compare", COMPLETED, DIVERGED, "--metric", "val/lss");

    assertThat(result.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(result.err()).contains("None of these runs has a metric 'val/lss'", "'val/loss'");
    assertThat(result.out()).isEmpty();
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
            TIME (UTC)           RUN            NAME                 ERROR       MESSAGE
            2026-01-02 10:04:06  6ckfznsjcwy7h  7/mnist/cnn/s01/-/7  (timeout)   scheduler says so, reported by the scheduler
            2026-01-02 07:04:06  7ev080ptes2nt  7/mnist/cnn/s01/-/5  (signal 9)  wrapper says so, reported by the wrapper
            2026-01-02 06:04:05  0a9he4jj7zmra  baseline             ValueError  shapes do not match
            """);
    assertThat(run("errors", "baseline").out())
        .contains("ValueError: shapes do not match" + System.lineSeparator() + "  at train(");
    assertThat(run("errors", COMPLETED).err())
        .contains("Nothing failed: no error was logged, and no attempt ended abnormally.");
    assertThat(run("errors", "--json").json().get("errors").get(2).get("traceback").asText())
        .contains("\n  at train(Train.java:1)");
    assertThat(run("errors", "--csv").csv().get(2).getField("traceback"))
        .contains("\n  at train(Train.java:1)");
  }

  /** 'errors' showed nothing of runs that a signal, SLURM or their exit code ended. */
  @Test
  void anAttemptThatFailedWithoutAnErrorIsAmongTheErrors() {
    String killed = Laboratory.RESUMED.toString();

    assertThat(run("errors", killed).out())
        .isEqualToNormalizingNewlines(
            """
            2026-01-02 07:04:06  7/mnist/cnn/s01/-/5 (7ev080ptes2nt)
            (signal 9): wrapper says so, reported by the wrapper

            """);
    var json = run("errors", killed, "--json").json().get("errors");
    assertThat(json).hasSize(1);
    assertThat(json.get(0).get("kind").asText()).isEqualTo("end");
    assertThat(json.get(0).get("status").asText()).isEqualTo("failed");
    assertThat(json.get(0).get("exit_code").asInt()).isEqualTo(137);
    assertThat(json.get(0).get("status_reason").asText()).isEqualTo("wrapper says so");
    assertThat(json.get(0).get("status_source").asText()).isEqualTo("wrapper");
    assertThat(json.get(0).get("exception_type").isNull()).isTrue();
    assertThat(json.get(0).get("created_at").asText()).isEqualTo("2026-01-02 07:04:06");
    assertThat(run("errors", "--csv").csv())
        .extracting(
            row -> row.getField("kind"),
            row -> row.getField("status"),
            row -> row.getField("exit_code"),
            row -> row.getField("exception_type"))
        .containsExactly(
            tuple("end", "timeout", "", ""),
            tuple("end", "failed", "137", ""),
            tuple("error", "", "", "ValueError"));
  }

  @Test
  void anAttemptThatLoggedItsErrorHasNoRowForItsEnd() {
    assertThat(run("errors", "baseline", "--csv").csv())
        .extracting(row -> row.getField("kind"))
        .containsExactly("error");
    assertThat(run("errors", "--since", "2026-01-02 07:30", "--csv").csv())
        .extracting(row -> row.getField("status"))
        .containsExactly("timeout");
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
    assertThat(run("jobs", COMPLETED).err()).contains("No matching run ran in a SLURM job.");
  }

  @Test
  void whatIsNotThereEndsWithThree() {
    Command run = run("show", "nothing");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("runledger: No run matches 'nothing'.");

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
        .contains("The mode must be min or max, not 'median'.");
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
