package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.imports.tools.Imported.EventId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that went on after they were imported: what is new is added, and nothing else. */
class GrowthTest {

  @TempDir private Path directory;

  /** What a tracker does to its files. */
  private interface Change {
    void make(Path source) throws IOException, SQLException;
  }

  private Map<EventId, SpecificRecord> added(Fixture fixture, Change change)
      throws IOException, SQLException {
    Path source = fixture.copiedTo(directory);
    Path spool = directory.resolve("spool");
    Imported.run(fixture.kind, source, spool);
    Map<EventId, SpecificRecord> before = Imported.events(spool);

    change.make(source);
    assertThat(Imported.run(fixture.kind, source, spool).losses()).isEmpty();

    Map<EventId, SpecificRecord> after = Imported.events(spool);
    assertThat(after).containsAllEntriesOf(before);
    Map<EventId, SpecificRecord> added = new TreeMap<>(after);
    added.keySet().removeAll(before.keySet());
    return added;
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private static List<String> topics(Map<EventId, SpecificRecord> events) {
    return events.keySet().stream().map(EventId::topic).toList();
  }

  @Test
  void rowsOfLightning() throws Exception {
    Map<EventId, SpecificRecord> added =
        added(
            Fixture.LIGHTNING_CSV,
            source ->
                append(
                    source.resolve("run-ok/version_0/metrics.csv"), "1,,20,0.04,\n1,,21,0.03,\n"));

    assertThat(topics(added)).containsExactly("metrics", "metrics");
  }

  /** Lightning writes the whole file again when a metric is logged that it did not know. */
  @Test
  void aColumnOfLightning() throws Exception {
    Map<EventId, SpecificRecord> added =
        added(
            Fixture.LIGHTNING_CSV,
            source -> {
              Path file = source.resolve("run-ok/version_0/metrics.csv");
              List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
              StringBuilder text = new StringBuilder("accuracy,").append(lines.get(0)).append('\n');
              lines
                  .subList(1, lines.size())
                  .forEach(line -> text.append(',').append(line).append('\n'));
              Files.writeString(file, text.append("0.5,1,,20,0.04,\n"));
            });

    assertThat(topics(added)).containsExactly("metrics");
  }

  @Test
  void rowsAndAParameterOfDvcLive() throws Exception {
    Map<EventId, SpecificRecord> added =
        added(
            Fixture.DVCLIVE,
            source -> {
              append(source.resolve("run-ok/plots/metrics/train/loss.tsv"), "20\t0.04\n");
              append(source.resolve("run-ok/params.yaml"), "later: 7\n");
              // It is the time of the run's values, which have none of their own.
              Files.setLastModifiedTime(source.resolve("run-ok/params.yaml"), Fixture.OLD);
            });

    assertThat(topics(added)).containsExactly("metrics", "runs");
  }

  @Test
  void linesOfMlflowsFilesAndAParameter() throws Exception {
    Map<EventId, SpecificRecord> added =
        added(
            Fixture.MLFLOW_FILE,
            source -> {
              for (Path file : Fixture.files(source)) {
                if (file.endsWith(Path.of("val", "loss"))) {
                  append(file, "1795828782999 0.3 24\n");
                  Files.writeString(file.resolve("../../../params/later").normalize(), "1");
                }
              }
            });

    assertThat(topics(added)).containsExactly("metrics", "runs");
  }

  @Test
  void rowsOfMlflowsDatabase() throws Exception {
    Map<EventId, SpecificRecord> added =
        added(
            Fixture.MLFLOW_SQLITE,
            source ->
                execute(
                    source.resolve("mlflow.db"),
                    "INSERT INTO metrics SELECT key, 0.04, timestamp, run_uuid, 20, 0 FROM metrics"
                        + " WHERE key = 'train/loss' AND step = 19"));

    assertThat(topics(added)).containsExactly("metrics");
  }

  @Test
  void rowsOfTrackio() throws Exception {
    Map<EventId, SpecificRecord> added =
        added(
            Fixture.TRACKIO,
            source ->
                execute(
                    source.resolve("fixture.db"),
                    "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) SELECT"
                        + " run_id, timestamp, run_name, 20, '{\"a\":1,\"b\":2}' FROM metrics WHERE"
                        + " id = 1"));

    assertThat(topics(added)).containsExactly("metrics");
  }

  /** A database with a log that was not yet applied is read whole, and the log stays as it is. */
  @Test
  void rowsThatAreOnlyInTheWriteAheadLog() throws Exception {
    Path source = Fixture.TRACKIO.copiedTo(directory);
    Path file = source.resolve("fixture.db");
    Path spool = directory.resolve("spool");
    try (Connection open = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = open.createStatement()) {
      statement.execute("PRAGMA wal_autocheckpoint = 0");
      statement.execute(
          "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics)"
              + " SELECT run_id, timestamp, run_name, 20, '{\"only in the log\":1}' FROM metrics"
              + " WHERE id = 1");
      Map<String, String> before = Fixture.state(source);

      Imported.run(Fixture.TRACKIO.kind, source, spool);

      assertThat(before.keySet()).anyMatch(name -> name.endsWith("-wal"));
      assertThat(Fixture.state(source)).isEqualTo(before);
      assertThat(Imported.named(spool, "run-ok").metrics).containsKey("only in the log");
    }
  }

  private static void execute(Path file, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  @Test
  void aRunOfSacredThatEnds() throws Exception {
    Path source = Fixture.SACRED.copiedTo(directory);
    Path file = source.resolve("1/run.json");
    String ended = Files.readString(file);
    Files.writeString(
        file,
        ended
            .replace("\"COMPLETED\"", "\"RUNNING\"")
            .replace("\"result\": 0.31", "\"result\": null"));
    Path metrics = source.resolve("1/metrics.json");
    String all = Files.readString(metrics);
    Files.writeString(metrics, "{}");
    Path spool = directory.resolve("spool");
    Imported.run(Fixture.SACRED.kind, source, spool);
    int before = Imported.events(spool).size();
    Files.writeString(file, ended);
    Files.writeString(metrics, all);

    Imported.run(Fixture.SACRED.kind, source, spool);

    // 20 and 4 and 3 values, a result, and the status next to the one that it had
    assertThat(Imported.events(spool)).hasSize(before + 29);
    assertThat(Imported.named(spool, "run-ok").statuses).containsExactly("running", "completed");
  }

  /** The beginning of a log of W&amp;B, as it is while the run goes on. */
  @Test
  void aRunOfWandbThatGoesOn() throws Exception {
    Path source = Fixture.WANDB.copiedTo(directory);
    Path file =
        Fixture.files(source).stream()
            .filter(each -> each.toString().endsWith("run-0cciv5do.wandb"))
            .findFirst()
            .orElseThrow();
    byte[] whole = Files.readAllBytes(file);
    Path spool = directory.resolve("spool");
    // Just written, so that nobody takes it for dead.
    Files.write(file, java.util.Arrays.copyOf(whole, 3_000));
    assertThat(Imported.run(Fixture.WANDB.kind, source, spool).losses()).hasSize(1);
    Map<EventId, SpecificRecord> before = Imported.events(spool);
    assertThat(Imported.named(spool, "run-ok").statuses).isEmpty();
    Files.write(file, whole);

    Imported.run(Fixture.WANDB.kind, source, spool);

    assertThat(Imported.events(spool)).containsAllEntriesOf(before);
    Path once = directory.resolve("once");
    Imported.run(Fixture.WANDB.kind, source, once);
    assertThat(Imported.events(spool)).isEqualTo(Imported.events(once));
  }

  @Test
  void aLogOfWandbWithoutAnExitIsOfAProcessThatIsGone() throws Exception {
    Path source = Fixture.WANDB.copiedTo(directory);
    for (Path file : Fixture.files(source)) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
      Files.setLastModifiedTime(file, Fixture.OLD);
    }
    Path spool = directory.resolve("spool");

    Imported.run(Fixture.WANDB.kind, source, spool);

    assertThat(Imported.runs(spool).values())
        .allSatisfy(run -> assertThat(run.statuses).containsExactly("failed"));
  }
}
