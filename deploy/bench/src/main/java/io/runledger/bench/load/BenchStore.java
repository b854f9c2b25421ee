package io.runledger.bench.load;

import io.runledger.fold.projection.Projection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** The store that the benches measure, in databases of their own. Not thread-safe. */
public sealed interface BenchStore extends AutoCloseable permits SqliteFiles, PostgresServer {

  /**
   * What is promised for it.
   *
   * @param live smallest ratio of the service's points a second to the plain loop's
   * @param rebuild the same of a rebuild's
   * @param bytes largest number of bytes a point
   * @param list most milliseconds that a list of runs takes, or a ranking
   * @param curve most milliseconds that a curve of a million points takes
   */
  record Budgets(double live, double rebuild, double bytes, double list, double curve) {}

  /** What people call it. */
  String name();

  Budgets budgets();

  /** Whether several services fill one database. */
  boolean severalMayWrite();

  /** What the plain loop of a mode does, in a few words. */
  String plain(PlainLoop.Mode mode);

  /**
   * Makes room for a database that is not there yet; what an earlier call for the same word led to
   * is deleted.
   *
   * @param directory where files of it may be
   * @param word a word of lower-case letters
   * @return what the setting {@code db} says to name it
   * @throws BenchException when the server refuses
   */
  String empty(Path directory, String word);

  /** Creates a database that {@link #empty} named. */
  Projection create(String database);

  /** Opens a session for reading a database that {@link #empty} named. */
  Connection connect(String database) throws SQLException;

  /** Bytes that a database takes on disk. */
  long bytes(String database) throws SQLException;

  /** Fills a database by the plain loop, and deletes it. */
  PlainLoop.Result fillPlainly(Path directory, Workload load, PlainLoop.Mode mode)
      throws SQLException;

  /** Deletes what is elsewhere than in the directories that were given. */
  @Override
  void close();
}
