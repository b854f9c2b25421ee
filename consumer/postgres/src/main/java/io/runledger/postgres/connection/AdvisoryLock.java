package io.runledger.postgres.connection;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * A right that one session at a time has, until it gives it back or ends. The server gives it back
 * for a client that is gone.
 */
public enum AdvisoryLock {
  /** To write the generation in use. */
  WRITER,
  /** To build a generation that replaces it. */
  REBUILD,
  /** To copy the ledger and to compare the copy with another one. */
  VERIFY,
  /** To create, publish and drop schemas: held for moments, so others wait for it. */
  SCHEMAS;

  private static final String KEY = "hashtextextended('runledger ' || ? || ' ' || ?, 0)";

  /** Takes it; returns whether nobody else has it. */
  public boolean tryTake(Connection connection, LedgerUrl ledger) throws SQLException {
    return Sql.text(connection, "SELECT pg_try_advisory_lock(" + KEY + ")", name(), ledger.base())
        .equals(Optional.of("t"));
  }

  /**
   * Takes a share of it, which several sessions have at the same time; returns whether nobody has
   * it alone.
   */
  public boolean tryShare(Connection connection, LedgerUrl ledger) throws SQLException {
    return Sql.text(
            connection, "SELECT pg_try_advisory_lock_shared(" + KEY + ")", name(), ledger.base())
        .equals(Optional.of("t"));
  }

  /** What is done while it is held. */
  public interface Work<T> {
    T run() throws SQLException;
  }

  /** Waits for it, at most the session's lock_timeout, and holds it during the work. */
  public <T> T holding(Connection connection, LedgerUrl ledger, Work<T> work) throws SQLException {
    Sql.text(connection, "SELECT pg_advisory_lock(" + KEY + ")", name(), ledger.base());
    T result;
    try {
      result = work.run();
    } catch (SQLException | RuntimeException e) {
      try {
        giveBack(connection, ledger);
      } catch (SQLException lost) {
        // The session is gone, and the lock with it.
        e.addSuppressed(lost);
      }
      throw e;
    }
    giveBack(connection, ledger);
    return result;
  }

  private void giveBack(Connection connection, LedgerUrl ledger) throws SQLException {
    Sql.text(connection, "SELECT pg_advisory_unlock(" + KEY + ")", name(), ledger.base());
  }

  /** Who has it, for people; "another session" where the server does not say. */
  public String holder(Connection connection, LedgerUrl ledger) throws SQLException {
    return Sql.text(
            connection,
            """
            SELECT coalesce(nullif(a.application_name, ''), 'a session') || ', process ' || a.pid
                   || ' of pg_stat_activity, from ' || coalesce(host(a.client_addr), 'its own machine')
                   || ', since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
              FROM pg_locks l
              JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND (l.classid::bigint << 32 | l.objid::bigint) =
            """
                + KEY,
            name(),
            ledger.base())
        .orElse("another session");
  }
}
