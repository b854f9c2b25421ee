package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Extracts the error from the end of a process's stderr. */
class ErrorTextTest {

  @Test
  void aTracebackOfPythonIsToldUpToTheExceptionThatItNames() {
    String tail =
        """
        epoch 3
        Traceback (most recent call last):
          File "train.py", line 7, in <module>
        torch.OutOfMemoryError: CUDA: out of memory
        wandb: waiting
        """;

    ErrorText error = ErrorText.of(tail, 1);

    assertThat(error.type()).isEqualTo("torch.OutOfMemoryError");
    assertThat(error.message()).contains("CUDA: out of memory");
    assertThat(error.text()).startsWith("Traceback").doesNotContain("epoch", "wandb");
  }

  @Test
  void ofAChainOfExceptionsTheLastOneIsTheErrorAndAllIsTold() {
    String tail =
        """
        Traceback (most recent call last):
          File "a.py", line 1
        KeyError: 'x'

        During handling of the above exception, another exception occurred:

        Traceback (most recent call last):
          File "a.py", line 3
        KeyboardInterrupt
        """;

    ErrorText error = ErrorText.of(tail, 1);

    assertThat(error.type()).isEqualTo("KeyboardInterrupt");
    assertThat(error.message()).isEmpty();
    assertThat(error.text()).contains("KeyError: 'x'", "During handling");
  }

  @Test
  void anExceptionOfJavaIsKnownByItsHead() {
    ErrorText error =
        ErrorText.of(
            "INFO begin\nException in thread \"main\" java.lang.IllegalStateException: why\n\tat A.b\n",
            1);

    assertThat(error.type()).isEqualTo("java.lang.IllegalStateException");
    assertThat(error.message()).contains("why");
    assertThat(error.text()).startsWith("Exception in thread");
  }

  @Test
  void aTracebackThatWasCutOffIsNoneAndTheLastLinesAreTold() {
    ErrorText error =
        ErrorText.of("Traceback (most recent call last):\n  File \"train.py\", line 7\n", 3);

    assertThat(error.type()).isEqualTo("exit code 3");
    assertThat(error.message()).contains("  File \"train.py\", line 7");
  }

  @Test
  void withoutAnExceptionTheLastFiftyLinesThatSaySomethingAreTold() {
    ErrorText error = ErrorText.of("noise\n\n".repeat(60) + "segfault at 0\n\n", 2);

    assertThat(error.message()).contains("segfault at 0");
    assertThat(error.text().lines()).hasSize(50);
  }

  @Test
  void whoWroteNothingEndedWithACode() {
    assertThat(ErrorText.of("", 3)).isEqualTo(new ErrorText("exit code 3", Optional.empty(), ""));
    assertThat(ErrorText.of("", 137).type()).contains("KILL");
  }
}
