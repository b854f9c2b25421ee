package io.runledger.postgres;

import io.runledger.fold.projection.BackupException;
import io.runledger.fold.projection.Counterpart;
import io.runledger.fold.projection.OperatorMail;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.fold.projection.ProjectionUnreadableException;
import io.runledger.fold.projection.Replacement;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * A ledger in a database of a PostgreSQL server.
 *
 * @param ledger where it is
 * @param directory where this machine keeps files that belong to it
 */
public record PostgresLocation(LedgerUrl ledger, Path directory) implements ProjectionLocation {

  /** Whether a text that names a location is meant for a server. */
  public static boolean isMeantBy(String location) {
    return location.startsWith(LedgerUrl.PREFIX);
  }

  /**
   * Reads what a user wrote.
   *
   * @param environment the variables of the process
   * @param directory where this machine keeps files that belong to it
   * @throws IllegalArgumentException when it cannot be such a location, with a sentence
   */
  public static PostgresLocation of(String url, Map<String, String> environment, Path directory) {
    return new PostgresLocation(LedgerUrl.of(url, environment), directory);
  }

  @Override
  public String toString() {
    return ledger.toString();
  }

  @Override
  public String identity() {
    return ledger.identity();
  }

  @Override
  public Path companion(String suffix) {
    return directory.resolve(ledger.identity().replaceAll("[^A-Za-z0-9._-]", "_") + suffix);
  }

  @Override
  public boolean exists() {
    try {
      return Generations.current(ledger).isPresent();
    } catch (SQLException e) {
      throw new ProjectionUnreadableException(Failures.unanswered(ledger, e), e);
    }
  }

  @Override
  public Projection open() {
    return PostgresProjection.open(ledger);
  }

  @Override
  public boolean severalMayWrite() {
    return true;
  }

  /** A replica that takes over has it too; a copy that was restored elsewhere has not. */
  @Override
  public Optional<String> fingerprint() {
    try (Connection connection = ledger.open(Purpose.READ)) {
      return Sql.text(
          connection,
          """
          SELECT concat_ws('/', c.system_identifier, d.oid, CAST(? AS text))
            FROM pg_control_system() c, pg_database d
           WHERE d.datname = current_database()
          """,
          ledger.base());
    } catch (SQLException e) {
      if (Failures.isForbidden(e)) {
        return Optional.empty();
      }
      throw new ProjectionUnavailableException(Failures.unanswered(ledger, e), e);
    }
  }

  @Override
  public Projection join() {
    return PostgresProjection.join(ledger);
  }

  @Override
  public Optional<OperatorMail> mail() {
    return Optional.of(PostgresMail.open(ledger));
  }

  @Override
  public ProjectionReader read() {
    return PostgresReader.open(ledger);
  }

  @Override
  public Replacement replace() {
    return PostgresReplacement.begin(ledger);
  }

  @Override
  public Counterpart counterpart() {
    return PostgresCounterpart.of(ledger);
  }

  @Override
  public Optional<Damage> damage() {
    return PostgresDamage.of(ledger);
  }

  @Override
  public Backup backUp(Path target, boolean replace) {
    throw new BackupException(
        "The database %s is on a server, which has tools of its own for that; run: pg_dump --format=custom --schema='%s*' --file=%s --dbname=... (and pg_restore to put it back)."
            .formatted(ledger, ledger.base(), target));
  }
}
