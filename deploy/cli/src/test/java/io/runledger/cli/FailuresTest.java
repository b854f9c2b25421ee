package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;

import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

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
}
