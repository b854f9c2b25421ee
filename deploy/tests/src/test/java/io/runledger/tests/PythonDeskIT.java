package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.tests.Distribution.Result;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ExperimentDB(path) in Python, with the command of the distribution and without any service. */
class PythonDeskIT {

  private static final Path PACKAGE = Path.of("../../producer/python").toAbsolutePath().normalize();

  @TempDir private Path dir;

  @Test
  void aPathIsALedgerThatIsKeptAsLongAsItIsUsed() throws Exception {
    Distribution distribution = new Distribution(dir);

    Result result =
        distribution.runCommand(
            Map.of(
                "PYTHONPATH",
                PACKAGE.resolve("src") + ":" + PACKAGE.resolve("tests"),
                "PYTHONDONTWRITEBYTECODE",
                "1",
                "RUNLEDGER_COMMAND",
                distribution.script("bin/runledger").toString()),
            Path.of("/usr/bin/env"),
            "python3",
            "-m",
            "unittest",
            "-v",
            "test_desk.RealCommandTest",
            "test_old_trackers.FoldedTest");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("skipped");
  }
}
