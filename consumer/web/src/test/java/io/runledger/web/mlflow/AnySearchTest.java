package io.runledger.web.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.format.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is asked for, it is found, or the question is refused in MLflow's words. */
class AnySearchTest {

  private static Laboratory laboratory;
  private static Ledger ledger;

  @BeforeContainer
  static void open() throws IOException {
    Path directory = Files.createTempDirectory("any-search");
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
    Events job = Events.ofName("p", "n", new UUID(7, 1)).attempt(10);
    laboratory.deliver(job.started(), job.metric("loss", 5, 0.1), job.completed());
  }

  @AfterContainer
  static void close() {
    ledger.close();
    laboratory.close();
  }

  private static void isAnsweredOrRefused(ObjectNode body) {
    body.putArray("experiment_ids").add("1");
    assertThatCode(
            () -> {
              try {
                JsonNode answer =
                    new RunSearch(ledger).answer(new SearchBody(body), Map.of("1", "p"));
                assertThat(answer.path("runs")).hasSizeLessThanOrEqualTo(1);
              } catch (MlflowProblem refused) {
                assertThat(refused).hasMessageNotContaining("Exception");
              }
            })
        .as(body.toString())
        .doesNotThrowAnyException();
  }

  @Property(tries = 3_000)
  void noFilterRaisesWhatNobodyForesaw(@ForAll("filters") String filter) {
    isAnsweredOrRefused(Json.object().put("filter", filter));
  }

  @Property(tries = 1_000)
  void noTextRaisesWhatNobodyForesaw(@ForAll String filter, @ForAll String token) {
    isAnsweredOrRefused(Json.object().put("filter", filter).put("page_token", token));
  }

  @Property(tries = 1_000)
  void noOrderRaisesWhatNobodyForesaw(@ForAll("orders") String order, @ForAll("tokens") String at) {
    ObjectNode body = Json.object().put("page_token", at).put("max_results", 1);
    body.putArray("order_by").add(order);
    isAnsweredOrRefused(body);
  }

  /** What looks like a filter is read further than any text. */
  @Provide
  Arbitrary<String> filters() {
    Arbitrary<String> test =
        Arbitraries.of(
                "metrics.loss",
                "metrics.`a\"b`",
                "params.\"x`.y\"",
                "params.`$[0]`",
                "params.é",
                "tags.`mlflow.runName`",
                "tags.mlflow.note.content",
                "tags.`\u0000`",
                "start_time",
                "attributes.end_time",
                "created",
                "run_id",
                "status",
                "run_name",
                "`Run Name`",
                "user_id",
                "artifact_uri",
                "datasets.name",
                "dataset.context",
                "nothing.x",
                "x")
            .flatMap(
                name ->
                    Arbitraries.of(
                            "=",
                            "!=",
                            "<",
                            "<=",
                            ">",
                            ">=",
                            "<>",
                            "LIKE",
                            "ilike",
                            "IN",
                            "NOT IN",
                            "IS",
                            "IS NOT",
                            "IS NULL",
                            "IS NOT NULL")
                        .flatMap(
                            operator ->
                                values()
                                    .map(value -> "%s %s %s".formatted(name, operator, value))));
    return test.list().ofMinSize(1).ofMaxSize(4).map(tests -> String.join(" and ", tests));
  }

  private static Arbitrary<String> values() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "",
            "1",
            "-1.5e-3",
            "1e999",
            "-1e999",
            "nan",
            "Infinity",
            "0x1p3",
            "1d",
            "1.2.3",
            "'x'",
            "'2026-01-01'",
            "\"5\"",
            "`x`",
            "('a', 'b')",
            "('a'",
            "()",
            "NULL",
            "''",
            "'%'",
            "'\u0000'",
            "'\ud800'",
            "'it''s'",
            "'\\'",
            "+5",
            "- 5",
            ".",
            "9".repeat(400)),
        Arbitraries.strings().map(text -> "'" + text + "'"),
        Arbitraries.doubles().map(String::valueOf));
  }

  @Provide
  Arbitrary<String> orders() {
    return Arbitraries.oneOf(
        Arbitraries.strings(),
        Arbitraries.of(
                "metrics.loss",
                "params.`a\"b`",
                "tags.x",
                "start_time",
                "end_time",
                "status",
                "run_id",
                "user_id",
                "attributes.run_name",
                "x",
                "",
                "metrics.",
                ".",
                "metrics.`",
                "`",
                "\"")
            .flatMap(
                field ->
                    Arbitraries.of("", " asc", " DESC", " DESCX", " desc desc", " NULLS LAST")
                        .map(direction -> field + direction)));
  }

  @Provide
  Arbitrary<String> tokens() {
    return Arbitraries.oneOf(
        Arbitraries.of("", "1.2", "1.2.n", "1.2.w5", "1.2.r7ff8000000000000", "1.2.tAA", "1.2.t!"),
        Arbitraries.strings());
  }
}
