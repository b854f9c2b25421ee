package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.runledger.contract.Events;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.alerts.FiringFilter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What rules of alerts found, as people and programs see it. */
@OnEachStore
class AlertsListTest extends OpenLaboratory {

  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final Events JOB = Events.ofSeed(3);
  private static final Events OTHER = Events.ofSeed(4);

  @BeforeEach
  void twoRunsOfWhichRulesFoundSomething() {
    laboratory.deliver(JOB.started(), OTHER.started());
    laboratory
        .projection()
        .carryFirings(
            List.of(
                new CarriedFiring(
                    new Firing(
                        "diverged",
                        JOB.run().value(),
                        1,
                        "a cause",
                        "metric loss is nan",
                        Optional.empty(),
                        Optional.of(new Firing.Point(2, "loss", 3, 40L, Double.NaN)),
                        1_767_355_200_000_000L,
                        false,
                        NOON,
                        Optional.of(9L),
                        Optional.of(NOON.plusSeconds(5))),
                    List.of(
                        new CarriedFiring.Delivery(
                            "chat", "delivered", 1, NOON, Optional.of(NOON), Optional.empty()),
                        new CarriedFiring.Delivery(
                            "mail",
                            "pending",
                            2,
                            NOON,
                            Optional.empty(),
                            Optional.of("It answered 500.")))),
                new CarriedFiring(status("failed", OTHER, NOON.plusSeconds(60)), List.of())));
  }

  private static Firing status(String rule, Events job, Instant at) {
    return new Firing(
        rule,
        job.run().value(),
        1,
        "attempt:1 failed",
        "status becomes failed",
        Optional.of("failed"),
        Optional.empty(),
        1_767_355_200_000_000L,
        true,
        at,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void theTableHasTheNewestFirstWithWhatBecameOfIt() {
    List<String> lines = run("alerts", "list").lines();

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).contains("failed", OTHER.run().toString(), "open, late");
    assertThat(lines.get(2))
        .contains("diverged", "metric loss is nan", "NaN", "40", "ended", "chat, mail: pending");
  }

  @Test
  void jsonAndCsvHaveAllOfIt() {
    JsonNode first = run("alerts", "list", "--json").json().get("alerts").get(1);

    assertThat(first.get("alert_id").asText()).matches("[0-9a-f]{16}");
    assertThat(first.get("id").asText()).isEqualTo(JOB.run().toString());
    assertThat(first.get("value").asText()).isEqualTo("NaN");
    assertThat(first.get("step").asLong()).isEqualTo(40);
    assertThat(first.get("open").asBoolean()).isFalse();
    assertThat(first.get("deliveries").get(1).toString())
        .isEqualTo(
            "{\"name\":\"mail\",\"state\":\"pending\",\"tries\":2,\"delivered_at\":null,\"last_error\":\"It answered 500.\"}");
    NamedCsvRecord row = run("alerts", "list", "--csv").csv().get(0);
    assertThat(row.getField("rule")).isEqualTo("failed");
    assertThat(row.getField("late")).isEqualTo("1");
  }

  @Test
  void whatIsAskedForIsShownAndNothingElse() {
    assertThat(run("alerts", "list", "--open").out()).contains("failed").doesNotContain("diverged");
    assertThat(run("alerts", "list", "--rule", "diverged").lines()).hasSize(2);
    assertThat(run("alerts", "list", OTHER.run().toString()).lines()).hasSize(2);
    assertThat(run("alerts", "list", "--since", "2026-01-02T12:00:30").lines()).hasSize(2);
    assertThat(run("alerts", "list", "--limit", "1").err()).contains("1 of 2 alerts shown");
    assertThat(run("alerts", "list", "--rule", "none").err()).contains("No alert matches.");
  }

  @Test
  void aDeletedRunIsNotSeen() {
    laboratory.deliver(OTHER.deleted());

    assertThat(run("alerts", "list").out()).doesNotContain("failed");
  }

  @Test
  void moreThanAPageComesInOrderAndOnce() {
    List<CarriedFiring> many = new ArrayList<>();
    for (int i = 0; i < 1_234; i++) {
      many.add(
          new CarriedFiring(status("rule" + i, OTHER, NOON.plusSeconds(100 + i / 10)), List.of()));
    }
    laboratory.projection().carryFirings(many);

    try (Ledger ledger = laboratory.open()) {
      List<io.runledger.query.alerts.Firing> read =
          ledger.firings(FiringFilter.newest(Integer.MAX_VALUE));

      assertThat(read).hasSize(1_236).doesNotHaveDuplicates();
      assertThat(read)
          .extracting(io.runledger.query.alerts.Firing::firedAt)
          .isSortedAccordingTo((one, other) -> other.compareTo(one));
      assertThat(ledger.countFirings(FiringFilter.newest(1))).isEqualTo(1_236);
    }
  }
}
