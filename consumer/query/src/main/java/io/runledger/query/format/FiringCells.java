package io.runledger.query.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.alerts.Firing;
import io.runledger.query.alerts.FiringDelivery;
import io.runledger.schemas.RunStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How firings of rules are shown. */
public final class FiringCells {

  /** The columns of CSV. */
  public static final List<String> TITLES =
      List.of(
          "alert_id",
          "rule",
          "condition",
          "id",
          "run_id",
          "run_name",
          "attempt_id",
          "status",
          "metric",
          "value",
          "step",
          "at",
          "fired_at",
          "ended_at",
          "late",
          "deliveries");

  private final Times times;

  public FiringCells(Times times) {
    this.times = times;
  }

  /** Whether it holds, and was delivered, in a word or two. */
  private static String state(Firing firing) {
    String holds = firing.isOpen() ? "open" : "ended";
    return firing.isLate() ? holds + ", late" : holds;
  }

  /** To whom it went, and what became of it. */
  private static String deliveries(Firing firing) {
    return firing.deliveries().stream()
        .map(FiringCells::delivery)
        .collect(Collectors.joining(", "));
  }

  private static String delivery(FiringDelivery delivery) {
    return delivery.state().equals("delivered")
        ? delivery.name()
        : "%s: %s after %d tries".formatted(delivery.name(), delivery.state(), delivery.tries());
  }

  /** A table for a terminal. */
  public TextTable table() {
    return new TextTable()
        .words(times.title("FIRED"))
        .names("RULE")
        .words("RUN")
        .names("NAME")
        .texts("CONDITION")
        .numbers("VALUE")
        .numbers("STEP")
        .texts("STATE")
        .texts("DELIVERED TO")
        .spare(1);
  }

  /** A row of it. */
  public List<String> row(Firing firing) {
    String to = deliveries(firing);
    return List.of(
        times.minute(Optional.of(firing.firedAt())),
        firing.rule(),
        firing.runId().toString(),
        RunCells.name(firing.runName()),
        firing.condition(),
        firing.value().isPresent() ? Numbers.sixDigits(firing.value().getAsDouble()) : "-",
        Numbers.orDash(firing.step()),
        state(firing),
        to.isEmpty() ? "-" : to);
  }

  /** A line of CSV. */
  public void csv(CsvOutput csv, Firing firing) {
    csv.text(firing.id()).text(firing.rule()).text(firing.condition());
    csv.text(firing.runId().toString()).number(firing.runId().value()).text(firing.runName());
    csv.number(firing.attemptId());
    csv.text(firing.status().map(RunStatus::word)).text(firing.metric());
    if (firing.value().isPresent()) {
      csv.number(firing.value().getAsDouble());
    } else {
      csv.text(Optional.empty());
    }
    csv.number(firing.step()).text(times.text(firing.at())).text(times.text(firing.firedAt()));
    csv.text(firing.endedAt().map(times::text)).number(firing.isLate() ? 1 : 0);
    csv.text(deliveries(firing));
  }

  /** One as JSON. */
  public ObjectNode json(Firing firing) {
    ObjectNode json = Json.object().put("alert_id", firing.id());
    json.put("rule", firing.rule()).put("condition", firing.condition());
    json.setAll(RunJson.reference(firing.runId(), firing.runName()));
    json.put("attempt_id", Long.toString(firing.attemptId()));
    json.put("status", firing.status().map(RunStatus::word).orElse(null));
    json.put("metric", Json.text(firing.metric()));
    json.put("value", Json.number(firing.value()));
    json.put("step", Json.number(firing.step()));
    json.put("at", times.text(firing.at()));
    json.put("fired_at", times.text(firing.firedAt()));
    json.put("ended_at", times.orNull(firing.endedAt()));
    json.put("open", firing.isOpen()).put("late", firing.isLate());
    ArrayNode deliveries = json.putArray("deliveries");
    for (FiringDelivery delivery : firing.deliveries()) {
      deliveries
          .addObject()
          .put("name", delivery.name())
          .put("state", delivery.state())
          .put("tries", delivery.tries())
          .put("delivered_at", times.orNull(delivery.deliveredAt()))
          .put("last_error", Json.text(delivery.lastError()));
    }
    return json;
  }
}
