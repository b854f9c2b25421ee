package io.runledger.rows;

import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A connection that writes, and what its database does its own way there. Between {@link #begin}
 * and {@link #commit} nothing commits by itself. Not thread-safe.
 */
public interface WriterConnection {

  /** The connection. */
  Connection connection();

  /** Begins a transaction that may write. */
  void begin() throws SQLException;

  /** Makes what the transaction did last. */
  void commit() throws SQLException;

  /** Takes back what the transaction did; does nothing where the database did so already. */
  void rollBack() throws SQLException;

  /**
   * Looks, at the begin of a transaction of the fold, for what somebody put into the database and
   * good events would suffer from.
   *
   * @throws ProjectionUnavailableException when there is something
   */
  void refuseForeignObjects() throws SQLException;

  /**
   * Refuses to blame a record for a constraint that is not ours.
   *
   * @param refusal what the database said
   * @throws ProjectionUnavailableException when somebody changed a table
   */
  void refuseChangedTables(SQLException refusal) throws SQLException;

  /**
   * What to throw when the database fails: a {@link ProjectionUnavailableException}, or a {@link
   * ProjectionDamagedException} when it will not work later either.
   *
   * @param what what it cannot do, in words, after "cannot"
   */
  RuntimeException failure(String what, SQLException cause);
}
