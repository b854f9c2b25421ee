package io.runledger.query.connection.postgres;

import java.util.regex.Pattern;

/**
 * A statement in the words that both stores understand, as PostgreSQL wants it. What is taken out
 * are hints to SQLite's planner, and what is put in are names of functions and types that the two
 * spell differently; what a statement means is not decided here.
 */
final class PostgresText {

  /** A CROSS JOIN with a condition is a join whose order SQLite must not change. */
  private static final Pattern ORDERED_JOIN =
      Pattern.compile("\\bCROSS JOIN(\\s+\\w+(?:\\s+(?!ON\\b)\\w+)?\\s+ON\\b)");

  /** A list of ids, which comes as one JSON array. */
  private static final Pattern IDS =
      Pattern.compile("\\bjson_each\\((:(?:runs|streams))\\) wanted\\b");

  private static final Pattern TEXTS =
      Pattern.compile("\\bSELECT value FROM json_each\\((:\\w+)\\)");

  private static final Pattern SUM =
      Pattern.compile("\\bCAST\\((total\\([\\w.]+\\)) AS INTEGER\\)");

  /** The letters from A to Z alone, as SQLite does, whatever the database's locale. */
  private static final Pattern LOWER = Pattern.compile("\\blower\\((:?\\w+)\\)");

  private PostgresText() {}

  static String of(String text) {
    String sql = text.replace(" NOT INDEXED", "");
    sql = ORDERED_JOIN.matcher(sql).replaceAll("JOIN$1");
    sql =
        IDS.matcher(sql)
            .replaceAll("unnest(CAST(translate($1, '[]', '{}') AS bigint[])) AS wanted (value)");
    sql =
        TEXTS
            .matcher(sql)
            .replaceAll(
                "SELECT value COLLATE \"C\" FROM json_array_elements_text(CAST($1 AS json))");
    sql = SUM.matcher(sql).replaceAll("saturated($1)");
    return LOWER.matcher(sql).replaceAll("lower(CAST($1 AS text) COLLATE \"C\")");
  }
}
