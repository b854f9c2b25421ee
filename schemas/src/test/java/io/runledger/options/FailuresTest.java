package io.runledger.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;

import io.runledger.config.ExitCodes;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.NotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class FailuresTest {

  @Test
  void aSentenceOfOurOwnIsToldAsItStands() {
    assertThat(Failures.sentence(new IllegalStateException("The moon is full; wait."), "list"))
        .isEqualTo("The moon is full; wait.");
  }

  @Test
  void aWrapperThatSaysNothingIsTakenOff() {
    Exception wrapped =
        new ExecutionException(
            new RuntimeException(new IllegalStateException("The moon is full.")));

    assertThat(Failures.sentence(wrapped, "list")).isEqualTo("The moon is full.");
  }

  @Test
  void anExceptionOfALibraryIsNamedAndTheWayToItsTraceIsTold() {
    Exception foreign = catchException(() -> Integer.parseInt("x"));

    assertThat(Failures.sentence(foreign, "list"))
        .isEqualTo(
            "'list' failed with NumberFormatException: For input string: \"x\"."
                + " Run it again with --debug for the stack trace.");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(Failures.sentence(new NoSuchFileException("/data/x.db"), "list"))
        .isEqualTo("There is no file /data/x.db. Check the path.");
  }

  @Test
  void aFullDiskIsNamedWithWhatToDo() {
    IOException full = new IOException("No space left on device");
    Exception locking = new UncheckedIOException("Cannot lock /data/stack.lock.", full);

    assertThat(Failures.sentence(locking, "up"))
        .isEqualTo(
            "Cannot lock /data/stack.lock. The disk is full, or a quota is used up: free some space"
                + " there, and try again.");
    assertThat(Failures.sentence(new IOException("Disk quota exceeded"), "up"))
        .contains("free some space there");
    assertThat(
            Failures.sentence(
                new IllegalStateException("Cannot apply it.", new SQLException("[SQLITE_FULL] x")),
                "rebuild"))
        .startsWith("Cannot apply it. The disk is full");
    String reading = "[SQLITE_IOERR_SHMSIZE] I/O error within xShmMap";
    assertThat(Failures.sentence(new IllegalStateException(reading + "."), "list"))
        .contains("free some space there");
  }

  @Test
  void whatIsNotThereAndAWrongSettingHaveTheirOwnExitCodes() {
    assertThat(code(new NotFoundException("There is no run."))).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(code(new InvalidConfigurationException("db is empty."))).isEqualTo(ExitCodes.USAGE);
    assertThat(code(new ExecutionException(new NotFoundException("There is no run."))))
        .isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(code(new IllegalStateException("Full."))).isEqualTo(ExitCodes.FAILED);
  }

  private static int code(Exception failure) {
    return new CommandLine(
            CommandLine.Model.CommandSpec.wrapWithoutInspection(
                (Callable<Integer>)
                    () -> {
                      throw failure;
                    }))
        .setErr(new PrintWriter(Writer.nullWriter()))
        .setExecutionExceptionHandler(new Failures(false))
        .execute();
  }
}
