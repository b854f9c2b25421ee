package io.runledger.query.connection;

import io.runledger.query.failure.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.JdbiException;

/**
 * A connection in one transaction, so that all that it reads is of the moment at which it was made.
 * Thread-safe: one reading at a time, others wait for it.
 *
 * <p>While it is open, the store keeps what the moment shows: SQLite's writer cannot shorten its
 * write-ahead log, and PostgreSQL cannot vacuum what is newer. It is therefore ended when it is
 * asked after its time; one that is neither asked nor closed holds the store.
 */
public final class Moment implements AutoCloseable {

  private final LedgerSource source;
  private final HeldTransaction transaction;
  private final String reason;
  private final Duration longest;
  private final long deadlineNanos;
  private boolean closed;

  /**
   * @param reason what the store can do once the moment has ended, for the sentence that says so
   */
  public Moment(LedgerSource source, HeldTransaction transaction, String reason, Duration longest) {
    this.source = source;
    this.transaction = transaction;
    this.reason = reason;
    this.longest = longest;
    this.deadlineNanos = System.nanoTime() + longest.toNanos();
  }

  /**
   * Reads as of this moment.
   *
   * @throws LedgerUnavailableException when it has lasted too long, and is ended with that
   */
  public synchronized <T> T read(LedgerSource.Reading<T> reading) {
    if (closed) {
      throw new IllegalStateException("The snapshot was closed.");
    }
    long left = deadlineNanos - System.nanoTime();
    if (left <= 0) {
      close();
      throw new LedgerUnavailableException(
          "The snapshot was ended after %d ms, so that %s; take another one, or run long reads without a snapshot."
              .formatted(longest.toMillis(), reason));
    }
    boolean isAnswered = false;
    transaction.ask(Duration.ofNanos(left));
    try {
      T answer = reading.from(transaction.handle());
      isAnswered = true;
      return answer;
    } catch (JdbiException e) {
      throw source.unavailable(JdbiFailures.cause(e));
    } catch (SQLException e) {
      throw source.unavailable(e);
    } finally {
      if (!isAnswered) {
        transaction.recover();
      }
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      transaction.end();
    } catch (JdbiException e) {
      throw source.unavailable(JdbiFailures.cause(e));
    }
  }
}
