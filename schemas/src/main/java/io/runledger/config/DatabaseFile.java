package io.runledger.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tells a database of ours from other files, for all that open one: by the number that its schema
 * sets in the header, and by its tables.
 */
public final class DatabaseFile {

  /** "RLDG": what {@code PRAGMA application_id} says of a database of ours. */
  public static final int APPLICATION_ID = 1_380_729_927;

  /** The newest migration: what {@code PRAGMA user_version} says of an up-to-date one. */
  public static final int SCHEMA_VERSION = 9;

  /** Lists what a database has; the names are what {@link #stranger} and {@link #missing} want. */
  public static final String NAMES =
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')";

  private static final List<String> TABLES =
      List.of(
          "projection_info",
          "positions",
          "writer_schemas",
          "event_streams",
          "gaps",
          "dead_letters",
          "experiment_runs",
          "run_attempts",
          "run_status_changes",
          "run_annotations",
          "run_deletions",
          "dropped_events",
          "run_results",
          "run_errors",
          "artifacts",
          "slurm_jobs",
          "metric_series",
          "metric_summaries",
          "metric_points",
          "stream_gaps",
          "runs",
          "raw_metrics",
          "metrics",
          "run_metrics");

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  /** What SQLite answers for a file that does not begin as its own do: SQLITE_NOTADB. */
  private static final int NOT_A_DATABASE = 26;

  private static final int NAMES_SHOWN = 3;
  private static final Pattern GENERATION = Pattern.compile(".*-g[0-9]{6,18}\\.db");

  private DatabaseFile() {}

  /** The directory of the files that the database of a desk is made of. */
  public static Path spoolOf(Path database) {
    return database.resolveSibling(database.getFileName() + ".spool");
  }

  /** What to say where there is none. */
  public static String absent(Path database) {
    Path spool = spoolOf(database);
    return Files.isDirectory(spool)
        ? "There is no database at %s; 'runledger rebuild --db %s' builds it from %s."
            .formatted(database, database, spool)
        : "There is no database at %s; specify it with --db, or let 'runledger follow', 'up' or 'consume' create it."
            .formatted(database);
  }

  /**
   * A sentence about a file that SQLite refused because it is not a database; empty for every other
   * failure. A generation of ours that lost its header is damaged, not somebody else's.
   *
   * <p>The file itself is read only after such a refusal: whoever closes a file drops all locks
   * that its process has on it (POSIX), also those of SQLite's other connections, and the next
   * program that closes the database would then delete the write-ahead log that they still use.
   *
   * @param database the path that users name
   * @param file the file behind it
   * @param refusal what SQLite answered
   */
  public static Optional<String> noDatabase(Path database, Path file, SQLException refusal)
      throws IOException {
    if ((refusal.getErrorCode() & 0xff) != NOT_A_DATABASE || isGeneration(file)) {
      return Optional.empty();
    }
    byte[] begin = begin(file);
    if (Arrays.equals(begin, 0, begin.length, MAGIC, 0, begin.length)) {
      return Optional.empty();
    }
    return Optional.of(
        "%s is not a database: it does not begin as SQLite's files do. Specify Runledger's database with --db, or move that file away."
            .formatted(database));
  }

  /**
   * A sentence about a database that is not ours, or that another one's write-ahead log hides;
   * empty when it is ours.
   *
   * @param applicationId what SQLite reads of it
   * @param names what it has
   */
  public static Optional<String> stranger(
      Path database, Path file, int applicationId, Collection<String> names) {
    if (applicationId == APPLICATION_ID || names.contains(TABLES.get(0))) {
      return Optional.empty();
    }
    Path log = Path.of(file + "-wal");
    if (log.toFile().length() > 0 && (isGeneration(file) || hasOurApplicationId(file))) {
      return Optional.of(
          "%s is the write-ahead log of another database and hides what is in %s; move it and %s-shm away; nothing is lost."
              .formatted(log, file, file));
    }
    String has =
        names.isEmpty()
            ? "it has no tables"
            : names.stream()
                .sorted()
                .limit(NAMES_SHOWN)
                .collect(
                    Collectors.joining(", ", "it has ", names.size() > NAMES_SHOWN ? ", ..." : ""));
    return Optional.of(
        "%s is not a database of Runledger (%s). Specify another path with --db, or move that file away."
            .formatted(database, has));
  }

  /** What a database of ours lacks of its tables and views. */
  public static Optional<String> missing(Collection<String> names) {
    return TABLES.stream().filter(table -> !names.contains(table)).findFirst();
  }

  private static boolean isGeneration(Path file) {
    return GENERATION.matcher(file.getFileName().toString()).matches();
  }

  /** Whether it would be ours without the write-ahead log that is next to it. */
  private static boolean hasOurApplicationId(Path file) {
    try (Connection connection =
            DriverManager.getConnection(DatabaseUrl.of(file) + "?mode=ro&immutable=1");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA application_id")) {
      return row.next() && row.getInt(1) == APPLICATION_ID;
    } catch (SQLException unreadable) {
      return false;
    }
  }

  private static byte[] begin(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAGIC.length);
    }
  }
}
