package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is long is answered in time that grows with it, and what is left out is counted. */
class LongAnswersTest extends OpenLaboratory {

  /** Each name was asked for with all names: 8,000 took half a minute. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void tenThousandMetricNamesAreShownInOnePass() {
    Events job = Events.ofName("wide", "wide", new UUID(1, 1));
    laboratory.deliver(job.started());
    for (int from = 0; from < 10_000; from += 1_000) {
      Map<String, Double> values = new HashMap<>();
      for (int i = from; i < from + 1_000; i++) {
        values.put("name/%05d".formatted(i), (double) i);
      }
      laboratory.deliver(job.metrics(Events.call(1, values)));
    }

    String page = run("show", "wide").out();
    assertThat(page).contains("name/00099").doesNotContain("name/00100");
    assertThat(page).contains("and 9,900 more; 'runledger metrics " + job.run() + "' lists them");
    assertThat(run("metrics", "wide").lines()).hasSize(10_001).allMatch(line -> line.length() > 20);
    assertThat(run("metrics", "wide", "name/09999").out()).contains("1 point, ");
    assertThat(run("compare", "wide", "wide").out()).contains("name/09999");
    assertThat(run("why", "wide").out()).contains("wide");
    assertThat(run("list").lines()).hasSize(2);
  }

  @Test
  void aListOfPackagesIsCutOnThePageAndWholeInJson() {
    Events job = Events.ofName("p", "packages", new UUID(1, 4));
    String packages =
        IntStream.range(0, 500)
            .mapToObj("\"package-%03d 1.0\""::formatted)
            .collect(Collectors.joining(",", "{\"packages\":[", "]}"));
    laboratory.deliver(job.started(), job.artifact("environment", "environment.txt", packages));

    assertThat(run("show", "packages").lines())
        .anyMatch(line -> line.contains("package-000"))
        .allMatch(line -> line.length() < 300);
    assertThat(run("show", "packages", "--json").out()).contains("package-499 1.0");
  }

  @Test
  void aCurveIsTheSameAloneAndAmongOthers() {
    Events job = Events.ofName("p", "both", new UUID(1, 2));
    laboratory.deliver(job.started());
    for (int step = 0; step < 2_000; step++) {
      Map<String, Double> values = new HashMap<>(Map.of("long", Math.sin(step / 100.0)));
      if (step < 30) {
        values.put("short", step == 7 ? Double.NaN : step * 1.0);
      }
      laboratory.deliver(job.metrics(Events.call(step, values)));
    }
    laboratory.deliver(job.attempt(2).resumedFrom(20), job.attempt(2).metric("short", 20, -5));

    var ledger = laboratory.open();
    try (ledger) {
      var together = ledger.curves(job.run(), 10, 24);
      assertThat(together).containsOnlyKeys("long", "short");
      together.forEach(
          (name, curve) -> assertThat(curve).isEqualTo(ledger.curve(job.run(), name, 24)));
    }
  }

  /** All points as records, then as a tree, then as one text: a million of them took gigabytes. */
  @Test
  void pointsAreReadAPageAtATimeAndAreThoseOfOneMoment() {
    Events job = Events.ofSeed(1);
    laboratory.deliver(job.started());
    for (int from = 0; from < 21_000; from += 1_000) {
      int first = from;
      laboratory.deliver(
          job.metrics(
              IntStream.range(first, first + 1_000)
                  .mapToObj(step -> Events.call(step, Map.of("loss", step / 2.0)))
                  .toArray(MetricRow[]::new)));
    }
    Events resumed = job.attempt(2);
    laboratory.deliver(resumed.resumedFrom(20_500), resumed.metric("loss", 20_500, Double.NaN));

    try (Ledger ledger = laboratory.open()) {
      List<MetricPoint> all = ledger.points(job.run(), "loss");
      List<MetricPoint> visited = new ArrayList<>();
      ledger.forEachPoint(
          job.run(),
          "loss",
          point -> {
            if (visited.isEmpty()) {
              laboratory.deliver(resumed.metric("loss", 20_501, 1));
            }
            visited.add(point);
          });
      assertThat(visited).isEqualTo(all).hasSize(20_501);
    }
    assertThat(run("metrics", job.run().toString(), "loss", "--csv").csv()).hasSize(20_502);
    JsonNode metric =
        run("metrics", job.run().toString(), "loss", "--json").json().get("metrics").get(0);
    assertThat(metric.get("points")).hasSize(20_502);
    assertThat(metric.get("points").get(20_500).get("value").asText()).isEqualTo("NaN");
  }

