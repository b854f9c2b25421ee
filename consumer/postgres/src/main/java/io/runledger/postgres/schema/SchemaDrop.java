package io.runledger.postgres.schema;

import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops a schema of ours with all that is in it, and nothing else: not CASCADE, which would also
 * drop what users have made of it elsewhere.
 */
final class SchemaDrop {

  private static final Logger LOG = LoggerFactory.getLogger(SchemaDrop.class);

  /** Readers that come while we wait for one wait behind us. */
  private static final String PATIENCE = "SET LOCAL lock_timeout = '500ms'";

  private final Connection connection;

  SchemaDrop(Connection connection) {
    this.connection = connection;
  }

  /** Drops it, if it is there; all of it, or nothing when somebody reads it. */
  void drop(String schema) throws SQLException {
    Sql.inTransaction(
        connection,
        () -> {
          Sql.execute(connection, PATIENCE);
          dropAll(schema, "VIEW", relations(schema, "v"));
          dropAll(schema, "TABLE", relations(schema, "r", "p"));
          dropAll(schema, "SEQUENCE", relations(schema, "S"));
          List<String> routines = routines(schema);
          if (!routines.isEmpty()) {
            // Together, because some are made of others.
            Sql.execute(connection, "DROP ROUTINE " + String.join(", ", routines));
          }
          Sql.execute(connection, "DROP SCHEMA IF EXISTS " + schema);
        });
  }

  /**
   * Drops it, or leaves it where somebody reads it or has something that needs it, and says so.
   *
   * @param what it is, as the beginning of a sentence
   * @param base the schema whose views users are to look into
   */
  void dropUnlessNeeded(String schema, String what, String base) throws SQLException {
    try {
      drop(schema);
    } catch (SQLException e) {
      if (Failures.isLocked(e)) {
        LOG.info("{} is still read and stays until the next rebuild.", what);
      } else if (Failures.isNeededByOthers(e)) {
        LOG.warn(
            "{} stays, because something that is not Runledger's was made of it ({}); create it again over the views in {}.",
            what,
            Failures.reason(e),
            base);
      } else {
        throw e;
      }
    }
  }

  private void dropAll(String schema, String kind, List<String> names) throws SQLException {
    if (!names.isEmpty()) {
      Sql.execute(
          connection,
          "DROP %s %s"
              .formatted(
                  kind,
                  String.join(", ", names.stream().map(name -> schema + "." + name).toList())));
    }
  }

  /** Without those that go with another one: partitions, and the sequences of columns. */
  private List<String> relations(String schema, String... kinds) throws SQLException {
    return Sql.texts(
        connection,
        """
        SELECT quote_ident(c.relname)
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ? AND c.relkind::text = ANY (string_to_array(?, ',')) AND NOT c.relispartition
           AND NOT EXISTS (SELECT 1 FROM pg_depend d
                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjid <> c.oid
                              AND d.deptype IN ('a', 'i'))
         ORDER BY c.relname
        """,
        schema,
        String.join(",", kinds));
  }

  private List<String> routines(String schema) throws SQLException {
    return Sql.texts(
        connection,
        """
        SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
          FROM pg_proc p
          JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = ?
        """,
        schema);
  }
}
