package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.contract.Events;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.query.parquet.ParquetTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What export writes. */
@OnEachStore
class ExportTest {

  private static final String HOSTILE = "=1+1\u001b[2J\u202e\"\n,<b>";

  @TempDir private static Path directory;
  private static Laboratory laboratory;

  @TempDir private Path place;

  @BeforeEachStore
  static void open() {
    laboratory = Laboratory.filled(directory);
    Events hostile = Events.ofName("hostile", HOSTILE, new UUID(9, 9)).attempt(8);
    laboratory.deliver(
        hostile.started(start -> start.setConfig("{\"a\":").setTags(List.of(HOSTILE))),
        hostile.metrics(Events.call(1, Map.of(HOSTILE, Double.NEGATIVE_INFINITY))));
  }

  @AfterEachStore
  static void close() {
    laboratory.close();
  }

  private static Command run(String... words) {
    Command done =
        Command.at(
            laboratory.location(),
            Stream.concat(Stream.of("export"), Stream.of(words)).toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }

  private ParquetTable parquet(String... words) throws IOException {
    Path file = place.resolve("x.parquet");
    Command done =
        run(
            Stream.concat(Stream.of("-o", file.toString()), Stream.of(words))
                .toArray(String[]::new));
    assertThat(done.out()).isEmpty();
    assertThat(done.err()).startsWith("Exported ").contains(" to " + file + " (");
    assertThat(place).isDirectoryContaining(file::equals).isDirectoryNotContaining("glob:**.part");
    return ParquetTable.read(file);
  }

  private static List<JsonNode> lines(Command done) {
    return done.lines().stream()
        .map(
            line -> {
              try {
                return new ObjectMapper().readTree(line);
              } catch (IOException e) {
                throw new AssertionError(line, e);
              }
            })
        .toList();
  }

  @Test
  void pointsHaveAllDigitsAndNoSupersededOnes() throws IOException {
    ParquetTable all = parquet("--points");
    ParquetTable diverged = parquet("--points", "--filter", "seed = 4", "--metric", "val/loss");
    ParquetTable resumed = parquet("--points", "--filter", "seed = 5");

    assertThat(diverged.present("value"))
        .containsExactly(0.7, Double.POSITIVE_INFINITY, Double.NaN);
    assertThat(diverged.present("epoch")).containsExactly(0.0, 1.0, 2.0);
    assertThat(diverged.present("step")).isEmpty();
    assertThat(diverged.present("timestamp"))
        .first()
        .isEqualTo(
            ChronoUnit.MICROS.between(
                Instant.EPOCH, Events.DAWN.plus(1, ChronoUnit.HOURS).plusSeconds(60)));
    assertThat(diverged.present("id")).containsOnly(Laboratory.DIVERGED.toString());
    assertThat(diverged.present("run_id")).containsOnly(Laboratory.DIVERGED.value());
    assertThat(resumed.present("value")).containsExactly(0.9, 0.5, 0.4);
    assertThat(all.present("value")).contains(-0.0).contains(Double.NEGATIVE_INFINITY);
    assertThat(all.present("metric_name")).contains(HOSTILE);
  }

  @Test
  void runsHaveTypesAndAbsentIsNotEmpty() throws IOException {
    ParquetTable runs = parquet("--runs");

    assertThat(runs.footer().getNum_rows()).isEqualTo(7);
    assertThat(runs.columns().get("run_name").get(0)).contains(HOSTILE);
    assertThat(runs.columns().get("config").get(0)).contains("\"{\\\"a\\\":\"");
    assertThat(runs.columns().get("seed"))
        .containsExactly(
            Optional.empty(),
            Optional.of(7L),
            Optional.of(6L),
            Optional.of(5L),
            Optional.empty(),
            Optional.of(4L),
            Optional.of(3L));
    assertThat(runs.present("config_drift"))
        .containsExactly(false, false, false, true, false, false, false);
    assertThat(runs.columns().get("finished_at").get(2)).isEmpty();
    assertThat(runs.present("tags")).contains("[\"baseline\",\"grid\"]");
  }

  @Test
  void summariesAreARowARunAndMetric() throws IOException {
    ParquetTable summaries = parquet("--summaries", "--filter", "seed in (4, 5)");

    assertThat(summaries.present("metric_name"))
        .containsExactly("loss", "val/accuracy", "val/loss");
    assertThat(summaries.present("nan_count")).containsExactly(0L, 0L, 1L);
    assertThat(summaries.present("last")).containsExactly(0.4, 0.1, Double.NaN);
    assertThat(summaries.columns().get("min_step").get(0)).contains(3L);
    assertThat(summaries.columns().get("min_step").get(1)).isEmpty();
  }

  @Test
  void linesOfJsonNestWhatJobsGaveAsJson() {
    List<JsonNode> runs = lines(run("--runs", "--format", "jsonl"));
    List<JsonNode> points = lines(run("--points", "--format", "jsonl", "--filter", "seed = 4"));

    assertThat(runs).hasSize(7);
    assertThat(runs.get(0).get("run_name").asText()).isEqualTo(HOSTILE);
    assertThat(runs.get(0).get("config").asText()).isEqualTo("{\"a\":");
    assertThat(runs.get(6).get("config").get("model").get("n_layers").asInt()).isEqualTo(12);
    assertThat(runs.get(6).get("tags").get(0).asText()).isEqualTo("baseline");
    assertThat(runs.get(6).get("run_id").asText())
        .isEqualTo(Long.toString(Laboratory.COMPLETED.value()));
    assertThat(runs.get(6).get("slurm_job_id").isNull()).isTrue();
    assertThat(points).hasSize(6);
    assertThat(points.get(5).get("value").asText()).isEqualTo("NaN");
    assertThat(points.get(4).get("value").asText()).isEqualTo("Infinity");
    assertThat(points.get(3).get("timestamp").asText()).isEqualTo("2026-01-02T04:05:05Z");
  }

  @Test
  void csvIsHarmlessInASpreadsheet() {
    var points = run("--points", "--format", "csv").csv();
    var runs = run("--runs", "--format", "csv").csv();

    assertThat(points).anyMatch(point -> point.getField("value").equals("-Infinity"));
    assertThat(points.get(0).getField("metric_name")).startsWith("'=1+1␛[2J");
    assertThat(runs.get(6).getField("config")).startsWith("{\"learning_rate\":5e-5");
    assertThat(runs.get(6).getField("slurm_job_id")).isEmpty();
  }

  @Test
  void aFilterThatNothingPassesGivesATableWithoutRows() throws IOException {
    assertThat(parquet("--points", "--filter", "seed = 77").footer().getNum_rows()).isZero();
    assertThat(run("--runs", "--format", "csv", "--filter", "seed = 77").lines()).hasSize(1);
    assertThat(run("--runs", "--format", "jsonl", "--filter", "seed = 77").out()).isEmpty();
  }

  @Test
  void aFileIsReplacedAsAWholeAndStaysWhenTheExportFails() throws IOException {
    Path file = Files.writeString(place.resolve("x.csv"), "old");

    Command failed =
        Command.at(
            laboratory.location(), "export", "--runs", "-o", file.toString(), "--filter", "=");
    assertThat(failed.code()).isNotZero();
    assertThat(file).hasContent("old");

    run("--runs", "-o", file.toString());
    assertThat(file).content().startsWith("id,run_id,run_name,").hasLineCount(9);
    assertThat(place).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void whatCannotBeWrittenIsAFailureThatLeavesNothing() {
    Command full =
        Command.at(laboratory.location(), "export", "--runs", "--format", "csv", "-o", "/dev/full");
    Command lost =
        Command.at(laboratory.location(), "export", "--runs", "-o", place + "/missing/x.parquet");

    assertThat(full.code()).isEqualTo(1);
    assertThat(lost.code()).isEqualTo(1);
    assertThat(lost.err()).contains("missing");
    assertThat(place).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--runs | The format is missing; specify --format csv, jsonl or parquet, or a FILE that ends with one of them.",
        "--runs -o x.txt | The format is missing",
        "--runs --format parquet | Parquet is not text; name a file for it with -o.",
        "--runs --metric loss --format csv | --metric chooses points or summaries; omit it, or --runs.",
        "--format csv | Missing required argument",
        "--runs --points --format csv | --runs, --points are mutually exclusive",
        "--runs --format csv x.csv | A table goes to stdout or, with -o, to a file; omit 'x.csv'.",
        "--runs --format csv --accept-gap | --spool and --accept-gap are those of --events; omit them.",
        "--events | Name the file for the study, such as 'runledger export --events study.rls'.",
        "--events --format csv x.rls | --metric, --format and --output are those of a table; omit them.",
      })
  void aSlipIsExplained(String words, String sentence) {
    Command slip = Command.at(laboratory.location(), ("export " + words).split(" ", -1));

    assertThat(slip.code()).isEqualTo(2);
    assertThat(slip.err()).contains(sentence);
  }

  @Test
  void aMetricThatNoRunHasIsNotAnEmptyTable() {
    Command typo =
        Command.at(
            laboratory.location(), "export", "--points", "--metric", "val/los", "--format", "csv");

    assertThat(typo.code()).isEqualTo(3);
    assertThat(typo.out()).isEmpty();
    assertThat(typo.err()).contains("No run has a metric 'val/los'");
  }

  @Test
  void aTerminalSeesTheProgress() throws IOException {
    System.setProperty("runledger.stderr.columns", "60");
    try {
      Command done = run("--runs", "-o", place.resolve("x.csv").toString());

      assertThat(done.err()).startsWith("\r 14%  1 of 7 runs\u001b[K").contains("\r\u001b[K");
      assertThat(done.err()).containsPattern("Exported 7 runs to \\S+ \\([0-9.]+ KiB\\)\\.");
    } finally {
      System.clearProperty("runledger.stderr.columns");
    }
  }
}
