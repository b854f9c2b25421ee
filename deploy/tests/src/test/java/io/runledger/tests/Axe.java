package io.runledger.tests;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What axe-core finds on a page that somebody with a keyboard or a screen reader cannot use. */
final class Axe {

  private static final String SCRIPT =
      "/META-INF/resources/webjars/axe-core/" + System.getProperty("axe.version") + "/axe.min.js";

  private Axe() {}

  /** Its serious and critical findings about what the browser shows. */
  static List<String> findings(Browser browser) throws IOException {
    browser.evaluate(script() + "; true");
    JsonNode violations =
        browser.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(all => all.violations.map("
                + "one => [one.impact, one.id + ': ' + one.nodes[0].html.slice(0, 300) + ' '"
                + " + one.nodes[0].failureSummary]))");
    List<String> findings = new ArrayList<>();
    for (JsonNode violation : violations) {
      if (List.of("serious", "critical").contains(violation.get(0).asText())) {
        findings.add(violation.get(1).asText());
      }
    }
    return findings;
  }

  private static String script() throws IOException {
    try (InputStream in = Axe.class.getResourceAsStream(SCRIPT)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
