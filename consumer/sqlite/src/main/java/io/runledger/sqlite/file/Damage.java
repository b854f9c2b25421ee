package io.runledger.sqlite.file;

import io.runledger.config.DatabaseFile;
import io.runledger.config.DatabaseUrl;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteException;

/**
 * What SQLite finds wrong with the file of a database. SQLite keeps no checksums, so a changed
 * value in a sound page is none of it: comparing with the log finds that.
 *
 * @param database the path that users name
 * @param file the file behind it
 * @param what SQLite's words
 */
public record Damage(Path database, Path file, String what) {

  private static final int CORRUPT = 11;
  private static final int NO_DATABASE = 26;

  /** A longer file is not read as a whole at opening: that would take more than some seconds. */
  private static final long CHECKED_AT_OPENING_BYTES = 512L << 20;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /**
   * Looks at the structure of the whole file behind {@code database}, and changes nothing. Reads
   * all of the file; a service may keep writing meanwhile.
   *
   * @return empty when it is sound, or not there
   * @throws ProjectionUnavailableException when it is not ours, or cannot be read for another
   *     reason
   */
  public static Optional<Damage> of(Path database) {
    return of(database, Long.MAX_VALUE);
  }

  private static Optional<Damage> of(Path database, long readUpTo) {
    Path file;
    try {
      file = database.toRealPath();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(database, e);
    }
    if (Files.isDirectory(file)) {
      throw new ProjectionUnavailableException(
          database + " is a directory; specify the database file in it.");
    }
    if (!Files.isRegularFile(file)) {
      // Opening a pipe would wait for whoever writes into it.
      throw new ProjectionUnavailableException(
          database + " is not a regular file; specify a database with --db.");
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(Database.BUSY_TIMEOUT_MILLIS);
    try (Connection connection = config.createConnection(DatabaseUrl.of(file))) {
      Optional<Damage> lacks = missing(database, file, connection);
      if (lacks.isPresent() || file.toFile().length() > readUpTo) {
        return lacks;
      }
      String found = Database.text(connection, "PRAGMA quick_check(1)");
      return found.equals("ok")
          ? Optional.empty()
          : Optional.of(new Damage(database, file, found.strip()));
    } catch (SQLException e) {
      if (isCauseOf(e)) {
        return Optional.of(new Damage(database, file, String.valueOf(e.getMessage())));
      }
      throw unreadable(database, e);
    } catch (IOException e) {
      throw unreadable(database, e);
    }
  }

  /** Whether somebody dropped a table; a file that is not ours is refused. */
  private static Optional<Damage> missing(Path database, Path file, Connection connection)
      throws SQLException, IOException {
    return DatabaseFile.missing(requireOurs(database, file, connection))
        .map(name -> new Damage(database, file, "the table " + name + " is missing"));
  }

  /**
   * Refuses a file that is not a database of ours, however damaged.
   *
   * @param file the one behind {@code database} that {@code connection} reads
   * @return the names of its tables and views
   */
  public static Set<String> requireOurs(Path database, Path file, Connection connection)
      throws SQLException, IOException {
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(DatabaseFile.NAMES)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    } catch (SQLException e) {
      refuse(DatabaseFile.noDatabase(database, file, e));
      throw e;
    }
    int applicationId = Integer.parseInt(Database.text(connection, "PRAGMA application_id"));
    refuse(DatabaseFile.stranger(database, file, applicationId, names));
    return names;
  }

  private static void refuse(Optional<String> stranger) {
    if (stranger.isPresent()) {
      throw new ProjectionUnavailableException(stranger.get());
    }
  }

  /**
   * Refuses a database that is not ours or that is damaged; where looking at all of it would take
   * too long, at its tables alone.
   */
  public static void refuseAtOpening(Path database) {
    Optional<Damage> damage = of(database, CHECKED_AT_OPENING_BYTES);
    if (damage.isPresent()) {
      throw new ProjectionDamagedException(damage.get().sentence());
    }
  }

  private static ProjectionUnavailableException unreadable(Path database, Exception e) {
    return new ProjectionUnavailableException(
        "Cannot check %s for damage: %s.".formatted(database, e.getMessage()), e);
  }

  /** Whether a failure comes from SQLite finding the file damaged. */
  public static boolean isCauseOf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        int code = sqlite.getResultCode().code & 0xff;
        return code == CORRUPT || code == NO_DATABASE;
      }
    }
    return false;
  }

  public static ProjectionDamagedException found(Path database, Path file, Exception cause) {
    return new ProjectionDamagedException(
        new Damage(database, file, String.valueOf(cause.getMessage())).sentence(), cause);
  }

  /** What is damaged, and which commands help. */
  public String sentence() {
    return "The database %s is damaged (%s in %s); run 'runledger rebuild --db %s', which builds it again from the topics and keeps the damaged file, or put a backup in its place."
        .formatted(database, what, file, database);
  }

  /**
   * Gives the damaged file and its companions a second name that no rebuild deletes: the file's
   * own, with the time. Call it before another generation takes its place.
   *
   * @return the name
   */
  public Path keep(Instant at) {
    Path kept = Path.of(file + ".damaged-" + TIME.format(at));
    try {
      for (String companion : Generation.COMPANIONS) {
        Path original = Path.of(file + companion);
        if (Files.exists(original)) {
          Files.createLink(Path.of(kept + companion), original);
        }
      }
    } catch (IOException e) {
      throw new ProjectionUnavailableException(
          "Cannot keep the damaged file %s as %s: %s; copy it elsewhere yourself, move it away, and rebuild again."
              .formatted(file, kept, e),
          e);
    }
    return kept;
  }
}
