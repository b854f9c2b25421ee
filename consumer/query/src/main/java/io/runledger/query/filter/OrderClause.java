package io.runledger.query.filter;

import io.runledger.query.filter.Order.Part;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Whole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An order in SQL.
 *
 * @param keys columns over a run's row, each with a comma before it, named by {@link #column} and
 *     {@link #textColumn}
 * @param orderBy the terms that put rows in order that have these columns, for more terms to
 *     follow; empty, or with a comma at its end
 * @param bindings the values of the parameters in the keys
 */
public record OrderClause(String keys, String orderBy, Map<String, Object> bindings) {

  public OrderClause {
    bindings = Map.copyOf(bindings);
  }

  /** The order in the words of a store. */
  public static OrderClause of(Order order, FilterDialect dialect) {
    Bindings bindings = new Bindings("order");
    StringBuilder keys = new StringBuilder();
    StringBuilder orderBy = new StringBuilder();
    for (int i = 0; i < order.parts().size(); i++) {
      Part part = order.parts().get(i);
      keys.append(", %s AS %s".formatted(dialect.key(part.field(), bindings), column(i)));
      if (dialect.hasTextKey(part.field())) {
        keys.append(", %s AS %s".formatted(dialect.textKey(part.field(), bindings), textColumn(i)));
      }
      for (String column : columns(part, i, dialect)) {
        orderBy.append(column).append(part.isDescending() ? " DESC" : "").append(" NULLS LAST, ");
      }
    }
    return new OrderClause(keys.toString(), orderBy.toString(), bindings.values());
  }

  /** The column of a key; of one that is a number or a text in two columns, the number. */
  public static String column(int part) {
    return "key_" + part;
  }

  /** The column of a key that is a text, where the store has a second one for it. */
  public static String textColumn(int part) {
    return "key_" + part + "_text";
  }

  /** The columns of a part in the order in which they count: texts come behind numbers. */
  private static List<String> columns(Part part, int place, FilterDialect dialect) {
    if (!dialect.hasTextKey(part.field())) {
      return List.of(column(place));
    }
    return part.isDescending()
        ? List.of(textColumn(place), column(place))
        : List.of(column(place), textColumn(place));
  }

  /**
   * Which rows, whose columns are named by {@link #column}, come behind one.
   *
   * @param last the keys of that one
   * @param tie which of the rows come behind it whose keys are all the same
   */
  public static FilterCondition behind(
      Order order, List<Optional<Value>> last, String tie, FilterDialect dialect) {
    Bindings bindings = new Bindings("last");
    String behind = tie;
    for (int i = order.parts().size() - 1; i >= 0; i--) {
      Part part = order.parts().get(i);
      List<String> columns = new ArrayList<>(columns(part, i, dialect));
      for (int c = columns.size() - 1; c >= 0; c--) {
        Optional<String> value = bound(last.get(i), columns.get(c), i, part, dialect, bindings);
        behind = behind(columns.get(c), value, part.isDescending(), behind);
      }
    }
    return new FilterCondition(behind, bindings.values());
  }

  private static String behind(
      String column, Optional<String> last, boolean isDescending, String tie) {
    return last.map(
            value ->
                "(%s %s %s OR %s IS NULL OR (%s = %s AND %s))"
                    .formatted(column, isDescending ? "<" : ">", value, column, column, value, tie))
        .orElseGet(() -> "(%s IS NULL AND %s)".formatted(column, tie));
  }

  /** What the last row had in a column; empty where it had nothing there. */
  private static Optional<String> bound(
      Optional<Value> last,
      String column,
      int place,
      Part part,
      FilterDialect dialect,
      Bindings bindings) {
    if (!dialect.hasTextKey(part.field())) {
      return last.map(value -> bindings.bind(dialect.parameter(value)));
    }
    if (column.equals(textColumn(place))) {
      return last.filter(Text.class::isInstance).map(value -> bindings.bind(((Text) value).text()));
    }
    // As a decimal, which holds every long and every double.
    return last.flatMap(OrderClause::decimal)
        .map(number -> "CAST(%s AS numeric)".formatted(bindings.bind(number)));
  }

  private static Optional<String> decimal(Value value) {
    if (value instanceof Whole whole) {
      return Optional.of(Long.toString(whole.number()));
    }
    return value instanceof Real real
        ? Optional.of(Double.toString(real.number()))
        : Optional.empty();
  }
}
