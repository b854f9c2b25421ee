package io.runledger.postgres.schema;

import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.rows.migrations.MigrationFiles;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/** Brings the schema of a generation up to date. */
final class Migrations {

  static final MigrationFiles FILES =
      new MigrationFiles(
          "io/runledger/postgres/migrations",
          List.of("V1__ledger.sql", "V2__leaders.sql", "R__1_functions.sql", "R__2_views.sql"));

  private static final String DIGEST = FILES.digest();

  /** Flyway opens sessions of its own, which have to read our statements as ours do. */
  private static final class Settings extends BaseCallback {

    @Override
    public boolean supports(Event event, Context context) {
      return event == Event.AFTER_CONNECT;
    }

    @Override
    public void handle(Event event, Context context) {
      try {
        Sql.execute(context.getConnection(), Purpose.ADMINISTER.settings());
      } catch (SQLException e) {
        throw new FlywayException("A session cannot be set up.", e);
      }
    }
  }

  private final Generation generation;
  private final Flyway flyway;

  private Migrations(Generation generation) {
    this.generation = generation;
    flyway =
        Flyway.configure(Migrations.class.getClassLoader())
            .dataSource(generation.ledger().sessions(Purpose.ADMINISTER))
            .callbacks(new Settings())
            .schemas(generation.schema())
            .createSchemas(false)
            .locations("classpath:" + FILES.location())
            .failOnMissingLocations(true)
            .placeholderReplacement(false)
            .load();
  }

  /**
   * The migrations of a generation, whose schema must be there.
   *
   * @throws ProjectionUnavailableException when a newer Runledger has migrated it
   */
  static Migrations of(Generation generation) {
    Migrations migrations = new Migrations(generation);
    try {
      migrations.refuseUnknown();
      return migrations;
    } catch (FlywayException e) {
      throw migrations.failed(e);
    }
  }

  private void refuseUnknown() {
    Optional<MigrationInfo> unknown =
        Arrays.stream(flyway.info().applied())
            .filter(
                migration -> migration.getState().isFailed() || !migration.getState().isResolved())
            .findFirst();
    if (unknown.isPresent()) {
      throw new ProjectionUnavailableException(
          "The database %s has schema version %s, which this version of Runledger does not know; use the newer Runledger, or rebuild the database with this one."
              .formatted(generation, unknown.get().getVersion()));
    }
  }

  /** Whether a generation has had exactly ours, which is known at once. */
  static boolean areAllApplied(Generation generation, Connection connection) throws SQLException {
    return Sql.text(
            connection,
            "SELECT value FROM %s.projection_info WHERE name = ?".formatted(generation.schema()),
            MigrationFiles.PROPERTY)
        .equals(Optional.of(DIGEST));
  }

  /** Applies those that are new to the generation. */
  void apply(Connection connection) throws SQLException {
    try {
      flyway.migrate();
    } catch (FlywayException e) {
      throw failed(e);
    }
    Sql.execute(
        connection,
        """
        INSERT INTO %s.projection_info (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
            .formatted(generation.schema()),
        MigrationFiles.PROPERTY,
        DIGEST);
  }

  /** Flyway says on many lines that something failed, and on one of them the server's reason. */
  private ProjectionUnavailableException failed(FlywayException failure) {
    Throwable reason = failure;
    while (reason instanceof FlywayException && reason.getCause() != null) {
      reason = reason.getCause();
    }
    return new ProjectionUnavailableException(
        "The tables of the database %s cannot be brought up to date: %s."
            .formatted(generation, String.valueOf(reason.getMessage()).replaceAll("\\s+", " ")),
        failure);
  }
}
