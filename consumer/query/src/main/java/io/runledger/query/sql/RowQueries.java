package io.runledger.query.sql;

import io.runledger.query.dialect.FieldDialect;
import io.runledger.query.dialect.FieldValues;
import io.runledger.query.dialect.Store;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.FilterCondition;
import io.runledger.query.filter.Order;
import io.runledger.query.filter.OrderClause;
import io.runledger.query.filter.Value;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunRow;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Statements that put runs in any order, and that give some of their values. The order is found
 * first, of ids and keys alone; only the runs of a page are looked up.
 */
public final class RowQueries {

  private static final String IS_SHOWN = "r.deleted = 0";

  /** Of the newest first the index of creation is walked; for any other order all are looked at. */
  static final String PLACES =
      """
      SELECT *
        FROM (SELECT r.run_id, r.first_attempt_id{keys}
                FROM experiment_runs r
               WHERE r.deleted = 0
                 AND {filter}) places
       WHERE {behind}
       ORDER BY {order}first_attempt_id {tie}, run_id {tie}
       LIMIT :limit
      """;

  private static final String COUNT =
      """
      SELECT count(*)
        FROM (SELECT r.run_id, r.first_attempt_id{keys}
                FROM experiment_runs r
               WHERE r.deleted = 0
                 AND {filter}) places
       WHERE {behind}
      """;

  /** The ids come as one JSON array, so that one statement serves any number of them. */
  static final String ROWS =
      """
      SELECT r.run_id{values}
        FROM json_each(:runs) wanted
       CROSS JOIN experiment_runs r
       WHERE r.run_id = wanted.value AND r.deleted = 0
      """;

  private static final String TIE =
      "(first_attempt_id, run_id) {sign} (:after_attempt, :after_run)";

  private RowQueries() {}

  /** The first of the runs that match, as many as the filter allows, in its order. */
  public static List<RunCursor> places(Handle handle, RunFilter filter) {
    return places(handle, PLACES, filter);
  }

  /** The same of the deleted ones, or of these as well. */
  public static List<RunCursor> placesWithDeleted(
      Handle handle, RunFilter filter, boolean isDeletedOnly) {
    return places(
        handle, PLACES.replace(IS_SHOWN, isDeletedOnly ? "r.deleted = 1" : "TRUE"), filter);
  }

  private static List<RunCursor> places(Handle handle, String statement, RunFilter filter) {
    List<Boolean> hasTexts =
        filter.order().parts().stream()
            .map(part -> Store.of(handle).dialect(Instant.now()).hasTextKey(part.field()))
            .toList();
    return matching(handle, statement, filter)
        .bind("limit", filter.limit())
        .map((row, context) -> place(row, hasTexts))
        .list();
  }

  /** How many match, regardless of the filter's limit. */
  static long count(Handle handle, RunFilter filter) {
    return matching(handle, COUNT, filter).mapTo(Long.class).one();
  }

  /** The first of the runs that match, as many as the filter allows, in its order. */
  public static Map<RunCursor, Run> placed(Handle handle, RunFilter filter) {
    if (!RunQueries.isNewestFirst(filter)) {
      return placed(handle, places(handle, filter));
    }
    Map<RunCursor, Run> placed = new LinkedHashMap<>();
    RunQueries.newest(handle, filter, filter.limit()).forEach(run -> placed.put(run.cursor(), run));
    return placed;
  }

  private static Map<RunCursor, Run> placed(Handle handle, List<RunCursor> places) {
    Map<RunId, Run> found = RunQueries.some(handle, places.stream().map(RunCursor::run).toList());
    Map<RunCursor, Run> placed = new LinkedHashMap<>();
    for (RunCursor place : places) {
      Optional.ofNullable(found.get(place.run())).ifPresent(run -> placed.put(place, run));
    }
    return placed;
  }

  /** The runs at these places; one that was deleted since is left out. */
  public static List<Run> runs(Handle handle, List<RunCursor> places) {
    return List.copyOf(placed(handle, places).values());
  }

  /** Values of the runs at these places; one that was deleted since is left out. */
  public static List<RunRow> rows(Handle handle, List<RunCursor> places, List<Field> fields) {
    FieldValues values = FieldValues.of(fields, Store.of(handle), Instant.now());
    Map<RunId, List<Optional<Value>>> found = new HashMap<>();
    handle
        .createQuery(ROWS.replace("{values}", values.sql()))
        .bindMap(values.bindings())
        .bind("runs", RunQueries.jsonArray(places.stream().map(RunCursor::run).toList()))
        .map((row, context) -> Map.entry(new RunId(row.getLong("run_id")), values.read(row)))
        .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
    return places.stream()
        .filter(place -> found.containsKey(place.run()))
        .map(place -> new RunRow(place.run(), found.get(place.run()), place))
        .toList();
  }

  private static Query matching(Handle handle, String statement, RunFilter filter) {
    Order order = filter.order();
    int looked = RunQueries.isNewestFirst(filter) ? filter.limit() : Integer.MAX_VALUE;
    FieldDialect dialect = Store.of(handle).dialect(Instant.now(), looked);
    boolean isOldestFirst = order.endsOldestFirst();
    String tie = TIE.replace("{sign}", isOldestFirst ? ">" : "<");
    FilterCondition condition = FilterCondition.of(filter.where(), dialect);
    OrderClause clause = OrderClause.of(order, dialect);
    FilterCondition behind =
        filter
            .after()
            .map(last -> OrderClause.behind(order, last.keys(), tie, dialect))
            .orElse(new FilterCondition("TRUE", Map.of()));
    Query query =
        handle.createQuery(
            statement
                .replace("{keys}", clause.keys())
                .replace("{filter}", condition.sql())
                .replace("{behind}", behind.sql())
                .replace("{order}", clause.orderBy())
                .replace("{tie}", isOldestFirst ? "ASC" : "DESC"));
    filter
        .after()
        .ifPresent(
            last ->
                query
                    .bind("after_attempt", last.firstAttemptId())
                    .bind("after_run", last.run().value()));
    return query
        .bindMap(condition.bindings())
        .bindMap(clause.bindings())
        .bindMap(behind.bindings());
  }

  /**
   * @param hasTexts of each key, whether there is a second column, for a text
   */
  private static RunCursor place(ResultSet row, List<Boolean> hasTexts) throws SQLException {
    List<Optional<Value>> values = new ArrayList<>(hasTexts.size());
    for (int i = 0; i < hasTexts.size(); i++) {
      Optional<Value> key = FieldValues.plain(row.getObject(OrderClause.column(i)));
      values.add(
          key.isEmpty() && hasTexts.get(i)
              ? FieldValues.plain(row.getObject(OrderClause.textColumn(i)))
              : key);
    }
    return new RunCursor(values, row.getLong("first_attempt_id"), new RunId(row.getLong("run_id")));
  }
}
