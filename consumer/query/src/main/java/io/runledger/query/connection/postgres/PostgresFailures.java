package io.runledger.query.connection.postgres;

import io.runledger.query.failure.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What errors of the server mean to whoever reads, by their SQLSTATE. */
final class PostgresFailures {

  private PostgresFailures() {}

  /** Whether a table or a schema is not there. */
  static boolean isMissing(SQLException e) {
    return "42P01".equals(e.getSQLState()) || "3F000".equals(e.getSQLState());
  }

  /** Whether the session is gone: the server was restarted, or the network was. */
  static boolean isGone(SQLException e) {
    return state(e).startsWith("08") || state(e).startsWith("57P");
  }

  private static String state(SQLException e) {
    return String.valueOf(e.getSQLState());
  }

  static LedgerUnavailableException unavailable(
      PostgresAddress address, Duration limit, SQLException e) {
    return new LedgerUnavailableException(sentence(address, limit, e), e);
  }

  private static String sentence(PostgresAddress address, Duration limit, SQLException e) {
    String state = state(e);
    String reason = reason(e);
    if (state.equals("57014")) {
      return "The query on %s was stopped after %d ms; narrow it, for example with --limit or --since, or give an SQL statement more time with --timeout."
          .formatted(address, limit.toMillis());
    }
    if (state.equals("42501")) {
      return "The user of %s may not read there: %s; the owner can grant it with deploy/postgres/read-only-role.sql."
          .formatted(address, reason);
    }
    if (state.equals("25006")) {
      return "PostgreSQL refused the statement on %s: %s; statements can only read."
          .formatted(address, reason);
    }
    if (state.matches("(42|22|21|0A|54|2F|53400).*")) {
      return "PostgreSQL refused the statement on %s: %s.".formatted(address, reason);
    }
    if (state.equals("55P03") || state.equals("40P01")) {
      return "The database %s is locked by another session; try again in a moment."
          .formatted(address);
    }
    if (state.startsWith("28")) {
      return "The server does not let you into %s: %s; check user and password (~/.pgpass, PGPASSWORD)."
          .formatted(address, reason);
    }
    if (isGone(e)) {
      return "The database %s cannot be reached: %s; check host and port, and try again in a moment."
          .formatted(address, reason);
    }
    return state.startsWith("XX00")
        ? "The database %s is damaged (%s); check the server's disks, then 'runledger rebuild' builds it again from the topics."
            .formatted(address, reason)
        : "The database %s cannot be read: %s.".formatted(address, reason);
  }

  /** What the server or the driver says, on one line and without what it quotes of the data. */
  private static String reason(SQLException e) {
    ServerErrorMessage said =
        e instanceof PSQLException server ? server.getServerErrorMessage() : null;
    String text = said == null ? e.getMessage() : said.getMessage();
    return String.valueOf(text).strip().replaceAll("\\s*\\n\\s*", "; ").replaceAll("\\.$", "");
  }
}
