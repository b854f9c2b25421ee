package io.runledger.options;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.runledger.check.Finding;
import io.runledger.config.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** What checks found, as verbs print it: a line each, or an array of JSON. */
public final class Findings {

  private Findings() {}

  /** A line each: severity, component, cause and remedy. */
  public static void print(List<Finding> findings, PrintWriter out) {
    int widest = findings.stream().mapToInt(each -> each.component().length()).max().orElse(0);
    findings.forEach(
        each ->
            out.println(
                "%-7s  %s  %s"
                    .formatted(
                        each.severity().word(),
                        each.component() + " ".repeat(widest - each.component().length()),
                        each.sentence())));
  }

  /** The same as an array of objects. */
  public static void printJson(List<Finding> findings, PrintWriter out) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonMapper.builder().build().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartArray();
      for (Finding each : findings) {
        json.writeStartObject();
        json.writeStringField("component", each.component());
        json.writeStringField("severity", each.severity().word());
        json.writeStringField("what", each.what());
        if (each.remedy().isPresent()) {
          json.writeStringField("remedy", each.remedy().get());
        } else {
          json.writeNullField("remedy");
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new IllegalStateException("Writing to memory cannot fail.", e);
    }
    out.println(text);
  }

  /** Whether any failed. */
  public static int exitCode(List<Finding> findings) {
    boolean failed = findings.stream().anyMatch(each -> each.severity() == Finding.Severity.FAILED);
    return failed ? ExitCodes.FAILED : ExitCodes.OK;
  }
}
