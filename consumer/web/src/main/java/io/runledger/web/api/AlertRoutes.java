package io.runledger.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.alerts.FiringFilter;
import io.runledger.query.format.FiringCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunDocument;
import io.runledger.query.format.Times;
import io.runledger.schemas.RunId;
import java.util.Optional;
import java.util.Set;

/** What rules of alerts found. */
public final class AlertRoutes {

  private static final int ROWS = 100;
  private static final int MOST_ROWS = 10_000;
  private static final FiringCells FORM = new FiringCells(Times.UTC);

  private final Ledger ledger;

  public AlertRoutes(Ledger ledger) {
    this.ledger = ledger;
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/alerts", this::alerts);
  }

  private void alerts(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("run", "rule", "open", "limit"));
    boolean isOpen = parameters.flag("open");
    int limit = parameters.number("limit", ROWS, 1, MOST_ROWS);
    try (Snapshot snapshot = ledger.snapshot()) {
      Optional<RunId> run = parameters.word("run").map(typed -> RunRoutes.run(snapshot, typed));
      FiringFilter filter =
          new FiringFilter(run, parameters.text("rule"), Optional.empty(), isOpen, limit);
      ObjectNode answer = Json.object();
      answer.set("alerts", RunDocument.list(snapshot.firings(filter), FORM::json));
      answer.put("total", snapshot.countFirings(filter));
      Answers.json(context, answer);
    }
  }
}
