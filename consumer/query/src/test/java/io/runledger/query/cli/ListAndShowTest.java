package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What list and show print. */
@OnEachStore
class ListAndShowTest {

  @TempDir private static Path directory;
  private static Laboratory laboratory;

  private static final String COMPLETED = Laboratory.COMPLETED.toString();
  private static final String DIVERGED = Laboratory.DIVERGED.toString();
  private static final String RESUMED = Laboratory.RESUMED.toString();
  private static final String INCOMPLETE = Laboratory.INCOMPLETE.toString();

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
  void listTellsTheRunsApart() {
    Command list = run("list");

    assertThat(list.code()).isZero();
    assertThat(list.err()).isEmpty();
    assertThat(list.out()).containsPattern("running \\(silent \\d+d\\d\\dh\\) +2026-01-02 09:04");
    assertThat(list.out().replaceAll("\\d+d\\d\\dh", "long").replaceAll(" +", " "))
        .isEqualToNormalizingNewlines(
            """
            ID NAME STATUS STARTED (UTC) TOOK STEP LAST LOSS VALUE AGE BEAT AGE REMARKS
            6ckfznsjcwy7h 7/mnist/cnn/s01/-/7 timeout 2026-01-02 10:04 1s - - - -
            1yy4zj4a079rd 7/mnist/cnn/s01/-/6 running (silent long) 2026-01-02 09:04 long 4 0.6 long long 3 missing, 5 dropped
            7ev080ptes2nt 7/mnist/cnn/s01/-/5 completed (2 attempts) 2026-01-02 08:04 1s 3 0.4 - - config drift
            0a9he4jj7zmra baseline failed (exit 1) 2026-01-02 06:04 1s 10 -0 - -
            5trk3jv1evemj 7/mnist/cnn/s01/-/4 completed 2026-01-02 05:04 1s epoch 2 NaN - - val/loss is NaN
            78sxbzm4epjyp 7/mnist/cnn/s01/-/3 completed 2026-01-02 04:04 3s epoch 2 0.3 - -
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
    assertThat(run("list", "--since", "2h").err()).contains("No run matches.");
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
            status          completed, reported by the job: job says so
            created         2026-01-02 04:04:05
            finished        2026-01-02 04:04:08 (took 3s)
            host            node1, process 4711
            user            ada
            command         Train
            git commit      0123456789abcdef0123456789abcdef01234567 (modified)
            last value      epoch 2 at 2026-01-02 04:07:05
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
              (masked as secrets: api_key, hub.token)

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
        .contains("timeout, reported by the scheduler")
        .contains("4710_4");
    assertThat(run("show", "baseline").out())
        .contains("failed (exit 1), reported by the wrapper")
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
    assertThat(completed.get("attempts").get(0).get("masked_keys").get(0).asText())
        .isEqualTo("api_key");
    assertThat(completed.get("results").get(0).get("results").get("best_loss").asDouble())
        .isEqualTo(0.25);
    assertThat(completed.get("artifacts").get(0).get("metadata").get("epoch").asInt()).isEqualTo(5);
  }
}
