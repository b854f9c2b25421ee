package io.runledger.options;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.check.Finding;
import io.runledger.config.ExitCodes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingsTest {

  private static final List<Finding> FINDINGS =
      List.of(
          Finding.ok("java", "Java 17."),
          Finding.warning("database", "2 records wait.", "Retry them."),
          Finding.failed("broker", "Nobody answers."));

  private final StringWriter text = new StringWriter();

  @Test
  void eachIsALineWithItsSeverityItsComponentTheCauseAndTheRemedy() {
    Findings.print(FINDINGS, new PrintWriter(text));

    assertThat(text.toString().lines())
        .containsExactly(
            "ok       java      Java 17.",
            "warning  database  2 records wait. Retry them.",
            "failed   broker    Nobody answers.");
  }

  @Test
  void jsonHasCauseAndRemedyApart() throws Exception {
    Findings.printJson(FINDINGS, new PrintWriter(text));

    JsonNode json = new ObjectMapper().readTree(text.toString());
    assertThat(json).hasSize(3);
    assertThat(json.get(1).get("component").asText()).isEqualTo("database");
    assertThat(json.get(1).get("severity").asText()).isEqualTo("warning");
    assertThat(json.get(1).get("what").asText()).isEqualTo("2 records wait.");
    assertThat(json.get(1).get("remedy").asText()).isEqualTo("Retry them.");
    assertThat(json.get(2).get("remedy").isNull()).isTrue();
  }

  @Test
  void aWarningIsNotAFailure() {
    assertThat(Findings.exitCode(FINDINGS.subList(0, 2))).isEqualTo(ExitCodes.OK);
    assertThat(Findings.exitCode(FINDINGS)).isEqualTo(ExitCodes.FAILED);
  }
}
