package io.runledger.query.sql.columns;

import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.FilterCondition;
import io.runledger.query.format.Json;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.sql.SqliteFilterDialect;
import io.runledger.query.table.RunOrder;
import io.runledger.query.table.RunTable;
import io.runledger.query.table.TableCursor;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Runs as a table: the statement asks for the wanted columns alone. */
public final class TableQueries {

  /** One more row than wanted says whether there are more. */
  private static final String ROWS =
      """
      SELECT r.first_attempt_id, r.run_id, {ordered} AS ordered{columns}
        FROM run_overview r
       WHERE {filter}
         AND {after}
       ORDER BY {order}r.first_attempt_id DESC, r.run_id DESC
       LIMIT :limit
      """;

  private static final int FIRST_COLUMN = 4;

  private TableQueries() {}

  public static RunTable rows(Handle handle, RunFilter filter, RunTable.Request request) {
    SqliteFilterDialect dialect = new SqliteFilterDialect(Instant.now());
    Bindings bindings = new Bindings();
    StringBuilder columns = new StringBuilder();
    for (Field field : request.columns().values()) {
      columns.append(",\n       ").append(shown(field, dialect, bindings));
    }
    Optional<String> ordered = request.order().by().map(field -> dialect.value(field, bindings));
    String statement =
        ROWS.replace("{ordered}", ordered.orElse("NULL"))
            .replace("{columns}", columns)
            .replace("{filter}", FilterCondition.sql(filter.where(), dialect, bindings))
            .replace("{after}", after(request, ordered, bindings))
            .replace("{order}", order(request.order(), ordered));
    List<Row> rows =
        handle
            .createQuery(statement)
            .bindMap(bindings.values())
            .bind("limit", filter.limit() == Integer.MAX_VALUE ? -1 : filter.limit() + 1)
            .map((row, context) -> row(row, request))
            .list();
    boolean isMore = rows.size() > filter.limit();
    List<Row> page = isMore ? rows.subList(0, filter.limit()) : rows;
    return new RunTable(
        columns(request, page),
        page.size(),
        isMore ? Optional.of(page.get(page.size() - 1).place()) : Optional.empty());
  }

  private record Row(TableCursor place, List<Object> cells) {}

  private static String shown(Field field, SqliteFilterDialect dialect, Bindings bindings) {
    return field instanceof ConfigValue value
        ? SqliteFilterDialect.json(value, bindings)
        : dialect.value(field, bindings);
  }

  private static String order(RunOrder order, Optional<String> ordered) {
    return ordered
        .map(value -> "ordered" + (order.isDescending() ? " DESC" : " ASC") + " NULLS LAST, ")
        .orElse("");
  }

  /** Whether a row comes behind the cursor. */
  private static String after(
      RunTable.Request request, Optional<String> ordered, Bindings bindings) {
    if (request.after().isEmpty()) {
      return "TRUE";
    }
    TableCursor cursor = request.after().get();
    String behind =
        "(r.first_attempt_id, r.run_id) < (%s, %s)"
            .formatted(
                bindings.bind(cursor.run().firstAttemptId()),
                bindings.bind(cursor.run().run().value()));
    if (ordered.isEmpty()) {
      return behind;
    }
    if (cursor.value().isEmpty()) {
      return "ordered IS NULL AND " + behind;
    }
    String value = bindings.bind(cursor.value().get());
    String sign = request.order().isDescending() ? "<" : ">";
    return "(ordered %s %s OR ordered IS NULL OR (ordered = %s AND %s))"
        .formatted(sign, value, value, behind);
  }

  private static Row row(ResultSet row, RunTable.Request request) throws SQLException {
    List<Object> cells = new ArrayList<>(request.columns().size());
    int index = FIRST_COLUMN;
    for (Field field : request.columns().values()) {
      cells.add(cell(row.getObject(index++), field));
    }
    Object ordered = number(row.getObject("ordered"));
    RunCursor place =
        new RunCursor(row.getLong("first_attempt_id"), new RunId(row.getLong("run_id")));
    return new Row(new TableCursor(Optional.ofNullable(ordered), place), cells);
  }

  private static Object cell(Object value, Field field) {
    if (value == null) {
      return null;
    }
    if (field instanceof ConfigValue || field == Fact.TAG) {
      return Json.parsed(value.toString());
    }
    return field == Attribute.DRIFT ? ((Number) value).intValue() != 0 : number(value);
  }

  /** The driver gives whole numbers in the smallest type that holds them. */
  private static Object number(Object value) {
    return value instanceof Integer whole ? (Object) whole.longValue() : value;
  }

  private static Map<String, List<Object>> columns(RunTable.Request request, List<Row> rows) {
    Map<String, List<Object>> columns = new LinkedHashMap<>();
    int index = 0;
    for (String name : request.columns().keySet()) {
      List<Object> cells = new ArrayList<>(rows.size());
      for (Row row : rows) {
        cells.add(row.cells().get(index));
      }
      columns.put(name, Collections.unmodifiableList(cells));
      index++;
    }
    return columns;
  }
}
