package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.OnEachStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A metric over groups of runs. */
@OnEachStore
class GroupsTest extends OpenServer {

  private static final int RUNS = 4;

  @BeforeEach
  void addRunsOfOneKind() {
    for (int seed = 40; seed < 40 + RUNS; seed++) {
      Events run = Events.ofSeed(seed).attempt(seed);
      double rate = seed % 2 == 0 ? 0.1 : 0.2;
      laboratory.deliver(
          run.started(start -> start.setConfig("{\"lr\":" + rate + "}")),
          run.metrics(
              Events.call(1, Map.of("acc", seed - 40 + 0.5)),
              Events.call(2, Map.of("acc", seed - 40 + 0.25))));
    }
  }

  @Test
  void aGroupIsAllRunsThatMatchAndHaveTheSameValues() {
    JsonNode answer = json("/groups?metric=acc&by=config.lr");

    assertThat(answer.path("metric_name").textValue()).isEqualTo("acc");
    assertThat(answer.path("value").textValue()).isEqualTo("last");
    assertThat(answer.path("total").intValue()).isEqualTo(3);
    JsonNode first = answer.path("groups").path(0);
    assertThat(first.path("key").path("config.lr").doubleValue()).isEqualTo(0.1);
    assertThat(first.path("runs").intValue()).isEqualTo(2);
    assertThat(first.path("n").intValue()).isEqualTo(2);
    assertThat(first.path("mean").doubleValue()).isEqualTo(1.25);
    assertThat(first.path("std").doubleValue()).isEqualTo(Math.sqrt(2), within(1e-12));
    // t(0.975, 1) is 12.7062.
    assertThat(first.path("high").doubleValue()).isEqualTo(1.25 + 12.7062047, within(1e-6));
    JsonNode without = answer.path("groups").path(2);
    assertThat(without.path("key").path("config.lr").isNull()).isTrue();
    assertThat(without.path("without").intValue()).isEqualTo(6);
    assertThat(without.path("failed").intValue()).isEqualTo(2);
    assertThat(without.path("mean").isNull()).isTrue();
  }

  @Test
  void aFilterChoosesTheRunsAndTheLimitTheGroups() {
    JsonNode all = json("/groups?metric=acc&limit=1&filter=" + encoded("config.lr is not null"));

    assertThat(all.path("total").intValue()).isEqualTo(1);
    assertThat(all.path("groups").path(0).path("runs").intValue()).isEqualTo(RUNS);
    assertThat(json("/groups?metric=acc&by=seed&limit=2").path("groups")).hasSize(2);
    assertThat(json("/groups?metric=acc&by=seed&limit=2").path("total").intValue()).isEqualTo(10);
  }

  @Test
  void theValueThatCountsIsChosen() {
    String filter = "&filter=" + encoded("seed = 43");

    assertThat(mean("&value=max" + filter)).isEqualTo(3.5);
    assertThat(mean("&value=at:1" + filter)).isEqualTo(3.5);
    assertThat(mean("&value=best" + filter)).isEqualTo(3.5);
    assertThat(mean("&value=min" + filter)).isEqualTo(3.25);
    assertThat(json("/groups?metric=acc&value=best").path("value").textValue()).isEqualTo("max");
  }

  private double mean(String rest) {
    return json("/groups?metric=acc" + rest).path("groups").path(0).path("mean").doubleValue();
  }

  @Test
  void curvesAreColumnsOfMeanAndInterval() {
    JsonNode answer = json("/groups/curves?metric=acc&by=config.lr");

    assertThat(answer.path("x").textValue()).isEqualTo("step");
    assertThat(answer.path("series")).hasSize(2);
    JsonNode second = answer.path("series").path(1);
    assertThat(second.path("key").path("config.lr").doubleValue()).isEqualTo(0.2);
    assertThat(numbers(second.path("step"))).containsExactly(1.0, 2.0);
    assertThat(numbers(second.path("mean"))).containsExactly(2.5, 2.25);
    assertThat(numbers(second.path("n"))).containsExactly(2.0, 2.0);
    assertThat(second.path("low")).hasSize(2);
    assertThat(json("/groups/curves?metric=acc&by=config.lr&limit=1").path("series")).hasSize(1);
  }

  @Test
  void curvesAreDrawnOverEpochsToo() {
    JsonNode answer = json("/groups/curves?metric=val/loss&x=epoch&by=experiment");

    JsonNode one = answer.path("series").path(0);
    assertThat(numbers(one.path("epoch"))).containsExactly(0.0, 1.0, 2.0);
    assertThat(numbers(one.path("not_finite"))).containsExactly(0.0, 1.0, 1.0);
  }

  private static List<Double> numbers(JsonNode column) {
    List<Double> numbers = new ArrayList<>();
    column.forEach(cell -> numbers.add(cell.doubleValue()));
    return numbers;
  }

  @Test
  void aMistakenParameterOfGroupsIsNamed() {
    assertThat(problem(400, "/groups?by=seed").path("detail").textValue()).contains("metric");
    assertThat(problem(400, "/groups?metric=acc&by=lr").path("start").intValue()).isZero();
    assertThat(problem(400, "/groups?metric=acc&value=mean").path("detail").textValue())
        .isEqualTo(
            "The parameter value: The value is last, min, max, best or at:STEP, not 'mean'.");
    assertThat(problem(400, "/groups/curves?metric=acc&x=time").path("detail").textValue())
        .contains("step, epoch or elapsed");
    assertThat(problem(404, "/groups?metric=ac").path("detail").textValue()).contains("'acc'");
    assertThat(problem(404, "/groups/curves?metric=ac").path("detail").textValue())
        .contains("'acc'");
  }
}
