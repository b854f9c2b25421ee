package io.runledger.projection;

import java.sql.SQLException;

/**
 * What users give as JSON, by the word of SQLite's own parser: the functions of SQL must read every
 * row, or one row of one user makes a query fail for all. Not thread-safe.
 */
final class JsonColumns {

  private final Statements statements;

  JsonColumns(Statements statements) {
    this.statements = statements;
  }

  /**
   * Refuses what is not JSON; null is.
   *
   * @throws PoisonException when SQLite cannot read it
   */
  void require(String what, String json) throws SQLException {
    if (json != null && !isReadable(json)) {
      throw new PoisonException(
          "not JSON", "The %s of the event are not JSON that SQLite can read.".formatted(what));
    }
  }

  /** The same where it is JSON, else a JSON string that holds it: nothing of it is lost. */
  String readable(String json) throws SQLException {
    if (json == null || isReadable(json)) {
      return json;
    }
    String[] quoted = {null};
    statements.query("SELECT json_quote(?)", row -> quoted[0] = row.getString(1), json);
    return quoted[0];
  }

  private boolean isReadable(String json) throws SQLException {
    boolean[] valid = {false};
    statements.query("SELECT json_valid(?)", row -> valid[0] = row.getBoolean(1), json);
    return valid[0];
  }
}
