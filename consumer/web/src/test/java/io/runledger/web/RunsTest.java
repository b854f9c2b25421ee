package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The runs as columns, and one run. */
@OnEachStore
class RunsTest extends OpenServer {

  private int lastSeed = 100;

  private static List<String> texts(JsonNode column) {
    List<String> texts = new ArrayList<>();
    column.forEach(cell -> texts.add(cell.asText()));
    return texts;
  }

  @Test
  void runsAreColumnsOfTheNamesThatWereAskedFor() {
    JsonNode answer =
        json(
            "/runs?columns="
                + encoded(
                    "id,status,config.learning_rate,metric.\"val/loss\".min,metric.val/loss.min_step,tag")
                + "&filter="
                + encoded("seed = 3"));

    assertThat(answer.path("rows").intValue()).isEqualTo(1);
    assertThat(answer.path("next").isNull()).isTrue();
    JsonNode columns = answer.path("columns");
    assertThat(columns.path("id").get(0).textValue()).isEqualTo(Laboratory.COMPLETED.toString());
    assertThat(columns.path("config.learning_rate").get(0).doubleValue()).isEqualTo(5e-5);
    assertThat(columns.path("metric.\"val/loss\".min").get(0).doubleValue()).isEqualTo(0.25);
    assertThat(columns.path("metric.val/loss.min_step").get(0).isNull()).isTrue();
    assertThat(texts(columns.path("tag").get(0))).containsExactly("baseline", "grid");
  }

  @Test
  void pagesTogetherAreTheWholeInEveryOrder() {
    for (String order :
        List.of(
            "",
            "-created",
            "created",
            "seed",
            "-seed",
            "metric.val/loss.min",
            "-metric.val/loss",
            "config.learning_rate",
            "status",
            "-took",
            "name")) {
      String rest = "/runs?columns=id&order=" + encoded(order);
      List<String> whole = texts(json(rest).path("columns").path("id"));
      List<String> paged = new ArrayList<>();
      String cursor = "";
      do {
        JsonNode page = json(rest + "&limit=2&cursor=" + cursor);
        paged.addAll(texts(page.path("columns").path("id")));
        cursor = page.path("next").isNull() ? "" : page.path("next").textValue();
      } while (!cursor.isEmpty());

      assertThat(whole).hasSize(6);
      assertThat(paged).as(order).isEqualTo(whole);
    }
  }

  @Test
  void runsThatComeBetweenTwoPagesMoveNoOther() {
    for (String order : List.of("-created", "seed", "-metric.loss", "status")) {
      String rest = "/runs?columns=id&limit=2&order=" + encoded(order);
      List<String> whole =
          texts(json("/runs?columns=id&order=" + encoded(order)).path("columns").path("id"));
      List<String> paged = new ArrayList<>();
      String cursor = "";
      do {
        JsonNode page = json(rest + "&cursor=" + cursor);
        paged.addAll(texts(page.path("columns").path("id")));
        cursor = page.path("next").isNull() ? "" : page.path("next").textValue();
        Events late = Events.ofSeed(++lastSeed).attempt(lastSeed);
        laboratory.deliver(late.started(), late.metric("loss", 1, lastSeed));
      } while (!cursor.isEmpty());

      assertThat(paged).as(order).doesNotHaveDuplicates().containsSubsequence(whole);
    }
  }

  @Test
  void theTotalIsOfAllThatMatchWhateverTheLimit() {
    JsonNode answer = json("/runs?limit=1&count=true&filter=" + encoded("status = completed"));

    assertThat(answer.path("rows").intValue()).isEqualTo(1);
    assertThat(answer.path("total").intValue()).isEqualTo(3);
  }

  @Test
  void aMistakeInTheFilterIsPointedAt() {
    JsonNode problem = problem(400, "/runs?filter=" + encoded("status = failed and lr < 1"));

    assertThat(problem.path("start").intValue()).isEqualTo(20);
    assertThat(problem.path("end").intValue()).isEqualTo(22);
  }

  @Test
  void aMistakenParameterIsNamed() {
    assertThat(problem(400, "/runs?limit=0").path("detail").textValue()).contains("limit");
    assertThat(problem(400, "/runs?limit=").path("detail").textValue()).contains("not ''");
    assertThat(problem(400, "/runs?count=").path("detail").textValue()).contains("count");
    assertThat(problem(400, "/runs?filter=&filter=").path("detail").textValue()).contains("once");
    assertThat(problem(400, "/runs?filtre=x").path("detail").textValue()).contains("filtre");
    assertThat(problem(400, "/runs?cursor=x").path("detail").textValue()).contains("cursor");
    assertThat(problem(400, "/runs?columns=lr").path("detail").textValue()).contains("columns");
    assertThat(problem(400, "/runs?order=lr").path("detail").textValue()).contains("order");
  }

  @Test
  void aCursorOfAnotherOrderIsRefused() {
    String next = json("/runs?limit=1&order=seed").path("next").textValue();

    assertThat(problem(400, "/runs?order=seed,status&cursor=" + next).path("detail").textValue())
        .contains("cursor", "in this order");
  }

  @Test
  void nanAndInfinitiesAreTexts() {
    JsonNode columns =
        json("/runs?filter="
                + encoded("seed = 4")
                + "&columns="
                + encoded("metric.val/loss,metric.val/loss.max,metric.none"))
            .path("columns");

    assertThat(columns.path("metric.val/loss").get(0).textValue()).isEqualTo("NaN");
    assertThat(columns.path("metric.val/loss.max").get(0).textValue()).isEqualTo("Infinity");
    assertThat(columns.path("metric.none").get(0).isNull()).isTrue();
  }

  @Test
  void aRunHasAllThatShowHas() {
    JsonNode run = json("/runs/" + Laboratory.COMPLETED);

    assertThat(run.path("run").path("id").textValue()).isEqualTo(Laboratory.COMPLETED.toString());
    assertThat(run.path("metrics")).hasSize(4);
    assertThat(
            json("/runs/" + Laboratory.INCOMPLETE)
                .path("gaps")
                .get(0)
                .path("whereabouts")
                .textValue())
        .contains("spool");
  }

  @Test
  void thePartsOfARunAreAnsweredAlone() {
    String run = "/runs/" + Laboratory.RESUMED;

    assertThat(json(run + "/metrics").path("metrics")).hasSize(1);
    assertThat(json(run + "/attempts").path("attempts")).hasSize(2);
    assertThat(json(run + "/evidence").path("attempts").get(0).path("claims")).hasSize(1);
    assertThat(json("/runs/" + Laboratory.COMPLETED + "/artifacts").path("artifacts")).hasSize(1);
    assertThat(json("/runs/" + Laboratory.COMPLETED + "/results").path("results")).hasSize(1);
    assertThat(json("/runs/" + Laboratory.FAILED + "/errors").path("errors")).hasSize(1);
    assertThat(json("/runs/" + Laboratory.TIMED_OUT + "/jobs").path("jobs")).hasSize(1);
  }

  @Test
  void whatIsNotThereIsSaidInASentence() {
    assertThat(problem(404, "/runs/zzzzzzzzzzzzz").path("detail").textValue()).contains("zzzz");
    problem(400, "/runs/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
    problem(404, "/nothing");
  }
}
