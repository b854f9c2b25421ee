package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.RunId;
import io.runledger.schemas.event.MetricRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lines to draw, and their tails. */
@OnEachStore
class CurvesTest extends OpenServer {

  private static final Events RUN = Events.ofSeed(20).attempt(20);
  private static final RunId ID = RUN.run();

  private static List<Double> numbers(JsonNode column) {
    List<Double> numbers = new ArrayList<>();
    column.forEach(cell -> numbers.add(cell.isNull() ? null : cell.asDouble()));
    return numbers;
  }

  private JsonNode series(String rest) {
    return json("/curves?run=" + ID + "&metric=loss" + rest).path("series").path(0);
  }

  private void log(int from, int to) {
    List<MetricRow> rows = new ArrayList<>();
    for (int i = from; i < to; i++) {
      double value = i == 777 ? 1e6 : i == 778 ? Double.NaN : 1.0 / (i + 1);
      rows.add(Events.call(i, Map.of("loss", value)));
    }
    laboratory.deliver(RUN.metrics(from, rows));
  }

  @Test
  void bucketsKeepEverySpikeAndCountTheNans() {
    laboratory.deliver(RUN.started());
    log(0, 5_000);

    for (int width : new int[] {1, 7, 100, 1_000, 5_000, 10_000}) {
      JsonNode series = series("&width=" + width);

      assertThat(series.path("points").intValue()).isEqualTo(5_000);
      assertThat(series.path("step").size()).isEqualTo(Math.min(width, 5_000));
      assertThat(numbers(series.path("max"))).contains(1e6);
      assertThat(numbers(series.path("nan")).stream().mapToDouble(n -> n).sum()).isEqualTo(1);
      assertThat(numbers(series.path("step"))).isSorted().endsWith(4_999.0);
      assertThat(numbers(series.path("last"))).endsWith(1.0 / 5_000);
      assertThat(series.path("x").textValue()).isEqualTo("step");
    }
  }

  @Test
  void aRangeIsAskedForInSteps() {
    laboratory.deliver(RUN.started());
    log(0, 5_000);

    JsonNode series = series("&width=50&from=700&to=799");

    assertThat(series.path("points").intValue()).isEqualTo(100);
    assertThat(numbers(series.path("step"))).hasSize(50).startsWith(701.0).endsWith(799.0);
    assertThat(numbers(series.path("max"))).contains(1e6);
  }

  @Test
  void onlyTheTailIsSentToWhoHasTheRest() {
    laboratory.deliver(RUN.started());
    log(0, 100);
    String position = series("").path("position").textValue();
    assertThat(series("&after=" + position).path("step")).isEmpty();
    log(100, 130);

    JsonNode tail = series("&after=" + position);

    assertThat(tail.path("whole").booleanValue()).isFalse();
    assertThat(numbers(tail.path("step"))).hasSize(30).startsWith(100.0).endsWith(129.0);
    assertThat(series("&after=" + tail.path("position").textValue()).path("points").intValue())
        .isZero();
  }

  @Test
  void theWholeIsSentAgainWhenSomethingChangedBeforeTheTail() {
    laboratory.deliver(RUN.started());
    log(0, 100);
    String position = series("").path("position").textValue();
    Events second = RUN.attempt(21);
    laboratory.deliver(
        second.started(start -> start.setResumedFromStep(50L)),
        second.metrics(Events.call(50, Map.of("loss", 5.0))));

    JsonNode series = series("&after=" + position);

    assertThat(series.path("whole").booleanValue()).isTrue();
    assertThat(numbers(series.path("step"))).hasSize(51).endsWith(49.0, 50.0);
    assertThat(series.path("seams").path(0).intValue()).isEqualTo(50);
  }

  @Test
  void aCurveByEpochSaysSo() {
    JsonNode series =
        json("/curves?run=" + Laboratory.COMPLETED + "&metric=val/loss").path("series").path(0);

    assertThat(series.path("x").textValue()).isEqualTo("epoch");
    assertThat(numbers(series.path("epoch"))).containsExactly(0.0, 1.0, 2.0);
    assertThat(series.path("step").path(0).isNull()).isTrue();
  }

  @Test
  void runsWithoutTheMetricAreLeftOutUnlessNoneHasIt() {
    String runs = "run=" + Laboratory.COMPLETED + "&run=" + Laboratory.FAILED;

    assertThat(json("/curves?" + runs + "&metric=loss").path("series")).hasSize(1);
    assertThat(problem(404, "/curves?" + runs + "&metric=los").path("detail").textValue())
        .contains("'loss'");
    assertThat(problem(400, "/curves?" + runs).path("detail").textValue()).contains("metric");
    assertThat(problem(400, "/curves?" + runs + "&metric=loss&after=x").path("detail").textValue())
        .contains("after");
  }
}
