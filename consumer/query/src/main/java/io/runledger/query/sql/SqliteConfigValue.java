package io.runledger.query.sql;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A value of the configuration in SQLite's words. The path may lead to it in several ways, of which
 * the first that leads somewhere counts.
 */
final class SqliteConfigValue {

  /** SQLite's paths, as parameters. */
  private final List<String> paths;

  private SqliteConfigValue(List<String> paths) {
    this.paths = paths;
  }

  static SqliteConfigValue of(ConfigValue value, Bindings bindings) {
    List<String> paths = List.of("$");
    for (PathPart part : value.path()) {
      List<String> steps =
          part.isPlace() ? List.of(place(part), key(part.name())) : List.of(key(part.name()));
      paths = paths.stream().flatMap(path -> steps.stream().map(path::concat)).toList();
    }
    Set<String> ways = new LinkedHashSet<>(paths);
    if (value.path().stream().noneMatch(PathPart::isQuoted)) {
      ways.add(
          "$" + key(value.path().stream().map(PathPart::name).collect(Collectors.joining("."))));
    }
    return new SqliteConfigValue(ways.stream().map(bindings::bind).toList());
  }

  private static String place(PathPart part) {
    return "[" + Integer.parseInt(part.name()) + "]";
  }

  private static String key(String name) {
    return ".\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(name)) + '"';
  }

  /** SQLite's word for the kind of the value; null where there is none. */
  String type() {
    if (paths.size() == 1) {
      return "json_type(r.config, " + paths.get(0) + ")";
    }
    return "coalesce("
        + String.join(
            ", ", paths.stream().map(path -> "json_type(r.config, " + path + ")").toList())
        + ")";
  }

  /** The value as SQL has it: lists and objects are JSON, true is 1. */
  String value() {
    return first("json_extract");
  }

  /** The value as JSON. */
  String json() {
    return paths.size() == 1
        ? "(r.config -> " + paths.get(0) + ")"
        : "coalesce("
            + String.join(", ", paths.stream().map(path -> "r.config -> " + path).toList())
            + ")";
  }

  private String first(String function) {
    String last = function + "(r.config, " + paths.get(paths.size() - 1) + ")";
    StringBuilder choice = new StringBuilder();
    for (String path : paths.subList(0, paths.size() - 1)) {
      choice
          .append("WHEN json_type(r.config, ")
          .append(path)
          .append(") IS NOT NULL THEN ")
          .append(function)
          .append("(r.config, ")
          .append(path)
          .append(") ");
    }
    return choice.isEmpty() ? last : "CASE " + choice + "ELSE " + last + " END";
  }

  /** Whether it compares so; values of another kind do not, and null where there is none. */
  String compared(Compared test, Bindings bindings) {
    return switch (test.operator()) {
      case HAS ->
          // What is not a list is not read as one, which would be an error.
          "EXISTS (SELECT 1 FROM json_each(iif(%s = 'array', %s, '[]')) e WHERE %s)"
              .formatted(
                  type(), first("json_extract"), compared("e.type", "e.value", test, bindings));
      case CONTAINS ->
          "%s IN ('text', 'array', 'object') AND %s"
              .formatted(
                  type(), SqliteFilterDialect.compared(first("json_extract"), test, bindings));
      default -> compared(type(), first("json_extract"), test, bindings);
    };
  }

  private static String compared(String type, String value, Compared test, Bindings bindings) {
    if (test.value() instanceof Truth truth) {
      return "%s = '%s'".formatted(type, truth.truth());
    }
    String types = test.value() instanceof Text ? "'text'" : "'integer', 'real'";
    return "%s IN (%s) AND %s"
        .formatted(type, types, SqliteFilterDialect.compared(value, test, bindings));
  }
}
