package io.runledger.web.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.format.Json;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs are found by what MLflow shows of them. */
class RunSearchTest {

  /** A door that nothing came through. */
  private static final class Nothing implements Accepted {
    @Override
    public Optional<AcceptedRun> run(RunId run) {
      return Optional.empty();
    }

    @Override
    public List<Mark> awaited(RunId run) {
      return List.of();
    }

    @Override
    public Map<RunId, List<Mark>> awaited() {
      return Map.of();
    }

    @Override
    public void arrived(RunId run, List<Mark> marks) {
      throw new AssertionError("Nothing is awaited.");
    }

    @Override
    public List<Experiment> experiments() {
      return List.of();
    }
  }

  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open(@TempDir Path directory) {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
    for (int i = 0; i < 4; i++) {
      Events job = Events.ofName("p", "n" + i, new UUID(7, i)).attempt(10 + i);
      laboratory.deliver(
          job.started(),
          job.metric("loss", 5, 0.1 + i),
          job.metric("loss", 9, 0.3 + i),
          // This comes last, and is not the newest.
          job.metric("loss", 1, 100.0 + i));
    }
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private JsonNode search(String filter, String order) {
    ObjectNode body = Json.object().put("filter", filter);
    body.putArray("experiment_ids").add("1");
    if (!order.isEmpty()) {
      body.putArray("order_by").add(order);
    }
    return new RunSearch(ledger, new Nothing()).answer(body, Map.of("1", "p")).path("runs");
  }

  private static List<String> names(JsonNode runs) {
    List<String> names = new ArrayList<>();
    runs.forEach(run -> names.add(run.path("info").path("run_name").asText()));
    return names;
  }

  @Test
  void theValueOfTheHighestStepIsShown() {
    assertThat(search("", "").get(0).path("data").path("metrics").get(0).path("value").asDouble())
        .isEqualTo(3.3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metrics.loss > 1.2 and metrics.loss < 3.2",
        "metrics.loss >= 1.3 and metrics.loss <= 2.3",
        "metrics.loss != 0.3 and metrics.loss != 3.3"
      })
  void andItIsTheOneThatIsTested(String filter) {
    assertThat(names(search(filter, ""))).containsExactly("n2", "n1");
  }

  @Test
  void itIsFoundByItsValueAndNotByAnother() {
    assertThat(names(search("metrics.loss = 1.3", ""))).containsExactly("n1");
    assertThat(names(search("metrics.loss = 101", ""))).isEmpty();
    assertThat(names(search("metrics.loss > 50", ""))).isEmpty();
    assertThat(names(search("metrics.loss < 0.2", ""))).isEmpty();
  }

  @Test
  void runsOfOneSecondAreOrderedByTheirStarts() {
    assertThat(names(search("", "attributes.start_time ASC")))
        .containsExactly("n0", "n1", "n2", "n3");
    assertThat(names(search("", "start_time DESC"))).containsExactly("n3", "n2", "n1", "n0");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'n3 n2 n1'",
    "metrics.loss ASC, 'n1 n2 n3'",
    "attributes.run_name DESC, 'n3 n2 n1'"
  })
  void eachRunThatPassesComesOnOnePage(String order, String expected) {
    ObjectNode body = Json.object().put("filter", "metrics.loss > 1").put("max_results", 1);
    body.putArray("experiment_ids").add("1");
    if (!order.isEmpty()) {
      body.putArray("order_by").add(order);
    }
    RunSearch search = new RunSearch(ledger, new Nothing());

    List<String> found = new ArrayList<>();
    JsonNode answer;
    do {
      answer = search.answer(body, Map.of("1", "p"));
      assertThat(answer.path("runs")).hasSizeLessThanOrEqualTo(1);
      found.addAll(names(answer.path("runs")));
      body.put("page_token", answer.path("next_page_token").asText());
    } while (answer.has("next_page_token"));

    assertThat(String.join(" ", found)).isEqualTo(expected);
  }
}
