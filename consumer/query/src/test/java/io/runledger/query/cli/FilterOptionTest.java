package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnEachStore
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FilterOptionTest {

  private Laboratory laboratory;

  @TempDir private static Path directory;

  @BeforeEachStore
  void open() {
    laboratory = Laboratory.filled(directory);
  }

  @AfterEachStore
  void close() {
    laboratory.close();
  }

  private Command list(String... words) {
    return Command.run(
        Stream.concat(Stream.of("list", "--db", laboratory.location(), "--json"), Stream.of(words))
            .toArray(String[]::new));
  }

  private List<String> found(Command listed) {
    JsonNode runs = listed.json().path("runs");
    return StreamSupport.stream(runs.spliterator(), false)
        .map(run -> run.path("id").textValue())
        .toList();
  }

  static Stream<Arguments> fields() {
    return Stream.of(
        of("status = failed", Laboratory.FAILED),
        of("status in (failed, TIMEOUT)", Laboratory.FAILED, Laboratory.TIMED_OUT),
        of("id = " + Laboratory.FAILED, Laboratory.FAILED),
        of("project = vision and name ~ BASE", Laboratory.FAILED),
        of("seed = 3 or seed >= 7", Laboratory.COMPLETED, Laboratory.TIMED_OUT),
        of("experiment = 7 and seed < 4.5", Laboratory.COMPLETED, Laboratory.DIVERGED),
        of("seed is null", Laboratory.FAILED),
        of("exit_code != 0 and exit_code is not null", Laboratory.FAILED),
        of("source = scheduler", Laboratory.TIMED_OUT),
        of("attempts > 1", Laboratory.RESUMED),
        of("drift = true", Laboratory.RESUMED),
        of("missing > 0", Laboratory.INCOMPLETE),
        of("dropped_events = 5", Laboratory.INCOMPLETE),
        of("slurm_job = 4711", Laboratory.TIMED_OUT),
        of("notes ~ 'initial base'", Laboratory.COMPLETED),
        of("tag has grid", Laboratory.COMPLETED),
        of("tag = baseline and not tag = grid"),
        of(
            "host = node1 and user = ada and command = Train and commit ~ 0123",
            Laboratory.COMPLETED),
        of("error.type = ValueError and error.message ~ shapes", Laboratory.FAILED),
        of("error.type is not null", Laboratory.FAILED),
        of("artifact.type = checkpoint and artifact.path ~ epoch_5", Laboratory.COMPLETED),
        of("job.state = TIMEOUT", Laboratory.TIMED_OUT),
        of("config.learning_rate = 5e-5", Laboratory.COMPLETED),
        of("config.model.n_layers = 12 and config.learning_rate > 1", Laboratory.DIVERGED),
        of(
            "config.optimizer.betas.0 = 0.9 and config.optimizer.betas has 0.999",
            Laboratory.COMPLETED,
            Laboratory.DIVERGED),
        of(
            "config.note is null and config.model is not null",
            Laboratory.COMPLETED,
            Laboratory.DIVERGED),
        of("metric.val/loss.min < 0.3", Laboratory.COMPLETED),
        of("metric.val/loss.best <= 0.25", Laboratory.COMPLETED),
        of("metric.val/accuracy.best = 0.6", Laboratory.DIVERGED),
        of("metric.val/loss = nan", Laboratory.DIVERGED),
        of("metric.val/loss.nan_count > 0", Laboratory.DIVERGED),
        of("metric.val/loss.max = inf", Laboratory.DIVERGED),
        of("metric.loss.last_step = 3", Laboratory.RESUMED),
        of("metric.loss = 0 and metric.loss.count = 1", Laboratory.FAILED),
        of("summary.best_loss = 0.25", Laboratory.COMPLETED),
        of("summary.confusion ~ '[10'"),
        of(
            "created is not null and took < 2d and status = completed",
            Laboratory.COMPLETED,
            Laboratory.DIVERGED,
            Laboratory.RESUMED),
        of("started > 1999-01-01 and started < '2000-01-01 00:00'"));
  }

  private static Arguments of(String filter, RunId... runs) {
    return Arguments.of(filter, Stream.of(runs).map(RunId::toString).toList());
  }

  @ParameterizedTest
  @MethodSource("fields")
  void eachFieldIsFound(String filter, List<String> runs) {
    Command listed = list("--filter", filter);

    assertThat(listed.code()).as(listed.err()).isZero();
    assertThat(found(listed)).containsExactlyInAnyOrderElementsOf(runs);
  }

  @Test
  void aFilterAndTheOptionsHoldTogether() {
    assertThat(found(list("--status", "completed", "--filter", "seed = 4 or status = failed")))
        .containsExactly(Laboratory.DIVERGED.toString());
  }

  @Test
  void aFilterThatCannotBeReadIsAUsageErrorThatShowsThePlace() {
    Command listed = list("--filter", "seed = 3 and stauts = failed");

    assertThat(listed.code()).isEqualTo(2);
    assertThat(listed.err())
        .contains("'stauts' is not a field of a run; did you mean 'status'?")
        .contains("  seed = 3 and stauts = failed")
        .contains("               ^^^^^^");
    assertThat(listed.out()).isEmpty();
  }

  @Test
  void bestIsOfTheRunsThatPass() {
    Command best =
        Command.run(
            "best",
            "val/loss",
            "--db",
            laboratory.location(),
            "--json",
            "--filter",
            "metric.val/loss.max = inf");

    assertThat(best.json().findValuesAsText("id"))
        .contains(Laboratory.DIVERGED.toString())
        .doesNotContain(Laboratory.COMPLETED.toString());
  }

  private Command run(String... words) {
    return Command.at(laboratory.location(), words);
  }

  @Test
  void errorsAreOfTheRunsThatPass() {
    Command all = run("errors", "--json");
    Command some = run("errors", "--json", "--filter", "project = vision");
    Command last = run("errors", "--json", "--last", "--filter", "project is null");
    Command ofRun =
        run("errors", Laboratory.FAILED.toString(), "--json", "--filter", "project = none");

    assertThat(some.json().findValuesAsText("id")).containsExactly(Laboratory.FAILED.toString());
    assertThat(last.json().findValuesAsText("id"))
        .contains(Laboratory.TIMED_OUT.toString())
        .doesNotContain(Laboratory.FAILED.toString());
    assertThat(all.json().path("errors").size())
        .isEqualTo(
            some.json().path("errors").size()
                + run("errors", "--json", "--filter", "project is null")
                    .json()
                    .path("errors")
                    .size());
    assertThat(ofRun.json().path("errors")).isEmpty();
    assertThat(run("errors", "--limit", "1", "--filter", "seed > 4").err())
        .contains("1 of 2 errors shown");
    assertThat(run("errors", "--filter", "seed = 3").err())
        .contains("Nothing failed in the runs that match.");
    assertThat(run("errors", "--filter", "sed = 3").code()).isEqualTo(2);
  }

  @Test
  void comparedAreTheRunsThatPass() {
    Command chosen = run("compare", "--filter", "seed in (3, 4)", "--json");

    assertThat(chosen.json().findValuesAsText("id"))
        .containsExactlyInAnyOrder(Laboratory.COMPLETED.toString(), Laboratory.DIVERGED.toString());
    assertThat(run("compare", "--filter", "seed = 99").code()).isEqualTo(3);
    assertThat(run("compare").code()).isEqualTo(2);
    assertThat(run("compare", Laboratory.FAILED.toString(), "--filter", "seed = 3").code())
        .isEqualTo(2);
  }

  @Test
  void whatAUserWritesIsNeverSql() {
    assertThat(found(list("--filter", "name = \"x' OR '1'='1\""))).isEmpty();
    assertThat(list("--filter", "config.\"a') --\" = 1").code()).isZero();
    assertThat(list("--filter", "metric.\"'; DROP TABLE experiment_runs; --\" > 1").code())
        .isZero();
    assertThat(found(list())).hasSize(6);
  }
}
