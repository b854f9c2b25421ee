package io.runledger.rows;

import io.runledger.config.FailPoint;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.fold.store.RefusedDataException;
import java.sql.SQLException;

/**
 * Runs work in transactions of the one connection: all of it is stored, or nothing. Not
 * thread-safe.
 */
public final class Transactions {

  /** What a transaction does. */
  public interface Work<T> {
    T run() throws SQLException;
  }

  /** What a transaction changes. */
  public interface Change {
    void run() throws SQLException;
  }

  private final WriterConnection writer;
  private final Runnable memory;

  /**
   * @param memory what forgets all that is in memory, when the database goes back to an earlier
   *     state
   */
  public Transactions(WriterConnection writer, Runnable memory) {
    this.writer = writer;
    this.memory = memory;
  }

  /**
   * Runs the work and commits. Whatever goes wrong is the database's own trouble.
   *
   * @param what the work in words, after "cannot"
   * @throws ProjectionUnavailableException when the database does not work now
   * @throws ProjectionDamagedException when it is damaged
   */
  public <T> T run(String what, Work<T> work) {
    try {
      return folding(what, work);
    } catch (RefusedDataException e) {
      throw unavailable(what, (SQLException) e.getCause());
    }
  }

  /**
   * The same for the work of the fold, which may be given data that the database cannot hold.
   *
   * @throws RefusedDataException when it is
   */
  <T> T folding(String what, Work<T> work) {
    try {
      writer.begin();
      FailPoint.hit("begun");
      T result = work.run();
      FailPoint.hit("before-commit");
      writer.commit();
      FailPoint.hit("committed");
      return result;
    } catch (SqlFailure e) {
      throw rolledBack(unavailable(what, e.getCause()));
    } catch (SQLException e) {
      throw rolledBack(unavailable(what, e));
    } catch (RuntimeException e) {
      throw rolledBack(e);
    }
  }

  /** The same for work that has no result. */
  public void change(String what, Change change) {
    run(
        what,
        () -> {
          change.run();
          return what;
        });
  }

  private RuntimeException rolledBack(RuntimeException cause) {
    try {
      writer.rollBack();
    } catch (SQLException e) {
      // A database that fails may have rolled back by itself; then there is nothing to undo.
      cause.addSuppressed(e);
    }
    memory.run();
    return cause;
  }

  /**
   * Runs work that only reads.
   *
   * @param what the work in words, after "cannot"
   */
  public <T> T read(String what, Work<T> work) {
    try {
      return work.run();
    } catch (SqlFailure e) {
      throw unavailable(what, e.getCause());
    } catch (SQLException e) {
      throw unavailable(what, e);
    }
  }

  /** What to throw when the database does not work now, or is damaged and never will. */
  public RuntimeException unavailable(String what, SQLException cause) {
    return writer.failure(what, cause);
  }
}
