package io.runledger.service.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What doctor says of the rules of alerts. */
class AlertsCheckTest {

  @TempDir private Path directory;

  private List<String> findings(Map<String, String> settings) {
    Configuration configuration =
        Configuration.load(settings, Map.of("HOME", directory.toString()), Optional.empty());
    return AlertsCheck.check(configuration).stream()
        .map(finding -> finding.severity().word() + ": " + finding.what())
        .toList();
  }

  private List<String> findings(String rules) throws IOException {
    Path file = Files.writeString(directory.resolve("alerts.rules"), rules);
    return findings(Map.of("alerts.file", file.toString()));
  }

  @Test
  void withoutAFileThereIsNothingToSay() {
    assertThat(findings(Map.of())).isEmpty();
  }

  @Test
  void aFileIsGoodOrTellsNobodyOrHasAMistake() throws IOException {
    String rule = "alert failed: status becomes failed\n";

    assertThat(findings(rule + "deliver to https://hooks.example/"))
        .containsExactly("ok: 1 rule, delivered in 1 way.");
    assertThat(findings(rule)).singleElement().asString().startsWith("warning: 1 rule");
    assertThat(findings("alert a: what\n"))
        .singleElement()
        .asString()
        .startsWith(Finding.Severity.FAILED.word() + ": ")
        .contains("alerts.rules:1:10");
  }
}
