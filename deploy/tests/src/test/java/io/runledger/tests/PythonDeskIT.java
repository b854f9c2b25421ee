package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.tests.Distribution.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ExperimentDB(path) in Python, with the command of the distribution and without any service. */
class PythonDeskIT {

  private static final Path PACKAGE = Path.of("../../producer/python").toAbsolutePath().normalize();

  private static final String REAL = "test_desk.RealCommandTest.";

  @TempDir private Path dir;

  @Test
  void aPathIsALedgerThatIsKeptAsLongAsItIsUsed() throws Exception {
    python(
        REAL + "test_the_first_read_has_what_was_written_and_later_ones_too",
        REAL + "test_one_that_ended_because_nothing_came_is_started_again",
        REAL + "test_a_directory_that_is_removed_stays_removed",
        REAL + "test_a_path_under_the_wrapper_is_a_ledger_apart_where_none_is_configured",
        "test_old_trackers.FoldedTest.test_the_ledger_has_the_rows_of_the_five_tables");
  }

  @Test
  @Tag("long")
  void whateverItsProcessesDoAPathHasWhatTheyWrote() throws Exception {
    python("test_desk.RealCommandTest", "test_old_trackers.FoldedTest");
  }

  private void python(String... tests) throws Exception {
    Distribution distribution = new Distribution(dir);
    List<String> words = new ArrayList<>(List.of("python3", "-m", "unittest", "-v"));
    words.addAll(List.of(tests));

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
            words.toArray(String[]::new));

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("skipped");
  }
}
