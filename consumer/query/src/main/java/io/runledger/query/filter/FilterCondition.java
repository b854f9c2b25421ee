package io.runledger.query.filter;

import io.runledger.query.filter.Filter.And;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;
import io.runledger.query.filter.Filter.Not;
import io.runledger.query.filter.Filter.Or;
import java.util.List;
import java.util.Map;

/**
 * A filter as a condition of SQL.
 *
 * @param sql an expression that is true or false, in brackets where it needs them
 * @param bindings the values of its parameters
 */
public record FilterCondition(String sql, Map<String, Object> bindings) {

  public FilterCondition {
    bindings = Map.copyOf(bindings);
  }

  /** The filter in the words of a store. */
  public static FilterCondition of(Filter filter, FilterDialect dialect) {
    Bindings bindings = new Bindings("filter");
    return new FilterCondition(sql(filter, dialect, bindings), bindings.values());
  }

  /** The same as a part of a statement whose parameters are in {@code bindings}. */
  public static String sql(Filter filter, FilterDialect dialect, Bindings bindings) {
    if (filter instanceof And and) {
      return joined(and.parts(), "AND", "TRUE", dialect, bindings);
    }
    if (filter instanceof Or or) {
      return joined(or.parts(), "OR", "FALSE", dialect, bindings);
    }
    if (filter instanceof Not not) {
      return "NOT " + sql(not.part(), dialect, bindings);
    }
    String test =
        filter instanceof Missing missing
            ? dialect.missing(missing, bindings)
            : dialect.compared((Compared) filter, bindings);
    return "((" + test + ") IS TRUE)";
  }

  /** In pairs of pairs: databases limit how deep an expression is, and count a list as a chain. */
  private static String joined(
      List<Filter> parts, String word, String ofNone, FilterDialect dialect, Bindings bindings) {
    if (parts.isEmpty()) {
      return ofNone;
    }
    if (parts.size() == 1) {
      return sql(parts.get(0), dialect, bindings);
    }
    int half = parts.size() / 2;
    return "("
        + joined(parts.subList(0, half), word, ofNone, dialect, bindings)
        + " "
        + word
        + " "
        + joined(parts.subList(half, parts.size()), word, ofNone, dialect, bindings)
        + ")";
  }
}
