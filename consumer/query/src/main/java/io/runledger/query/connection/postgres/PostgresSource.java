package io.runledger.query.connection.postgres;

import io.runledger.query.connection.HeldTransaction;
import io.runledger.query.connection.JdbiFailures;
import io.runledger.query.connection.LedgerSource;
import io.runledger.query.connection.Moment;
import io.runledger.query.connection.UserStatement;
import io.runledger.query.connection.WatchingConnection;
import io.runledger.query.failure.LedgerException;
import io.runledger.query.failure.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * Lends each reader its own session of a PostgreSQL server. A question is one transaction, read
 * only and of one snapshot, on the generation that the ledger's name leads to when it begins.
 * Thread-safe: the list of idle sessions is guarded by its monitor, and a session is in one
 * reader's hands only.
 */
public final class PostgresSource implements LedgerSource {

  private static final String PREFIX = "jdbc:postgresql:";

  /** The server counts milliseconds in an int. */
  private static final Duration LONGEST = Duration.ofMillis(Integer.MAX_VALUE);

  /** More idle sessions than this are not kept. */
  private static final int IDLE = 8;

  private final PostgresAddress address;
  private final Duration limit;
  private final Deque<PostgresConnection> idle = new ArrayDeque<>();
  private boolean closed;

  private PostgresSource(PostgresAddress address, Duration limit) {
    this.address = address;
    this.limit = limit.compareTo(LONGEST) > 0 ? LONGEST : limit;
  }

  /** Whether a location is on a server; all others are paths. */
  public static boolean isMeantBy(String location) {
    return location.startsWith(PREFIX);
  }

  /**
   * The ledger at a URL; nothing is opened yet.
   *
   * @param environment the variables of the process, which may have the password
   * @throws io.runledger.query.failure.LedgerNotFoundException when the URL cannot name one
   */
  public static PostgresSource of(String url, Duration limit, Map<String, String> environment) {
    return new PostgresSource(PostgresAddress.of(url, environment), limit);
  }

  /** A session in a transaction that has begun. */
  private record Begun(PostgresConnection connection, Handle handle) {}

  @Override
  public <T> T read(Reading<T> reading) {
    Begun begun = begin();
    boolean isSound = false;
    try {
      T result = reading.from(begun.handle());
      begun.handle().commit().close();
      isSound = true;
      return result;
    } catch (LedgerException e) {
      begun.handle().rollback().close();
      isSound = true;
      throw e;
    } catch (JdbiException e) {
      throw unavailable(JdbiFailures.cause(e));
    } catch (SQLException e) {
      throw unavailable(e);
    } finally {
      end(begun.connection(), isSound);
    }
  }

  /** A session that was idle may be gone, and then the next one is tried, at last a new one. */
  private Begun begin() {
    while (true) {
      Optional<PostgresConnection> kept = kept();
      PostgresConnection connection = kept.orElseGet(this::opened);
      Handle handle = connection.jdbi().open();
      boolean isSettled = false;
      try {
        handle.begin();
        isSettled = connection.settle(limit);
        if (isSettled) {
          return new Begun(connection, handle);
        }
      } catch (JdbiException e) {
        throwUnlessGone(kept, JdbiFailures.cause(e));
      } catch (SQLException e) {
        throwUnlessGone(kept, e);
      } finally {
        if (!isSettled) {
          end(connection, false);
        }
      }
    }
  }

  private void throwUnlessGone(Optional<PostgresConnection> kept, SQLException e) {
    if (kept.isEmpty() || !PostgresFailures.isGone(e)) {
      throw unavailable(e);
    }
  }

  @Override
  public Moment hold(Duration longest) {
    return new Moment(
        this, new Held(begin()), "the server can clean up what was replaced since", longest);
  }

  /** A transaction that is settled. */
  private final class Held implements HeldTransaction {
    private final Begun begun;

    Held(Begun begun) {
      this.begun = begun;
    }

    @Override
    public Handle handle() {
      return begun.handle();
    }

    @Override
    public void ask(Duration time) {
      try {
        begun.connection().mark(time.compareTo(limit) < 0 ? time : limit);
      } catch (SQLException e) {
        throw unavailable(e);
      }
    }

    @Override
    public void recover() {
      try {
        begun.connection().backToMark();
      } catch (SQLException e) {
        throw unavailable(e);
      }
    }

    @Override
    public void end() {
      boolean isSound = false;
      try {
        begun.handle().rollback().close();
        isSound = true;
      } finally {
        PostgresSource.this.end(begun.connection(), isSound);
      }
    }
  }

  @Override
  public WatchingConnection watching() {
    return new PostgresWatching(this);
  }

  @Override
  public UserStatement statement(String text) {
    return PostgresStatement.of(text);
  }

  @Override
  public String location() {
    return address.toString();
  }

  @Override
  public LedgerUnavailableException unavailable(SQLException e) {
    return PostgresFailures.unavailable(address, limit, e);
  }

  private Optional<PostgresConnection> kept() {
    synchronized (idle) {
      if (closed) {
        throw new IllegalStateException("The ledger " + address + " was closed.");
      }
      return Optional.ofNullable(idle.poll());
    }
  }

  PostgresConnection opened() {
    try {
      return PostgresConnection.open(address);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private void end(PostgresConnection connection, boolean isSound) {
    if (isSound) {
      synchronized (idle) {
        if (!closed && idle.size() < IDLE) {
          idle.push(connection);
          return;
        }
      }
    }
    close(connection);
  }

  void close(PostgresConnection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  Duration limit() {
    return limit;
  }

  @Override
  public void close() {
    synchronized (idle) {
      closed = true;
      while (!idle.isEmpty()) {
        close(idle.pop());
      }
    }
  }
}
