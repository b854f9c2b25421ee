package io.runledger.query.connection;

import io.runledger.query.failure.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.Handle;

/**
 * Where a ledger is read from: the connections to one store, which can only read. Thread-safe.
 *
 * <p>Whatever fails because the store cannot be read is a {@link LedgerUnavailableException}, and
 * where there is no ledger a {@link io.runledger.query.failure.LedgerNotFoundException}.
 */
public interface LedgerSource extends AutoCloseable {

  /** Something that reads, within one transaction. */
  interface Reading<T> {
    T from(Handle handle) throws SQLException;
  }

  /** Reads as of one moment: what is committed meanwhile is not seen. */
  <T> T read(Reading<T> reading);

  /** Keeps a connection at this moment until the moment is closed, but no longer than so long. */
  Moment hold(Duration longest);

  /** A connection to watch the ledger with, not opened yet. */
  WatchingConnection watching();

  /**
   * Reads a statement of a user as it was typed.
   *
   * @throws IllegalArgumentException when it is none, several, or not one that only reads
   */
  UserStatement statement(String text);

  /** Where it is, for people: without a password. */
  String location();

  /** What went wrong, as a sentence. */
  LedgerUnavailableException unavailable(SQLException e);

  /** Closes the idle connections; what is being read ends undisturbed. */
  @Override
  void close();
}
