package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.tools.Imported.Outcome;
import io.runledger.imports.tools.Imported.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trackers that only a Python package can read. */
class PythonKindsTest {

  private static final Path PACKAGE = Path.of("../python/src").toAbsolutePath().normalize();

  @TempDir private Path directory;

  private String command(String script) throws IOException {
    Path file = Files.writeString(directory.resolve("python"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file.toString();
  }

  private String python() throws IOException {
    return command("PYTHONPATH=" + PACKAGE + " exec python3 \"$@\"");
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private Outcome imported(ImportKind kind, Path source, String python) throws IOException {
    return Imported.run(kind, source, spool(), ColumnMap.USUAL, python);
  }

  private Path database() throws SQLException {
    Path file = directory.resolve("experiments.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "CREATE TABLE runs (run_id INTEGER PRIMARY KEY AUTOINCREMENT, run_name TEXT NOT NULL,"
              + " config TEXT, notes TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,"
              + " status TEXT DEFAULT 'running')");
      statement.executeUpdate(
          "CREATE TABLE metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT"
              + " NULL, metric_name TEXT NOT NULL, value REAL NOT NULL, step INTEGER, epoch"
              + " INTEGER, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP)");
      statement.executeUpdate(
          "CREATE TABLE artifacts (artifact_id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER,"
              + " artifact_type TEXT, filepath TEXT, metadata TEXT, created_at TIMESTAMP)");
      statement.executeUpdate(
          "INSERT INTO runs (run_name, config, status) VALUES ('base', '{\"lr\": 0.1}',"
              + " 'completed')");
      statement.executeUpdate(
          "INSERT INTO metrics (run_id, metric_name, value, step) VALUES (1, 'loss', 0.5, 1),"
              + " (1, 'loss', 0.25, 2)");
    }
    return file;
  }

  @Test
  void aSmallTrackersDatabaseIsImportedByThePackage() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "There is no Python.");
    Path file = database();
    String python = python();
    Map<String, String> before = Map.of("db", Long.toString(Files.size(file)));

    Outcome first = imported(ImportKind.EXPERIMENT_DB, file, python);
    int events = Imported.events(spool()).size();
    Outcome second = imported(ImportKind.EXPERIMENT_DB, file, python);

    Run run = Imported.named(spool(), "base");
    assertThat(ImportKind.guesses(file))
        .singleElement()
        .satisfies(guess -> assertThat(guess.kind()).isEqualTo(ImportKind.EXPERIMENT_DB));
    assertThat(first.runs()).isEqualTo(1);
    assertThat(run.metrics.get("loss")).hasSize(2);
    assertThat(run.config.path("lr").doubleValue()).isEqualTo(0.1);
    assertThat(run.statuses).containsExactly("completed");
    assertThat(second.runs()).isZero();
    assertThat(Imported.events(spool())).hasSize(events);
    assertThat(before).containsEntry("db", Long.toString(Files.size(file)));
  }

  @Test
  void aPythonWithoutThePackageIsSaidWithTheRemedy() throws Exception {
    Path file = database();
    String bad = command("echo \"No module named runledger\" >&2; exit 1");

    assertThatThrownBy(() -> imported(ImportKind.EXPERIMENT_DB, file, bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " cannot be imported")
        .hasMessageContaining("(No module named runledger)")
        .hasMessageContaining("--python");
    assertThatThrownBy(() -> imported(ImportKind.EXPERIMENT_DB, file, "/nowhere/python"))
        .hasMessageContaining("'/nowhere/python' cannot be started");
  }

  /** Lines in the form in which import_aim.py prints them. */
  @Test
  void whatTheScriptPrintsOfAnAimRepositoryIsImported() throws Exception {
    Path repository = Files.createDirectories(directory.resolve("work/.aim/meta")).getParent();
    Path printed =
        Files.writeString(
            directory.resolve("printed"),
            """
            {"run": "f00", "name": "run-ok", "experiment": "e", "created": 1795828659.5, "description": "d", "tags": ["t"], "config": {"hparams": {"lr": 0.01}}}
            {"metric": "loss[subset=train]", "points": [[0, 0, 1795828660.0, "1.0"], [1, 0, 1795828661.0, "nan"]]}
            {"metric": "loss[subset=train]", "points": [[2, null, null, "inf"]]}
            {"end": 1795828700.0}
            {"lost": "run f01", "why": "OSError: damaged"}
            {"end": -1}
            """);
    String aim = command("cat " + printed);

    Outcome outcome = imported(ImportKind.AIM, repository.getParent(), aim);

    Run run = Imported.named(spool(), "run-ok");
    assertThat(ImportKind.guesses(repository.getParent()))
        .singleElement()
        .satisfies(guess -> assertThat(guess.kind()).isEqualTo(ImportKind.AIM));
    assertThat(run.project).isEqualTo("e");
    assertThat(run.config.path("hparams").path("lr").doubleValue()).isEqualTo(0.01);
    assertThat(run.metrics.get("loss[subset=train]")).hasSize(3);
    assertThat(run.metrics.get("loss[subset=train]").get(2).value()).isInfinite();
    assertThat(run.statuses).containsExactly("completed");
    assertThat(outcome.losses()).hasSize(1);
    assertThat(outcome.losses().get(0)).contains("run f01: OSError: damaged");
  }
}
