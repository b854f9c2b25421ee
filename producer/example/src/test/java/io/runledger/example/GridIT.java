package io.runledger.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.example.model.Hyperparameters;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The grid as a user starts it, with no broker to be reached: all it logged is in the spool. */
class GridIT {

  /** Steps of an epoch: 1,438 training images in batches of 32. */
  private static final int STEPS = 45;

  private static final int LAST_EPOCH_OF_THE_KILLED = 7;

  @TempDir private static Path directory;
  private static int exitCode;
  private static String output;
  private static String said;
  private static List<GenericRecord> runs;
  private static List<GenericRecord> metrics;
  private static List<GenericRecord> errors;

  @BeforeAll
  static void trainTheGrid() throws Exception {
    Path outputFile = directory.resolve("stdout.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Grid.class.getName())
            .redirectOutput(outputFile.toFile())
            .redirectError(directory.resolve("stderr.txt").toFile());
    // Port 1 is reserved and refuses at once.
    builder.environment().put("RUNLEDGER_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    builder.environment().put("RUNLEDGER_SCHEMA_REGISTRY_URL", "http://127.0.0.1:1");
    builder.environment().put("RUNLEDGER_DATA_DIR", directory.resolve("data").toString());
    builder.environment().remove("RUNLEDGER_CONFIG");
    builder.environment().remove("RUNLEDGER_SPOOL");

    Process grid = builder.start();
    try {
      assertThat(grid.waitFor(5, TimeUnit.MINUTES)).as("the grid ends in time").isTrue();
    } finally {
      grid.destroyForcibly();
    }

    exitCode = grid.exitValue();
    output = Files.readString(outputFile);
    said = Files.readString(directory.resolve("stderr.txt"));
    runs = spooled("runs-");
    metrics = spooled("metrics-");
    errors = spooled("errors-");
  }

  @Test
  void allGoesAsDesignedWithoutABroker() {
    assertThat(output).contains("12 runs in").contains("each as designed");
    assertThat(exitCode).isZero();
  }

  @Test
  void aThousandLinesOfKafkasClientDoNotBuryTheTrainings() {
    assertThat(said).doesNotContain("org.apache.kafka", "DEBUG", "INFO").contains("WARN");
  }

  @Test
  void aDozenRunsAreToldAndOneOfThemTwice() {
    List<GenericRecord> starts = events("RunStarted");

    assertThat(starts).hasSize(13);
    assertThat(starts.stream().map(start -> start.get("run_id")).distinct()).hasSize(12);
    assertThat(starts.stream().map(start -> start.get("attempt_id")).distinct()).hasSize(13);
    assertThat(starts)
        .filteredOn(start -> start.get("run_id").equals(runId(0.2, 5)))
        .extracting(start -> ((GenericRecord) start.get("event")).get("resumed_from_step"))
        .containsExactlyInAnyOrder(null, (long) LAST_EPOCH_OF_THE_KILLED * STEPS);
  }

  @Test
  void theKilledAttemptHasLeftWhatItHadLogged() {
    Map<Object, Long> lastSteps =
        rows(0.2, 5).stream()
            .collect(
                Collectors.toMap(
                    row -> row.record().get("attempt_id"),
                    row -> (Long) row.values().get("step"),
                    Math::max));

    // It was killed in the epoch that followed; the second attempt continued to the last epoch.
    assertThat(lastSteps.values().stream().sorted().toList())
        .hasSize(2)
        .satisfies(
            last ->
                assertThat(last.get(0))
                    .isBetween(
                        (long) LAST_EPOCH_OF_THE_KILLED * STEPS - 1,
                        (LAST_EPOCH_OF_THE_KILLED + 1L) * STEPS - 1))
        .last()
        .isEqualTo(20L * STEPS - 1);
  }

  @Test
  void theRunThatDiedHasItsExceptionWithTheTraceback() {
    assertThat(errors).hasSize(1);
    assertThat(errors.get(0).get("run_id")).isEqualTo(runId(0.2, 4));
    assertThat(errors.get(0).get("exception_type"))
        .hasToString("java.lang.ArrayIndexOutOfBoundsException");
    assertThat(errors.get(0).get("traceback").toString())
        .contains("Index 10 out of bounds for length 10")
        .contains("Network.gradient");
    assertThat(statuses(0.2, 4)).endsWith("failed");
  }

  @Test
  void theDivergedRunLoggedItsNanAndSaidCompleted() {
    assertThat(rows(Hyperparameters.DIVERGING_LEARNING_RATE, 1))
        .extracting(row -> row.metric("val/loss"))
        .contains(Double.NaN);
    assertThat(statuses(Hyperparameters.DIVERGING_LEARNING_RATE, 1)).endsWith("completed");
  }

  @Test
  void aGoodRunHasLossAndF1InOneRowAnEpoch() {
    List<Row> epochs = rows(0.05, 3).stream().filter(row -> row.metric("f1") != null).toList();

    assertThat(epochs).hasSize(20);
    assertThat(epochs)
        .allSatisfy(
            row -> {
              assertThat(row.metric("loss")).isNotNull();
              assertThat(row.values().get("elapsed_seconds")).isNotNull();
            });
    assertThat(epochs.get(19).metric("val/loss")).isLessThan(0.3);
    assertThat(rows(0.05, 3)).hasSize(20 * STEPS + 20);
    assertThat(statuses(0.05, 3)).endsWith("completed");
  }

  @Test
  void aGoodRunHasItsResultsAndItsModelWithSizeAndHash() {
    List<GenericRecord> artifacts =
        events("ArtifactLogged").stream()
            .filter(event -> event.get("run_id").equals(runId(0.05, 3)))
            .map(event -> (GenericRecord) event.get("event"))
            .filter(artifact -> artifact.get("artifact_type").toString().equals("model"))
            .toList();

    assertThat(artifacts).hasSize(1);
    Path model = Path.of(artifacts.get(0).get("filepath").toString());
    assertThat(model).isRegularFile().hasSize((Long) artifacts.get(0).get("size_bytes"));
    assertThat(artifacts.get(0).get("sha256").toString()).matches("[0-9a-f]{64}");
    assertThat(events("ResultsRecorded")).hasSize(11);
  }

  /** One log call: the record that it came in, and what was logged. */
  private record Row(GenericRecord record, GenericRecord values) {

    Double metric(String name) {
      return ((Map<?, ?>) values.get("values"))
          .entrySet().stream()
              .filter(entry -> entry.getKey().toString().equals(name))
              .map(entry -> (Double) entry.getValue())
              .findFirst()
              .orElse(null);
    }
  }

  private static List<Row> rows(double learningRate, long seed) {
    return metrics.stream()
        .filter(record -> record.get("run_id").equals(runId(learningRate, seed)))
        .flatMap(
            record ->
                ((List<?>) record.get("rows"))
                    .stream().map(row -> new Row(record, (GenericRecord) row)))
        .toList();
  }

  private static List<GenericRecord> events(String kind) {
    return runs.stream()
        .filter(run -> ((GenericRecord) run.get("event")).getSchema().getName().equals(kind))
        .toList();
  }

  private static List<String> statuses(double learningRate, long seed) {
    return events("RunStatusChanged").stream()
        .filter(event -> event.get("run_id").equals(runId(learningRate, seed)))
        .map(event -> ((GenericRecord) event.get("event")).get("status").toString())
        .toList();
  }

  private static long runId(double learningRate, long seed) {
    return RunId.of(Job.key("digits", Hyperparameters.usual(learningRate, seed))).value();
  }

  private static List<GenericRecord> spooled(String prefix) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("data").resolve("spool"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .filter(file -> file.getFileName().toString().endsWith(".avro"))
          .sorted()
          .flatMap(file -> records(file).stream())
          .toList();
    }
  }

  private static List<GenericRecord> records(Path segment) {
    List<GenericRecord> records = new ArrayList<>();
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(segment.toFile(), new GenericDatumReader<>())) {
      reader.forEach(records::add);
      return records;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + segment, e);
    }
  }
}
