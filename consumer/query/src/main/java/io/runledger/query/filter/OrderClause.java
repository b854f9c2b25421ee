package io.runledger.query.filter;

import io.runledger.query.filter.Order.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An order in SQL.
 *
 * @param keys expressions over a run's row, one a part
 * @param orderBy the terms that put rows in order whose columns are named by {@link #column}, for
 *     more terms to follow; empty, or with a comma at its end
 * @param bindings the values of the parameters in the keys
 */
public record OrderClause(List<String> keys, String orderBy, Map<String, Object> bindings) {

  public OrderClause {
    keys = List.copyOf(keys);
    bindings = Map.copyOf(bindings);
  }

  /** The order in the words of a store. */
  public static OrderClause of(Order order, FilterDialect dialect) {
    Bindings bindings = new Bindings("order");
    List<String> keys = new ArrayList<>();
    StringBuilder orderBy = new StringBuilder();
    for (Part part : order.parts()) {
      orderBy
          .append(column(keys.size()))
          .append(part.isDescending() ? " DESC" : "")
          .append(" NULLS LAST, ");
      keys.add(dialect.key(part.field(), bindings));
    }
    return new OrderClause(keys, orderBy.toString(), bindings.values());
  }

  /** The column of a key. */
  public static String column(int part) {
    return "key_" + part;
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
      String column = column(i);
      if (last.get(i).isEmpty()) {
        behind = "(%s IS NULL AND %s)".formatted(column, behind);
        continue;
      }
      String value = bindings.bind(dialect.parameter(last.get(i).get()));
      behind =
          "(%s %s %s OR %s IS NULL OR (%s = %s AND %s))"
              .formatted(
                  column,
                  order.parts().get(i).isDescending() ? "<" : ">",
                  value,
                  column,
                  column,
                  value,
                  behind);
    }
    return new FilterCondition(behind, bindings.values());
  }
}
