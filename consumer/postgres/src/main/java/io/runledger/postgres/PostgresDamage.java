package io.runledger.postgres;

import io.runledger.fold.projection.ProjectionLocation.Damage;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generation;
import io.runledger.postgres.schema.Generations;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/**
 * What is wrong with a generation. A server checks its pages when it reads them, where its cluster
 * has checksums; so all rows are read. Where the extension amcheck is installed, it also compares
 * each index with its table.
 */
record PostgresDamage(Generation generation, String what) implements Damage {

  static Optional<Damage> of(LedgerUrl ledger) {
    try (Connection connection = ledger.open(Purpose.READ_ALL)) {
      Optional<Generation> current = new Generations(ledger, connection).current();
      return current.isEmpty() ? Optional.empty() : found(current.get(), connection);
    } catch (SQLException e) {
      throw new ProjectionUnavailableException(
          "The database %s cannot be checked: %s.".formatted(ledger, Failures.reason(e)), e);
    }
  }

  private static Optional<Damage> found(Generation generation, Connection connection)
      throws SQLException {
    try {
      readAll(generation, connection);
      return Optional.empty();
    } catch (SQLException e) {
      if (Failures.isDamage(e) || Failures.isMissing(e)) {
        return Optional.of(new PostgresDamage(generation, Failures.reason(e)));
      }
      throw e;
    }
  }

  private static void readAll(Generation generation, Connection connection) throws SQLException {
    Sql.execute(connection, "SET search_path TO " + generation.schema());
    Sql.execute(connection, "SET enable_indexscan = off");
    Sql.execute(connection, "SET enable_indexonlyscan = off");
    for (String table : Tables.OF_A_GENERATION) {
      // The whole row as a text, so that what is stored outside of it is read too.
      Sql.text(connection, "SELECT max(length(t::text)) FROM %s t".formatted(table));
    }
    if (Sql.text(connection, "SELECT 1 FROM pg_extension WHERE extname = 'amcheck'").isPresent()) {
      for (String index : indexes(generation, connection)) {
        Sql.text(connection, index);
      }
    }
  }

  private static List<String> indexes(Generation generation, Connection connection)
      throws SQLException {
    return Sql.texts(
        connection,
        """
        SELECT format('SELECT %I.bt_index_check(%L::regclass, true)', e.extnamespace::regnamespace, i.indexrelid::regclass::text)
          FROM pg_extension e, pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_am a ON a.oid = c.relam
         WHERE e.extname = 'amcheck' AND c.relnamespace = ?::regnamespace AND c.relkind = 'i' AND a.amname = 'btree'
           AND has_function_privilege(format('%I.bt_index_check(regclass, boolean)', e.extnamespace::regnamespace), 'EXECUTE')
        """,
        generation.schema());
  }

  @Override
  public String keep(Instant at) {
    String since =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC).format(at);
    try (Connection connection = generation.ledger().open(Purpose.ADMINISTER)) {
      new Generations(generation.ledger(), connection)
          .keep(generation, "damaged, found " + since + " UTC");
      return "schema " + generation.schema();
    } catch (SQLException e) {
      throw Failures.of(generation, "be kept", e);
    }
  }
}
