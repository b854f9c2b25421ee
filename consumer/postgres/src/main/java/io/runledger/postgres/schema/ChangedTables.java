package io.runledger.postgres.schema;

import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Looks for what somebody changed about the tables of a generation so that they refuse rows of good
 * events: a column that must not be null, a narrower type, a constraint. Compares them with tables
 * that the same migrations make in a transaction that is rolled back.
 */
final class ChangedTables {

  private static final String FIRST_CHANGE =
      """
      WITH found AS (
        SELECT c.relnamespace = CAST(? AS regnamespace) AS made, c.relname AS tab, a.attname AS col,
               format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
               a.atthasdef OR a.attidentity <> '' AS has_default
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace IN (CAST(? AS regnamespace), CAST(? AS regnamespace))
           AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
      ), own AS (
        SELECT * FROM found WHERE made
      ), theirs AS (
        SELECT * FROM found WHERE NOT made
      ), change AS (
        SELECT tab, format('column %s: ', col)
                    || CASE
                         WHEN theirs.col IS NULL THEN 'is gone'
                         WHEN theirs.type <> own.type THEN format('is %s instead of %s', theirs.type, own.type)
                         WHEN theirs.required AND NOT own.required THEN 'must not be null'
                       END AS what
          FROM own
          LEFT JOIN theirs USING (tab, col)
        UNION ALL
        SELECT tab, format('column %s: was added and must not be null', col)
          FROM theirs
         WHERE required AND NOT has_default AND tab IN (SELECT tab FROM own)
           AND (tab, col) NOT IN (SELECT tab, col FROM own)
        UNION ALL
        SELECT c.relname, 'constraint ' || k.conname
          FROM pg_constraint k
          JOIN pg_class c ON c.oid = k.conrelid
         WHERE c.relnamespace = CAST(? AS regnamespace) AND k.contype = 'c'
           AND NOT EXISTS (SELECT 1
                             FROM pg_constraint m
                             JOIN pg_class d ON d.oid = m.conrelid
                            WHERE d.relnamespace = CAST(? AS regnamespace) AND d.relname = c.relname
                              AND m.conname = k.conname
                              AND pg_get_constraintdef(m.oid) = pg_get_constraintdef(k.oid))
      )
      SELECT format('%s (%s)', tab, what) FROM change WHERE what IS NOT NULL ORDER BY tab, what LIMIT 1
      """;

  private ChangedTables() {}

  /**
   * The first table that was changed, and how; empty when none was, and where this user may not
   * make tables to compare with.
   */
  static Optional<String> first(Generation generation) throws SQLException {
    try (Connection connection = generation.ledger().open(Purpose.ADMINISTER)) {
      connection.setAutoCommit(false);
      try {
        String made =
            "%s_made_%s"
                .formatted(
                    generation.ledger().base(),
                    Sql.text(connection, "SELECT pg_backend_pid()").orElseThrow());
        Sql.execute(connection, "CREATE SCHEMA " + made);
        Sql.execute(connection, "SET LOCAL search_path = " + made);
        for (String file : Migrations.FILES.names()) {
          // Functions and views refuse nothing.
          if (file.startsWith("V")) {
            Sql.execute(
                connection, new String(Migrations.FILES.content(file), StandardCharsets.UTF_8));
          }
        }
        String schema = generation.schema();
        return Sql.text(connection, FIRST_CHANGE, made, made, schema, schema, made);
      } catch (SQLException e) {
        if (Failures.isForbidden(e)) {
          return Optional.empty();
        }
        throw e;
      } finally {
        connection.rollback();
      }
    }
  }
}
