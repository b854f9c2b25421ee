package io.runledger.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.filter.Filter;
import io.runledger.query.filter.NamedField;
import io.runledger.query.filter.Order;
import io.runledger.query.format.Json;
import io.runledger.query.format.Times;
import io.runledger.query.format.ValueCells;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunRow;
import java.util.List;
import java.util.Set;

/** The runs that match a filter, as columns. */
public final class TableRoutes {

  private static final int ROWS = 100;
  private static final int MOST_ROWS = 50_000;

  /** SQLite takes 2,000; nobody reads so many. */
  private static final int MOST_COLUMNS = 200;

  private static final String COLUMNS =
      "id,name,status,reason,created,started,finished,took,attempts,tag,missing,dropped,drift";

  private static final ValueCells CELLS = new ValueCells(Times.UTC);

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
    int limit = parameters.number("limit", ROWS, 1, MOST_ROWS);
    Order order = parameters.text("order").map(Order::parse).orElse(Order.NEWEST_FIRST);
    RunFilter all = filter(parameters).inOrder(order).limited(limit);
    RunFilter page = parameters.text("cursor").map(text -> after(all, text)).orElse(all);
    List<NamedField> columns = columns(parameters.text("columns").orElse(COLUMNS));
    try (Snapshot snapshot = ledger.snapshot()) {
      ObjectNode answer = json(columns, snapshot.rows(page, NamedField.fields(columns)), limit);
      if (parameters.flag("count")) {
        answer.put("total", snapshot.countRuns(all));
      }
      Answers.json(context, answer);
    }
  }

  private static RunFilter after(RunFilter all, String cursor) {
    try {
      return all.after(RunCursor.parse(cursor));
    } catch (IllegalArgumentException e) {
      throw new BadRequestException(
          "The parameter cursor is not the next of an earlier answer in this order; begin without it.");
    }
  }

  /** The runs that the parameter {@code filter} chooses; all without it. */
  static RunFilter filter(Parameters parameters) {
    Filter where = parameters.text("filter").map(Filter::parse).orElse(Filter.EVERY_RUN);
    return RunFilter.all().where(where);
  }

  private static List<NamedField> columns(String text) {
    List<NamedField> columns = NamedField.list("list of columns", text);
    if (columns.size() > MOST_COLUMNS) {
      throw new BadRequestException(
          "The parameter columns names at most %d columns, not %d."
              .formatted(MOST_COLUMNS, columns.size()));
    }
    return columns;
  }

  private static ObjectNode json(List<NamedField> columns, List<RunRow> rows, int limit) {
    ObjectNode answer = Json.object();
    ObjectNode cells = answer.putObject("columns");
    for (int i = 0; i < columns.size(); i++) {
      ArrayNode column = cells.putArray(columns.get(i).word());
      for (RunRow row : rows) {
        column.add(CELLS.json(row.values().get(i)));
      }
    }
    answer.put("rows", rows.size());
    answer.put("next", rows.size() < limit ? null : rows.get(limit - 1).cursor().text());
    return answer;
  }
}
