package io.runledger.sqlite.file;

import io.runledger.config.DatabaseUrl;
import io.runledger.files.PrivateFiles;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.rows.migrations.MigrationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Opens SQLite files for the one writer: right version, right disk, schema up to date. */
public final class Database {

  /** Before it, two connections that write and checkpoint at one instant could lose commits. */
  private static final String OLDEST_SQLITE = "3.51.3";

  /** Longer than any statement of a reader may take, so that only a second writer is ever busy. */
  static final int BUSY_TIMEOUT_MILLIS = 10_000;

  static final MigrationFiles MIGRATIONS =
      new MigrationFiles(
          "io/runledger/sqlite/migrations",
          List.of(
              "V1__ledger.sql",
              "V2__edges.sql",
              "V3__readers.sql",
              "V4__attempt_order.sql",
              "V5__joined_starts.sql",
              "V6__reading_order.sql",
              "V7__views.sql",
              "V8__summary.sql",
              "V9__alerts.sql"));

  private static final String DIGEST = MIGRATIONS.digest();

  /** Who may enter the directory may read, and nobody else may write. */
  private static final FileAttribute<?> READERS_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

  private Database() {}

  /**
   * Creates the directory where it is missing, and refuses one on a network file system.
   *
   * @param mounts a file in the form of {@code /proc/self/mountinfo}
   */
  public static void prepareDirectory(Path database, Path mounts) {
    Path directory = database.toAbsolutePath().getParent();
    try {
      if (!Files.exists(directory)) {
        Files.createDirectories(directory, PrivateFiles.DIRECTORY);
      }
      if (Files.exists(mounts)) {
        MountTable.read(mounts).refuseNetwork(database, directory.toRealPath());
      }
    } catch (IOException e) {
      throw new ProjectionUnavailableException(
          "Cannot use the directory of " + database + ": " + e + ".", e);
    }
  }

  /** Opens a file for writing, creates it or brings its schema up to date. */
  public static Connection open(Generation generation, Durability durability) {
    Path file = generation.file();
    SQLiteDataSource source = new SQLiteDataSource(config(durability));
    source.setUrl(DatabaseUrl.of(file));
    Connection connection = null;
    try {
      if (!Files.exists(file)) {
        // The driver's SQLite would let others write to it, as far as the umask lets it.
        Files.createFile(file, READERS_FILE);
      }
      connection = source.getConnection();
      checkVersion(connection);
      if (!hasHadAllMigrations(connection)) {
        // Flyway opens its own.
        connection.close();
        migrate(source, file);
        connection = source.getConnection();
        execute(
            connection,
            "INSERT OR REPLACE INTO projection_info (name, value) VALUES ('%s', '%s')"
                .formatted(MigrationFiles.PROPERTY, DIGEST));
      }
      return connection;
    } catch (IOException e) {
      throw new ProjectionUnavailableException(
          "Cannot create the database " + file + ": " + e + ".", e);
    } catch (SQLException | FlywayException e) {
      close(connection, e);
      if (Damage.isCauseOf(e)) {
        throw Damage.found(generation.database(), file, e);
      }
      throw new ProjectionUnavailableException(
          "Cannot open the database " + file + ": " + reason(e) + ".", e);
    } catch (RuntimeException e) {
      close(connection, e);
      throw e;
    }
  }

  /**
   * Brings a standalone database file to rest: what its write-ahead log holds is in it afterwards,
   * and they are gone.
   *
   * @throws ProjectionUnavailableException when it is not our database, or another process has it
   *     open
   */
  static void settle(Path file) {
    // No settings of ours yet: they would change a file that may not be ours.
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    try (Connection connection = config.createConnection(DatabaseUrl.of(file))) {
      checkpoint(connection, "TRUNCATE");
    } catch (SQLException e) {
      if (Damage.isCauseOf(e)) {
        throw Damage.found(file, file, e);
      }
      throw new ProjectionUnavailableException(
          "Cannot take over the file %s: %s.".formatted(file, e.getMessage()), e);
    }
    if (Files.exists(Path.of(file + "-wal"))) {
      throw new ProjectionUnavailableException(
          "Cannot take over the file %s: another program has it open; end that program and try again."
              .formatted(file));
    }
  }

