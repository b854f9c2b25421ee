package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What rules of alerts found. */
@OnEachStore
class AlertsTest extends OpenServer {

  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private static CarriedFiring firing(String rule, double value, Optional<Instant> endedAt) {
    return new CarriedFiring(
        new Firing(
            rule,
            Laboratory.DIVERGED.value(),
            1,
            "a cause",
            "metric loss is nan",
            Optional.empty(),
            Optional.of(new Firing.Point(2, "loss", 3, 40L, value)),
            1_767_355_200_000_000L,
            false,
            NOON,
            Optional.empty(),
            endedAt),
        List.of(
            new CarriedFiring.Delivery(
                "chat", "delivered", 1, NOON, Optional.of(NOON), Optional.empty())));
  }

  @Test
  void whatWasFoundIsListedWithWhatBecameOfIt() {
    laboratory
        .projection()
        .carryFirings(
            List.of(
                firing("nan", Double.NaN, Optional.empty()), firing("high", 9, Optional.of(NOON))));

    JsonNode all = json("/alerts");
    assertThat(all.path("alerts")).hasSize(2);
    assertThat(all.path("total").intValue()).isEqualTo(2);
    new DescribedAnswers(json("/openapi.json")).check("/api/v1/alerts", all);
    JsonNode open = json("/alerts?open=true&run=" + Laboratory.DIVERGED).path("alerts");
    assertThat(open).hasSize(1);
    assertThat(open.path(0).path("value").textValue()).isEqualTo("NaN");
    assertThat(open.path(0).path("deliveries").path(0).path("state").textValue())
        .isEqualTo("delivered");
    assertThat(json("/alerts?rule=high").path("alerts").path(0).path("value").doubleValue())
        .isEqualTo(9);
    assertThat(json("/alerts?run=" + Laboratory.COMPLETED).path("alerts")).isEmpty();
    problem(404, "/alerts?run=0000000000001");
    problem(400, "/alerts?open=perhaps");
    problem(400, "/alerts?run=");
    problem(400, "/alerts?limit=0");
  }

  @Test
  void withoutRulesThereIsNothing() {
    assertThat(json("/alerts").path("alerts")).isEmpty();
  }
}
