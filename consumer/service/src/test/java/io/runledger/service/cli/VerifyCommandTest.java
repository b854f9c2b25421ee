package io.runledger.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.projection.TableComparison;
import io.runledger.service.rebuild.Verify;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What 'verify' prints: the tables as data, the rest as words. */
class VerifyCommandTest {

  private final StringWriter data = new StringWriter();
  private final StringWriter words = new StringWriter();

  private void print(Verify.Report report) {
    VerifyCommand.print(report, new PrintWriter(data), new PrintWriter(words));
  }

  @Test
  void aDatabaseThatIsEqualIsATableOfZeros() {
    print(new Verify.Report(List.of(new TableComparison("runs", 1_200, 0)), 5_000, List.of()));

    assertThat(data.toString().lines())
        .containsExactly(
            "table                        rows  differences",
            "runs                        1,200            0");
    assertThat(words.toString().strip()).isEqualTo("5,000 events replayed, 0 differences.");
  }

  @Test
  void withAnAcceptedGapDifferencesMayBeWhatTheLogHasLost() {
    print(
        new Verify.Report(
            List.of(new TableComparison("runs", 2, 1), new TableComparison("metrics", 9, 3)),
            10,
            List.of("runledger.runs-0 from 0 to 5")));

    assertThat(words.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("Accepted gap: runledger.runs-0 from 0 to 5"),
            line -> assertThat(line).contains("'runledger rebuild --accept-gap'"),
            line -> assertThat(line).isEqualTo("10 events replayed, 4 differences."));
  }

  @Test
  void anAcceptedGapWithoutDifferencesNeedsNoAdvice() {
    print(new Verify.Report(List.of(new TableComparison("runs", 2, 0)), 10, List.of("a gap")));

    assertThat(words.toString()).contains("Accepted gap: a gap").doesNotContain("--accept-gap");
  }
}
