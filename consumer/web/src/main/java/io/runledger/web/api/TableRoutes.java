package io.runledger.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Filter;
import io.runledger.query.format.Json;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.table.RunOrder;
import io.runledger.query.table.RunTable;
import java.util.Map;
import java.util.Set;

/** The runs that match a filter, as columns. */
public final class TableRoutes {

  private static final int ROWS = 100;
  private static final int MOST_ROWS = 50_000;

  /** SQLite takes 2,000; nobody reads so many. */
  private static final int MOST_COLUMNS = 200;

  private static final String COLUMNS =
      "id,name,status,reason,created,started,finished,took,attempts,tag,missing,dropped,drift";

  private final Ledger ledger;

  public TableRoutes(Ledger ledger) {
    this.ledger = ledger;
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/runs", this::runs);
  }

  private void runs(Context context) {
    Parameters parameters =
        Parameters.of(context, Set.of("filter", "order", "columns", "limit", "cursor", "count"));
    RunFilter filter = filter(parameters).limited(parameters.number("limit", ROWS, 1, MOST_ROWS));
    Map<String, Field> columns = columns(parameters.text("columns").orElse(COLUMNS));
    RunOrder order = parameters.text("order").map(RunOrder::parse).orElse(RunOrder.NEWEST);
    RunTable.Request request =
        new RunTable.Request(columns, order, parameters.text("cursor").map(CursorText::read));
    try (Snapshot snapshot = ledger.snapshot()) {
      ObjectNode answer = json(snapshot.table(filter, request));
      if (parameters.flag("count")) {
        answer.put("total", snapshot.countRuns(filter));
      }
      Answers.json(context, answer);
    }
  }

  /** The runs that the parameter {@code filter} chooses; all without it. */
  static RunFilter filter(Parameters parameters) {
    Filter where = parameters.text("filter").map(Filter::parse).orElse(Filter.EVERY_RUN);
    return RunFilter.all().where(where);
  }

  private static Map<String, Field> columns(String text) {
    Map<String, Field> columns = Field.listed(text, "The list of columns");
    if (columns.size() > MOST_COLUMNS) {
      throw new BadRequestException(
          "The parameter columns names at most %d columns, not %d."
              .formatted(MOST_COLUMNS, columns.size()));
    }
    return columns;
  }

  private static ObjectNode json(RunTable table) {
    ObjectNode answer = Json.object();
    ObjectNode columns = answer.putObject("columns");
    table.columns().forEach((name, cells) -> columns.set(name, Answers.column(cells)));
    answer.put("rows", table.rows());
    answer.put("next", table.next().map(CursorText::of).orElse(null));
    return answer;
  }
}
