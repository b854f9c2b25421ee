package io.runledger.query.connection;

/**
 * One connection that is kept, without a transaction between two questions, to see whether the
 * ledger changes. Opened again when the users' name leads to another generation. Not thread-safe.
 */
public interface WatchingConnection extends AutoCloseable {

  /**
   * Reads, outside of any transaction where it asks one statement.
   *
   * @throws io.runledger.query.failure.LedgerException when the ledger cannot be read
   */
  <T> T read(LedgerSource.Reading<T> reading);

  /**
   * A number that is another one after each commit of somebody else; of this connection and its
   * generation only.
   */
  long version();

  /** How many generations it has been opened to. */
  long generations();

  @Override
  void close();
}
