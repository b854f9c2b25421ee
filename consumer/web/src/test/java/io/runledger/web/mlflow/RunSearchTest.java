package io.runledger.web.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.format.Json;
import io.runledger.schemas.ProjectNumber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs are found by what MLflow shows of them. */
@OnEachStore
class RunSearchTest {

  private final List<Events> jobs = new ArrayList<>();
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open(@TempDir Path directory) {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
    for (int i = 0; i < 4; i++) {
      Events job = Events.ofName("p", "n" + i, new UUID(7, i)).attempt(10 + i);
      jobs.add(job);
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
    return new RunSearch(ledger).answer(new SearchBody(body), Map.of("1", "p")).path("runs");
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

    assertThat(String.join(" ", all(body))).isEqualTo(expected);
  }

  /** Page by page, of one run each. */
  private List<String> all(ObjectNode body) {
    RunSearch search = new RunSearch(ledger);
    List<String> found = new ArrayList<>();
    JsonNode answer;
    do {
      answer = search.answer(new SearchBody(body), Map.of("1", "p"));
      assertThat(answer.path("runs")).hasSizeLessThanOrEqualTo(1);
      found.addAll(names(answer.path("runs")));
      body.put("page_token", answer.path("next_page_token").asText());
    } while (answer.has("next_page_token"));
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "ACTIVE_ONLY, '', 'n2 n0'",
    "DELETED_ONLY, '', 'n3 n1'",
    "2, '', 'n3 n1'",
    "ALL, '', 'n3 n2 n1 n0'",
    "3, '', 'n3 n2 n1 n0'",
    "DELETED_ONLY, start_time ASC, 'n1 n3'",
    "ALL, metrics.loss ASC, 'n0 n1 n2 n3'",
    "ALL, attributes.run_name DESC, 'n3 n2 n1 n0'"
  })
  void deletedRunsAreFoundPageByPageInTheOrderThatIsAskedFor(
      String view, String order, String expected) {
    laboratory.deliver(jobs.get(1).deleted(), jobs.get(3).deleted());
    ObjectNode body = Json.object().put("max_results", 1).put("run_view_type", view);
    body.putArray("experiment_ids").add("1");
    if (!order.isEmpty()) {
      body.putArray("order_by").add(order);
    }

    assertThat(String.join(" ", all(body))).isEqualTo(expected);
    body.remove("page_token");
    JsonNode found = new RunSearch(ledger).answer(new SearchBody(body), Map.of("1", "p"));
    assertThat(found.path("runs")).hasSize(1);
  }

  @Test
  void ofADeletedRunItIsKnownWhatItWas() {
    laboratory.deliver(jobs.get(1).deleted());
    ObjectNode body = Json.object().put("run_view_type", "ALL").put("filter", "metrics.loss < 2");
    body.putArray("experiment_ids").add("1");

    JsonNode runs =
        new RunSearch(ledger).answer(new SearchBody(body), Map.of("1", "p")).path("runs");

    assertThat(names(runs)).containsExactly("n1", "n0");
    JsonNode info = runs.get(0).path("info");
    assertThat(info.path("lifecycle_stage").asText()).isEqualTo("deleted");
    assertThat(info.path("experiment_id").asText()).isEqualTo(ProjectNumber.of("p"));
    assertThat(runs.get(1).path("info").path("lifecycle_stage").asText()).isEqualTo("active");
    assertThat(LedgerRuns.find(ledger, jobs.get(1).run()).orElseThrow().experiment())
        .isEqualTo("p");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metrics.`a\"b` > 1",
        "params.`$[0]` = 'x'",
        "params.`a'b` LIKE '%_'",
        "tags.`%` = 'it''s'",
        "tags.x IN ('\ud800')",
        "metrics.loss < 1e999",
        "start_time > 99999999999999999999",
        "datasets.name = 'x'"
      })
  void anyNameAndValueIsAskedForOnEachStore(String filter) {
    assertThat(search(filter, "")).hasSizeLessThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'filter': 'run_name = \\'a\\u0000\\''}",
        "{'order_by': ['params.`a\\u0000`']}",
        "{'order_by': ['attributes.run_name'], 'page_token': '1.2.tAA'}",
        "{'run_view_type': 'SOME'}",
        "{'run_view_type': 7}",
        "{'run_view_type': []}",
        "{'experiment_ids': '1'}",
        "{'experiment_ids': {'1': '1'}}",
        "{'filter': ['a']}",
        "{'filter': 5}",
        "{'order_by': 'start_time'}",
        "{'order_by': [5.5]}",
        "{'order_by': ['metrics.m DESCX']}",
        "{'order_by': ['metrics.a b DESC']}",
        "{'order_by': ['']}",
        "{'max_results': 0}",
        "{'max_results': 1.5}",
        "{'max_results': true}",
        "{'max_results': 50001}",
        "{'page_token': 5}"
      })
  void whatMlflowRefusesIsRefused(String json) {
    ObjectNode body = Json.object();
    body.putArray("experiment_ids").add("1");
    body.setAll((ObjectNode) Json.parsed(json.replace('\'', '"')));

    assertThatThrownBy(() -> new RunSearch(ledger).answer(new SearchBody(body), Map.of("1", "p")))
        .isInstanceOf(MlflowProblem.class);
  }
}
