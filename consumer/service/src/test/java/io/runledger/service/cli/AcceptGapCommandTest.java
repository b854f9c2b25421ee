package io.runledger.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Which gaps 'accept-gap' means, and what it says of them. */
class AcceptGapCommandTest {

  private final StringWriter words = new StringWriter();

  private void print(List<String> missing, boolean dryRun) {
    PrintWriter writer = new PrintWriter(words);
    AcceptGapCommand.print(missing, dryRun, writer);
    writer.flush();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--topic runledger.runs",
        "--partition 2",
        "--all --topic runledger.runs --partition 2",
        "--topic runledger.runs --partition two"
      })
  void withoutOneGapOrAllItIsAUsageErrorAndNothingIsDone(String options) {
    int code =
        new CommandLine(new AcceptGapCommand())
            .setErr(new PrintWriter(words))
            .execute(options.isEmpty() ? new String[0] : options.split(" "));

    assertThat(code).isEqualTo(ExitCodes.USAGE);
    assertThat(words.toString()).contains("Usage: accept-gap");
  }

  @Test
  void aDryRunSaysWhatIsMissingAndThatNothingWasChanged() {
    print(List.of("a", "b"), true);

    assertThat(words.toString().lines())
        .containsExactly("Missing: a", "Missing: b", "Nothing was changed.");
  }

  @Test
  void acceptedGapsAreCountedAndTheNextCommandIsNamed() {
    print(List.of("a"), false);
    print(List.of("b", "c"), false);

    assertThat(words.toString().lines())
        .containsExactly(
            "Gap accepted: a",
            "1 gap is recorded; 'runledger consume' resumes after it.",
            "Gap accepted: b",
            "Gap accepted: c",
            "2 gaps are recorded; 'runledger consume' resumes after them.");
  }
}
