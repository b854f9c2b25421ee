package io.runledger.postgres.connection;

import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What errors of the server mean, by their SQLSTATE. */
public final class Failures {

  private Failures() {}

  /** Whether stored bytes are not what they were when they were written. */
  public static boolean isDamage(SQLException e) {
    // data_corrupted, index_corrupted, a file of the server that is gone
    return isOneOf(e, "XX001", "XX002", "58P01");
  }

  /** Whether a table or a schema is not there. */
  public static boolean isMissing(SQLException e) {
    return isOneOf(e, "42P01", "3F000");
  }

  /** Whether somebody else held what was needed for longer than we wait. */
  public static boolean isLocked(SQLException e) {
    return isOneOf(e, "55P03", "40P01");
  }

  /** Whether objects that are not ours need what was to be dropped. */
  public static boolean isNeededByOthers(SQLException e) {
    return isOneOf(e, "2BP01");
  }

  /** Whether the user of the session may not do it. */
  public static boolean isForbidden(SQLException e) {
    return isOneOf(e, "42501");
  }

  /**
   * Why nothing is known of a database, in a sentence.
   *
   * @param database the database as people call it
   */
  public static String unanswered(Object database, SQLException e) {
    return isForbidden(e)
        ? "The user of %s may not do this there (%s); connect as the owner of the ledger's schemas, or let the owner grant it."
            .formatted(database, reason(e))
        : "The server of %s does not answer: %s.".formatted(database, reason(e));
  }

  private static boolean isOneOf(SQLException e, String... states) {
    for (String state : states) {
      if (state.equals(e.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** What the server or the driver says, on one line and without what it quotes of the data. */
  public static String reason(SQLException e) {
    ServerErrorMessage said =
        e instanceof PSQLException server ? server.getServerErrorMessage() : null;
    String text = said == null ? e.getMessage() : said.getMessage();
    return String.valueOf(text).strip().replaceAll("\\s*\\n\\s*", "; ").replaceAll("\\.$", "");
  }

  /**
   * What to throw when a database does not work now, or is damaged and never will.
   *
   * @param database the database as people call it
   * @param what what it cannot do, in words, after "cannot"
   */
  public static RuntimeException of(Object database, String what, SQLException e) {
    if (isDamage(e)) {
      return new ProjectionDamagedException(damaged(database, reason(e)), e);
    }
    return new ProjectionUnavailableException(
        "The database %s cannot %s: %s.".formatted(database, what, reason(e)), e);
  }

  /** What to do about a damaged database. */
  public static String damaged(Object database, String what) {
    return "The database %s is damaged: %s; nothing more is written to it. Check the server's disks, then run 'runledger rebuild', which builds it again from the log."
        .formatted(database, what);
  }
}
