package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.OnlyOnSqlite;
import io.runledger.query.format.DisplayWidth;
import io.runledger.query.format.Times;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.RunEvent;
import java.sql.DriverManager;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Is it still running, and how far? */
@OnEachStore
class StillRunningTest extends OpenLaboratory {

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private MetricRow row(long step, int secondsAgo, String metric) {
    return MetricRow.newBuilder(Events.call(step, Map.of(metric, 0.5)))
        .setAt(now.minusSeconds(secondsAgo))
        .setEpoch(null)
        .build();
  }

  private RunEvent at(RunEvent event, int secondsAgo) {
    event.put("at", now.minusSeconds(secondsAgo));
    return event;
  }

  /** Started two hours ago, last value ten minutes ago, last heartbeat five minutes ago. */
  private Events training() {
    Events job = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(
        at(job.started(), 7_200),
        job.metrics(row(40, 1_200, "loss"), row(50, 600, "loss")),
        job.metrics(row(40, 900, "val/loss")),
        at(job.heartbeat(600), 300));
    return job;
  }

  @Test
  void aRunningRunHasItsAgeItsStepAndHowLongAgoItWasHeardOf() {
    Events job = training();

    assertThat(run("list").out())
        .containsPattern(
            "training +running +[-0-9]+ [0-9:]+ +2h00m +50 +0.5 +10m\\d\\ds +5m\\d\\ds\\R");
    assertThat(run("show", job.run().toString()).out())
        .containsPattern("running for +2h00m\\R")
        .containsPattern("last value +step 50 at [-0-9]+ [0-9:]+ \\(10m\\d\\ds ago\\)\\R")
        .containsPattern("last heartbeat +[-0-9]+ [0-9:]+ \\(5m\\d\\ds ago\\)\\R");
  }

  @Test
  void jsonAndCsvHaveTimesStepsAndSeconds() {
    Events job = training();
    String valueAt = Times.UTC.text(now.minusSeconds(600));
    String heartbeatAt = Times.UTC.text(now.minusSeconds(300));

    JsonNode listed = run("list", "--json").json().at("/runs/0");
    JsonNode shown = run("show", job.run().toString(), "--json").json().get("run");
    for (JsonNode json : List.of(listed, shown)) {
      assertThat(json.get("last_value_at").asText()).isEqualTo(valueAt);
      assertThat(json.get("last_value_step").asLong()).isEqualTo(50);
      assertThat(json.get("last_value_epoch").isNull()).isTrue();
      assertThat(json.get("last_value_age_seconds").asLong()).isBetween(600L, 630L);
      assertThat(json.get("last_heartbeat_at").asText()).isEqualTo(heartbeatAt);
      assertThat(json.get("heartbeat_interval_seconds").asInt()).isEqualTo(600);
      assertThat(json.get("last_heartbeat_age_seconds").asLong()).isBetween(300L, 330L);
      assertThat(json.get("age_seconds").asLong()).isBetween(7_200L, 7_230L);
    }
    var row = run("list", "--csv").csv().get(0);
    assertThat(row.getField("last_value_at")).isEqualTo(valueAt);
    assertThat(row.getField("last_value_step")).isEqualTo("50");
    assertThat(Long.parseLong(row.getField("last_value_age_seconds"))).isBetween(600L, 630L);
    assertThat(row.getField("last_heartbeat_at")).isEqualTo(heartbeatAt);
    assertThat(Long.parseLong(row.getField("last_heartbeat_age_seconds"))).isBetween(300L, 330L);
    assertThat(Long.parseLong(row.getField("age_seconds"))).isBetween(7_200L, 7_230L);
  }

  @Test
  void aRunThatEndedHasAStepAndNoAges() {
    Events job = training();
    laboratory.deliver(job.completed());

    JsonNode json = run("list", "--json").json().at("/runs/0");
    assertThat(json.get("last_value_step").asLong()).isEqualTo(50);
    for (String age :
        List.of("age_seconds", "last_value_age_seconds", "last_heartbeat_age_seconds")) {
      assertThat(json.get(age).isNull()).as(age).isTrue();
      assertThat(run("list", "--csv").csv().get(0).getField(age)).isEmpty();
    }
    assertThat(run("show", job.run().toString()).out())
        .containsPattern("last value +step 50 at [-0-9]+ [0-9:]+\\R")
        .doesNotContain("running for", " ago");
  }

  /** The first attempt went further and has the later clock; the second one computes it again. */
  @Test
  void theLastValueIsThatOfTheNewestAttemptThatHasOne() {
    Events first = Events.ofName("vision", "resumed", new UUID(1, 2));
    Events second = first.attempt(2);
    Events third = first.attempt(3);
    laboratory.deliver(
        at(first.started(), 7_200), first.metrics(row(90, 10, "loss"), row(91, 5, "loss")));
    laboratory.deliver(second.resumedFrom(60), second.metrics(row(61, 60, "loss")));
    laboratory.deliver(third.started());

    assertThat(run("list", "--json").json().at("/runs/0/last_value_step").asLong()).isEqualTo(61);
  }

  @Test
  void aClockThatIsAheadMakesNoNegativeAge() {
    Events job = Events.ofName("vision", "ahead", new UUID(1, 3));
    laboratory.deliver(at(job.started(), -30), job.metrics(row(1, -30, "loss")));

    assertThat(run("show", job.run().toString()).out()).contains("(0s ago)");
    assertThat(run("list").out()).doesNotContain("-0", "-1s");
  }

  /** However long a history is, one point of each series is read. */
  @OnlyOnSqlite
  @Test
  void theLastValueIsKnownWhereAllOtherPointsAreGone() throws Exception {
    Events job = training();
    laboratory.close();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + laboratory.database());
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("DELETE FROM metric_points WHERE step = 40 AND seq = 0"))
          .isPositive();
    }
    laboratory = Laboratory.empty(directory);

    try (Ledger ledger = laboratory.open()) {
      assertThat(ledger.lastValues(List.of(job.run())).get(job.run()).step()).hasValue(50);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "80,  'ID,NAME,STATUS,TOOK,STEP,LAST LOSS'",
    "100, 'ID,NAME,STATUS,TOOK,STEP,LAST LOSS,VALUE AGE,BEAT AGE'",
    "160, 'ID,NAME,STATUS,STARTED (UTC),TOOK,STEP,LAST LOSS,VALUE AGE,BEAT AGE'"
  })
  void aListFitsItsTerminal(int columns, String titles) {
    training();
    laboratory.deliver(
        Events.ofName("p", "a-grid-of-long-names/lr-0.001/method-x/seed-17", new UUID(2, 2))
            .attempt(2)
            .started());

    Command list = Command.onTerminal(columns, laboratory.location(), "list");

    assertThat(list.lines())
        .allSatisfy(line -> assertThat(DisplayWidth.of(line)).isLessThanOrEqualTo(columns));
    assertThat(list.lines().get(0).split("  +")).containsExactly(titles.split(","));
  }

  @Test
  void columnsThatSayNothingAreOnlyLeftOutOnATerminal() {
    Events done = Events.ofName("p", "done", new UUID(2, 3));
    laboratory.deliver(done.started(), done.completed());

    assertThat(Command.onTerminal(200, laboratory.location(), "list").lines().get(0))
        .contains("STARTED")
        .doesNotContain("VALUE AGE", "BEAT AGE", "STEP");
    assertThat(run("list").lines().get(0)).contains("STEP", "LAST LOSS", "VALUE AGE", "BEAT AGE");
  }
}