  private static SQLiteConfig config(Durability durability) {
    SQLiteConfig config = new SQLiteConfig();
    // They are declared for readers; rows come in any order.
    config.enforceForeignKeys(false);
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setJournalSizeLimit(64 << 20);
    config.setCacheSize(-65_536);
    // The driver would ask SQLite for it with a separate statement after every INSERT.
    config.setGetGeneratedKeys(false);
    // A failed checkpoint must not hide behind somebody's commit: we checkpoint ourselves.
    config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "0");
    switch (durability) {
      case LIVE -> {
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
      }
      case REBUILD -> {
        config.setJournalMode(SQLiteConfig.JournalMode.MEMORY);
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
      }
    }
    return config;
  }

  private static boolean hasHadAllMigrations(Connection connection) throws SQLException {
    return !text(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'projection_info'").isEmpty()
        && text(
                connection,
                "SELECT value FROM projection_info WHERE name = '%s'"
                    .formatted(MigrationFiles.PROPERTY))
            .equals(DIGEST);
  }

  private static void migrate(SQLiteDataSource source, Path file) {
    Flyway flyway =
        Flyway.configure(Database.class.getClassLoader())
            .dataSource(source)
            .locations("classpath:" + MIGRATIONS.location())
            .failOnMissingLocations(true)
            .load();
    MigrationInfo[] applied = flyway.info().applied();
    Optional<MigrationInfo> unknown =
        Arrays.stream(applied)
            .filter(
                migration -> migration.getState().isFailed() || !migration.getState().isResolved())
            .findFirst();
    if (unknown.isPresent()) {
      throw new ProjectionUnavailableException(
          "The database %s has schema version %s, which this version of Runledger does not know; use the newer Runledger, or rebuild the database with this one."
              .formatted(file, unknown.get().getVersion()));
    }
    flyway.migrate();
  }

  /** Flyway says on many lines that something failed, and on one of them SQLite's reason. */
  private static String reason(Throwable failure) {
    Throwable reason = failure;
    while (reason instanceof FlywayException && reason.getCause() != null) {
      reason = reason.getCause();
    }
    return String.valueOf(reason.getMessage());
  }

  private static void checkVersion(Connection connection) throws SQLException {
    refuseOld(text(connection, "SELECT sqlite_version()"));
  }

  public static void refuseOld(String version) {
    if (Arrays.compare(numbers(version), numbers(OLDEST_SQLITE)) < 0) {
      throw new ProjectionUnavailableException(
          "SQLite %s can lose commits in WAL mode; Runledger needs %s or newer (sqlite-jdbc brings it)."
              .formatted(version, OLDEST_SQLITE));
    }
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
  }

  /** The first value of a statement without parameters. */
  public static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /**
   * What a checkpoint found and left.
   *
   * @param wasBusy whether somebody kept it from its work
   * @param waitingPages pages of the log that are not in the file; some stay while a reader still
   *     needs an older state
   */
  public record Checkpoint(boolean wasBusy, int waitingPages) {

    /** Whether all of the log is in the file now. */
    public boolean isWhole() {
      return !wasBusy && waitingPages == 0;
    }
  }

  /**
   * Moves the write-ahead log into the file.
   *
   * @param mode NOOP only looks, PASSIVE waits for nobody, TRUNCATE waits and leaves an empty log
   */
  public static Checkpoint checkpoint(Connection connection, String mode) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
      return row.next()
          ? new Checkpoint(row.getInt(1) != 0, row.getInt(2) - row.getInt(3))
          : new Checkpoint(true, 0);
    }
  }

  public static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  public static void close(Connection connection, Exception cause) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
