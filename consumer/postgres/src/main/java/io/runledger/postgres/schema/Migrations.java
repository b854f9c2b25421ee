package io.runledger.postgres.schema;

import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/** Brings the schema of a generation up to date. */
final class Migrations {

  /** Where they are on the class path. */
  static final String LOCATION = "io/runledger/postgres/migrations";

  /** Those that there are, to know without Flyway whether a schema has had them all. */
  static final List<String> FILES =
      List.of("V1__ledger.sql", "V2__leaders.sql", "R__1_functions.sql", "R__2_views.sql");

  /** The property of a generation that says which it has had. */
  private static final String PROPERTY = "migrations";

  private static final String DIGEST = digest();

  private final Generation generation;
  private final Flyway flyway;

  private Migrations(Generation generation) {
    this.generation = generation;
    flyway =
        Flyway.configure(Migrations.class.getClassLoader())
            .dataSource(generation.ledger().sessions(Purpose.ADMINISTER))
            .schemas(generation.schema())
            .createSchemas(false)
            .locations("classpath:" + LOCATION)
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
            PROPERTY)
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
        PROPERTY,
        DIGEST);
  }

  private static String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String file : FILES) {
        try (InputStream in =
            Migrations.class.getClassLoader().getResourceAsStream(LOCATION + "/" + file)) {
          if (in == null) {
            throw new IllegalStateException("There is no migration " + file + ".");
          }
          digest.update(in.readAllBytes());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the migrations.", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
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
