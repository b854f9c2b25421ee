package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.query.format.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The stream of changes. */
@OnEachStore
class ChangesTest extends OpenServer {

  private static JsonNode event(BufferedReader lines) throws Exception {
    String line;
    do {
      line = lines.readLine();
    } while (!line.startsWith("data: "));
    return Json.parsed(line.substring(6));
  }

  @Test
  void aChangedRunIsNamedAtOnce() throws Exception {
    var answer =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/api/v1/changes")).build(), BodyHandlers.ofInputStream());
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).startsWith("retry:");
      Events run = Events.ofSeed(50).attempt(50);

      laboratory.deliver(run.started());
      JsonNode first = event(lines);
      laboratory.deliver(run.metrics(Events.call(1, Map.of("loss", 1.0))));
      JsonNode second = event(lines);

      assertThat(first.path("runs").path(0).textValue()).isEqualTo(run.run().toString());
      assertThat(second.path("runs")).hasSize(1);
      assertThat(second.path("position").textValue())
          .isNotEqualTo(first.path("position").textValue());
    }
  }

  @Test
  void anOldRunThatContinuesIsNamedToo() throws Exception {
    var answer =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/api/v1/changes")).build(), BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).startsWith("retry:");
      Events run = Events.ofSeed(6).attempt(6);

      laboratory.deliver(run.metrics(9, java.util.List.of(Events.call(9, Map.of("loss", 0.1)))));

      assertThat(event(lines).path("runs").path(0).textValue())
          .isEqualTo(Laboratory.INCOMPLETE.toString());
    }
  }
}
