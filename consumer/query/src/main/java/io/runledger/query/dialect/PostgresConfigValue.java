package io.runledger.query.dialect;

import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A value of the configuration in PostgreSQL's words. The path may lead to it in several ways, of
 * which the first that leads somewhere counts.
 */
final class PostgresConfigValue {

  private static final String CONFIG = "readable(r.config)";

  /** What json_extract_path takes as a place in a list. */
  private static final Pattern LIKE_A_PLACE = Pattern.compile("\\s*[+-]?\\d+");

  private final String json;

  private PostgresConfigValue(String json) {
    this.json = json;
  }

  static PostgresConfigValue of(ConfigValue value, Bindings bindings) {
    String found = path(value.path(), bindings);
    if (value.path().size() == 1 || value.path().stream().anyMatch(PathPart::isQuoted)) {
      return new PostgresConfigValue(found);
    }
    String dotted = value.path().stream().map(PathPart::name).collect(Collectors.joining("."));
    return new PostgresConfigValue(
        "coalesce(%s, %s)".formatted(found, key(CONFIG, dotted, bindings)));
  }

  private static String path(List<PathPart> path, Bindings bindings) {
    String json = CONFIG;
    List<String> steps = new ArrayList<>();
    for (PathPart part : path) {
      if (part.isPlace() || !LIKE_A_PLACE.matcher(part.name()).matches()) {
        steps.add(bindings.bind(part.name()));
        continue;
      }
      json = key(along(json, steps), part.name(), bindings);
      steps.clear();
    }
    return along(json, steps);
  }

  /** A step is a key of an object, or a place in a list, whichever is there. */
  private static String along(String json, List<String> steps) {
    return steps.isEmpty()
        ? json
        : "json_extract_path(%s, %s)".formatted(json, String.join(", ", steps));
  }

  private static String key(String json, String name, Bindings bindings) {
    return "(%s -> CAST(%s AS text))".formatted(json, bindings.bind(name));
  }

  /** Something about the value, which is found once: {@code v.j}. */
  private String about(String expression) {
    return "(SELECT %s FROM (SELECT %s AS j OFFSET 0) v)".formatted(expression, json);
  }

  /** Whether there is no such value. */
  String missing() {
    return about("coalesce(json_typeof(v.j), 'null') = 'null'");
  }

  /** The value as a number, true and false included; null where it is none. */
  String number() {
    return about(
        "CASE json_typeof(v.j) WHEN 'number' THEN json_number(v.j) WHEN 'boolean' THEN CAST(CAST(CAST(v.j AS text) AS boolean) AS integer) END");
  }

  /** The value as a text, lists and objects as JSON; null where it is none. */
  String text() {
    return about(
        "CASE WHEN json_typeof(v.j) IN ('string', 'array', 'object') THEN json_text(v.j) END COLLATE \"C\"");
  }

  /** Its JSON; null where there is none. */
  String json() {
    return about("CASE WHEN json_typeof(v.j) <> 'null' THEN compact(v.j) END");
  }

  /** Whether it compares so; values of another kind do not, and null where there is none. */
  String compared(Compared test, Bindings bindings) {
    return switch (test.operator()) {
      case HAS ->
          """
          EXISTS (SELECT 1
                    FROM json_array_elements(%s) e (j)
                   WHERE %s)"""
              .formatted(
                  // What is not a list is not read as one, which would be an error.
                  about("CASE WHEN json_typeof(v.j) = 'array' THEN v.j ELSE '[]' END"),
                  compared("e.j", test, bindings));
      case CONTAINS -> PostgresFilterDialect.compared(text(), test, bindings);
      default -> about(compared("v.j", test, bindings));
    };
  }

  private static String compared(String json, Compared test, Bindings bindings) {
    if (test.value() instanceof Truth truth) {
      return "json_typeof(%s) = 'boolean' AND CAST(%s AS text) = '%s'"
          .formatted(json, json, truth.truth());
    }
    return test.value() instanceof Text
        ? "json_typeof(%s) = 'string' AND %s"
            .formatted(
                json,
                PostgresFilterDialect.compared(
                    "json_text(%s) COLLATE \"C\"".formatted(json), test, bindings))
        : PostgresFilterDialect.comparedExactly("json_number(%s)".formatted(json), test, bindings);
  }
}
