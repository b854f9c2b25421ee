package io.runledger.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.options.Failures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code alerts check} says of a file of rules. */
class AlertsCheckCommandTest {

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int check(String rules) throws IOException {
    Path file = Files.writeString(directory.resolve("alerts.rules"), rules);
    CommandLine line = new CommandLine(new AlertsCheckCommand());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(new Failures(false));
    return line.execute(file.toString());
  }

  @Test
  void eachRuleIsASentence() throws IOException {
    int code =
        check(
            """
            alert failed: status becomes failed
            alert diverged: metric train/loss is nan
            alert high: metric val/loss > 5 for 3 points of project vision
            alert stuck: no value for 30m
            deliver to https://hooks.example/secret
            """);

    assertThat(code).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "alert failed: fires when the status becomes failed, once for each attempt; all runs.",
            "alert diverged: fires when a value of train/loss is nan, once for each streak of such values; all runs.",
            "alert high: fires when 3 values of val/loss in a row are > 5, once for each streak; runs of project vision.",
            "alert stuck: fires when a running run has logged no value for 30m, once for each pause; all runs.",
            "deliver webhook: sends each firing to https://hooks.example/..., not signed.");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void rulesThatReachNobodyAreRemarkedOn() throws IOException {
    assertThat(check("alert failed: status becomes failed\n")).isZero();
    assertThat(err.toString()).startsWith("1 rule and no delivery");
  }

  @Test
  void aMistakeIsNamedWithItsPlaceAndIsAMistakeOfUsage() throws IOException {
    assertThat(check("alert failed: status becomes dead\n")).isEqualTo(2);
    assertThat(err.toString()).contains("alerts.rules:1:30: 'dead' is not a status");
    assertThat(out.toString()).isEmpty();
  }
}
