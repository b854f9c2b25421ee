package io.runledger.postgres.schema;

import io.runledger.config.FailPoint;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The schema that users name, over the generation in use: a view for each of its tables and views,
 * and {@code current_generation}, whose one row is the name of its schema. Another generation takes
 * its place by two renamings of schemas in one transaction, which wait for no reader and hold none
 * up.
 */
final class Publication {

  /** The view that names the generation in use. */
  static final String POINTER = "current_generation";

  private final Connection connection;
  private final LedgerUrl ledger;
  private final String base;
  private final String next;

  Publication(Connection connection, LedgerUrl ledger) {
    this.connection = connection;
    this.ledger = ledger;
    base = ledger.base();
    next = base + "_next";
  }

  /**
   * Refuses to hide what somebody else has under the ledger's name.
   *
   * @throws ProjectionUnavailableException when there is something
   */
  void refuseForeignSchema() throws SQLException {
    Optional<String> something =
        Sql.text(
            connection,
            """
            SELECT c.relname
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = ?
             LIMIT 1
            """,
            base);
    if (something.isPresent()) {
      throw new ProjectionUnavailableException(
          "The schema %s is not a ledger and is not empty (it has %s); choose another name for the ledger with currentSchema= in %s."
              .formatted(base, something.get(), ledger));
    }
  }

  /** Shows a generation in place of what was shown before. */
  void publish(Generation generation) throws SQLException {
    SchemaDrop drop = new SchemaDrop(connection);
    drop.drop(next);
    String former = former();
    if (!former.isEmpty()) {
      drop.drop(former);
    }
    FailPoint.hit("former-dropped");
    show(generation);
    FailPoint.hit("next-made");
    Sql.inTransaction(
        connection,
        () -> {
          if (!former.isEmpty()) {
            Sql.execute(connection, "ALTER SCHEMA %s RENAME TO %s".formatted(base, former));
          }
          FailPoint.hit("renamed-once");
          Sql.execute(connection, "ALTER SCHEMA %s RENAME TO %s".formatted(next, base));
          FailPoint.hit("renamed");
        });
    FailPoint.hit("published");
  }

  /** What the schema that is shown now will be called; empty when there is none. */
  private String former() throws SQLException {
    Optional<String> there =
        Sql.text(connection, "SELECT nspname FROM pg_namespace WHERE nspname = ?", base);
    if (there.isEmpty()) {
      return "";
    }
    long number = new Generations(ledger, connection).current().map(Generation::number).orElse(0L);
    return "%s_before_g%06d".formatted(base, number);
  }

  private void show(Generation generation) throws SQLException {
    Sql.inTransaction(
        connection,
        () -> {
          Sql.execute(connection, "CREATE SCHEMA " + next);
          for (String relation : relations(generation)) {
            Sql.execute(
                connection,
                "CREATE VIEW %s.%s AS SELECT * FROM %s.%s"
                    .formatted(next, relation, generation.schema(), relation));
          }
          Sql.execute(
              connection,
              "CREATE VIEW %s.%s AS SELECT '%s'::text AS schema"
                  .formatted(next, POINTER, generation.schema()));
          Grants.of(connection, base).repeatOn(connection, next);
        });
  }

  private List<String> relations(Generation generation) throws SQLException {
    return Sql.texts(
        connection,
        """
        SELECT quote_ident(c.relname)
          FROM pg_class c
         WHERE c.relnamespace = ?::regnamespace AND c.relkind IN ('r', 'p', 'v')
           AND NOT c.relispartition AND c.relname <> 'flyway_schema_history'
         ORDER BY c.relname
        """,
        generation.schema());
  }

  /** Drops what was shown before, as far as nobody needs it. */
  void dropFormer() throws SQLException {
    List<String> schemas =
        Sql.texts(
            connection,
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text, ?) OR nspname = ?",
            base + "_before_g",
            next);
    for (String schema : schemas) {
      new SchemaDrop(connection)
          .dropUnlessNeeded(
              schema, "The schema %s, which shows a former generation,".formatted(schema), base);
    }
  }
}
