package io.runledger.query;

import io.runledger.config.DatabaseLocation;
import io.runledger.query.connection.LedgerSource;
import io.runledger.query.connection.postgres.PostgresSource;
import io.runledger.query.connection.sqlite.SqliteConnection;
import io.runledger.query.connection.sqlite.SqliteSource;
import io.runledger.query.failure.LedgerUnavailableException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The ledger of runs, read only.
 *
 * <pre>{@code
 * try (Ledger ledger = Ledger.open(Path.of("runledger.db"))) {
 *   RunId run = ledger.find(RunSelector.parse("7/mnist/cnn/s01/-/3"));
 *   ledger.forEachPoint(run, "val/loss", point -> System.out.println(point.value()));
 * }
 * }</pre>
 *
 * <p>Each read sees the database as of one moment, also while the service writes or a rebuild swaps
 * the file; the next one sees the new state. What reads a page at a time holds no state between two
 * pages, so the service can shorten its write-ahead log however long the visitor takes. Where
 * several answers have to be of one moment, take a {@link #snapshot}.
 *
 * <p>Thread-safe: each read has its own connection while it runs, taken from those that are idle or
 * newly opened, so calls from several threads run in parallel.
 */
public final class Ledger extends LedgerReader {

  /** Longer than a question takes on a million points. */
  public static final Duration TIME_LIMIT = Duration.ofSeconds(10);

  private final LedgerSource source;

  private Ledger(LedgerSource source) {
    this.source = source;
  }

  /**
   * Opens the database that the path names, a link or a file. Reads a little of it, so that a
   * mistake shows here.
   */
  public static Ledger open(Path database) {
    return open(database, TIME_LIMIT);
  }

  /**
   * The same, with another limit than {@link #TIME_LIMIT} to the time that a question takes.
   *
   * @throws IllegalArgumentException when the limit leaves no time
   */
  public static Ledger open(Path database, Duration timeLimit) {
    requirePositive(timeLimit);
    return opened(new SqliteSource(database, timeLimit));
  }

  /**
   * Opens the ledger at a location: a file, or {@code
   * jdbc:postgresql://HOST:PORT/DATABASE?currentSchema=NAME} with the driver's other parameters. A
   * password may also be in the variable PGPASSWORD of this process, or in ~/.pgpass. Of a server
   * the limit is that of each statement.
   *
   * @throws IllegalArgumentException when the limit leaves no time
   */
  public static Ledger open(String location, Duration timeLimit) {
    requirePositive(timeLimit);
    return PostgresSource.isMeantBy(location)
        ? opened(PostgresSource.of(location, timeLimit, System.getenv()))
        : open(Path.of(location), timeLimit);
  }

  /** The ledger that the setting {@code db} names. */
  public static Ledger open(DatabaseLocation location) {
    return open(location, TIME_LIMIT);
  }

  /**
   * The same, with another limit than {@link #TIME_LIMIT} to the time that a question takes.
   *
   * @throws IllegalArgumentException when the limit leaves no time
   */
  public static Ledger open(DatabaseLocation location, Duration timeLimit) {
    return location instanceof DatabaseLocation.Server server
        ? open(server.url(), timeLimit)
        : open(((DatabaseLocation.File) location).path(), timeLimit);
  }

  private static void requirePositive(Duration timeLimit) {
    if (timeLimit.isNegative() || timeLimit.isZero()) {
      throw new IllegalArgumentException("The time limit must be positive, not " + timeLimit + ".");
    }
  }

  private static Ledger opened(LedgerSource source) {
    Ledger ledger = new Ledger(source);
    ledger.read(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
    return ledger;
  }

  /**
   * Loads what every question needs, SQLite and the query library, by asking a database in memory.
   * For a process that lives for one question: called on another thread while the first one does
   * something else, it brings the answer nearer.
   *
   * @throws LedgerUnavailableException when it cannot, as the question itself could not
   */
  public static void preload() {
    SqliteConnection.preload();
  }

  /**
   * The ledger as of now, for several questions: the same calls, in one transaction on one
   * connection. For at most {@link Snapshot#LONGEST}; close it, best by try-with-resources.
   */
  public Snapshot snapshot() {
    return snapshot(Snapshot.LONGEST);
  }

  Snapshot snapshot(Duration longest) {
    return new Snapshot(source, longest);
  }

  /** Watches whether the ledger changes; close it before this. */
  public LedgerWatch watch() {
    return new LedgerWatch(source.watching(), source.watching());
  }

  @Override
  <T> T read(LedgerSource.Reading<T> reading) {
    return source.read(reading);
  }

  @Override
  LedgerSource source() {
    return source;
  }

  /** Closes the idle connections; calls that run and open snapshots end undisturbed. */
  @Override
  public void close() {
    source.close();
  }
}