  /** They were shown as 1970-01-01, which looks like a time. */
  @ParameterizedTest
  @ValueSource(strings = {"+12000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"})
  void aTimeThatTheDatabaseCannotHoldIsShownAsUnknown(String at) {
    Events job = Events.ofSeed(1);
    ErrorLogged error =
        ErrorLogged.newBuilder(job.error("Odd", "clock")).setAt(Instant.parse(at)).build();
    laboratory.deliver(job.started(), error);
    String id = job.run().toString();

    for (String[] words : new String[][] {{"errors"}, {"errors", id}, {"show", id}}) {
      assertThat(run(words).out())
          .as(String.join(" ", words))
          .contains("time unknown")
          .doesNotContain("1970");
    }
    assertThat(run("errors", "--json").json().at("/errors/0/created_at").isNull()).isTrue();
    assertThat(run("show", id, "--json").json().at("/errors/0/created_at").isNull()).isTrue();
    assertThat(run("errors", "--csv").csv().get(0).getField("created_at")).isEmpty();
  }

  /** Two such lines once made 'list' fail for everybody. */
  @Test
  void countsThatAddUpToMoreThanANumberHoldsAreTheLargestNumber() {
    for (int attempt = 1; attempt <= 3; attempt++) {
      Events job = Events.ofSeed(1).attempt(attempt);
      laboratory.deliver(job.started(), job.dropped(Long.MAX_VALUE));
    }
    laboratory.deliver(Events.ofSeed(2).started());
    String id = Events.ofSeed(1).run().toString();

    assertThat(run("list").out()).contains(Long.MAX_VALUE + " dropped");
    assertThat(run("list").lines()).hasSize(3);
    for (String verb : new String[] {"show", "why", "compare"}) {
      assertThat(run(verb, id).out()).contains(id);
    }
  }

  @Test
  void listAndBestMeanTheSameRunsBySince() {
    Events early = Events.ofSeed(1);
    Events unknown = Events.ofSeed(2).attempt(2);
    laboratory.deliver(early.started(), early.metric("loss", 1, 1));
    // Its start has not come yet: the time in its attempt's id stands for it.
    laboratory.deliver(unknown.metric("loss", 1, 2));

    for (String since : new String[] {"1970-01-01", "2026-01-02 03:30", "2030-01-01"}) {
      assertThat(run("best", "loss", "--since", since, "--json").json().get("runs"))
          .as(since)
          .hasSameSizeAs(run("list", "--since", since, "--json").json().get("runs"));
    }
  }

  @Test
  void metricsOfADeletedRunDoNotAnswerWhereTheRunDoesNot() {
    Events gone = Events.ofSeed(1);
    Events stays = Events.ofSeed(2);
    laboratory.deliver(gone.started(), gone.metric("secret/loss", 1, 1), gone.deleted());
    laboratory.deliver(stays.started(), stays.metric("loss", 1, 1));

    try (var ledger = laboratory.open()) {
      assertThat(ledger.metricNames()).containsExactly("loss");
      assertThat(ledger.summaries(List.of(gone.run(), stays.run()))).containsOnlyKeys(stays.run());
    }
    Command best = Command.at(laboratory.location(), "best", "secret/loss");
    assertThat(best.code()).isEqualTo(3);
    assertThat(best.err()).doesNotContain("did you mean 'secret");
    assertThat(Command.at(laboratory.location(), "best", "secret/los").err())
        .doesNotContain("secret/loss");
  }

  /** Names were cut to the same beginning; texts of a configuration had JSON's quotes in CSV. */
  @Test
  void namesOfAGridStayDifferentInAComparison() {
    String name = "sweep-of-a-very-long-name-that-all-have/lr-";
    for (int i = 1; i <= 4; i++) {
      Events job = Events.ofName("p", name + i, new UUID(5, i));
      laboratory.deliver(
          job.started(
              start ->
                  start.setConfig(
                      "{\"opt\":\""
                          + (job.run().value() % 2 == 0 ? "lion" : "adam")
                          + job.run()
                          + "\"}")),
          job.status(RunStatus.COMPLETED, StatusSource.JOB, 0));
    }

    String page = run("compare", name + 1, name + 2, name + 3, name + 4).out();
    String names = page.lines().filter(line -> line.startsWith("name")).findFirst().orElseThrow();
    assertThat(names).contains("lr-1", "lr-2", "lr-3", "lr-4");
    assertThat(run("compare", name + 1, name + 2, "--csv").out()).doesNotContain("\"\"\"");
  }

  @Test
  void oneRowThatCannotBeReadDoesNotHideTheOthers() throws SQLException {
    laboratory.deliver(Events.ofSeed(1).started(), Events.ofSeed(2).started());
    laboratory.close();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + laboratory.database());
        var statement = connection.createStatement()) {
      statement.execute(
          "UPDATE experiment_runs SET tags = 'odd', created_at = '+292278-08-17', started_at = 'x' WHERE run_id = "
              + Events.ofSeed(1).run().value());
    }

    assertThat(run("list").lines()).hasSize(3);
    assertThat(run("list", "--tag", "a").err()).contains("No run matches.");
    assertThat(run("show", Events.ofSeed(1).run().toString()).out()).contains("odd");
    laboratory = Laboratory.empty(directory);
  }
}
