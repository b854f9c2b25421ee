package io.runledger.projection.rows;

import io.runledger.fold.PoisonException;
import java.sql.SQLException;

/**
 * What users give as JSON, by the word of SQLite's own parser and a little stricter: the functions
 * of SQL and whatever parses JSON after them must read every row, or one row of one user makes a
 * query fail for all. Not thread-safe.
 */
public final class JsonColumns {

  /**
   * Jobs write 52 levels at most. Parsers give up at 1,000 (SQLite, Jackson, Python), and readers
   * put what they print into a few levels of their own.
   */
  public static final int DEEPEST = 500;

  private final Statements statements;

  JsonColumns(Statements statements) {
    this.statements = statements;
  }

  /**
   * Refuses what is not JSON; null is.
   *
   * @throws PoisonException when not every reader can read it
   */
  void require(String what, String json) throws SQLException {
    if (json != null && !isReadable(json)) {
      throw new PoisonException(
          "not JSON",
          "The %s of the event are not JSON that every reader can read: at most %d levels, each half of a surrogate pair beside the other."
              .formatted(what, DEEPEST));
    }
  }

  /** The same where it is JSON, else a JSON string that holds it: nothing of it is lost. */
  String readable(String json) throws SQLException {
    if (json == null || isReadable(json)) {
      return json;
    }
    String[] quoted = {null};
    statements.query("SELECT json_quote(?)", row -> quoted[0] = row.getString(1), withoutNul(json));
    return quoted[0];
  }

  /** To SQLite a text ends at its first NUL. */
  private static String withoutNul(String json) {
    return json.replace('\0', '\ufffd');
  }

  private boolean isReadable(String json) throws SQLException {
    boolean[] valid = {false};
    statements.query("SELECT json_valid(?)", row -> valid[0] = row.getBoolean(1), json);
    return valid[0] && json.indexOf('\0') < 0 && isReadableByOthers(json);
  }

  /** Of a text that is JSON: whether it is flat enough, and what it escapes is text. */
  private static boolean isReadableByOthers(String json) {
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (quoted && c == '\\') {
        int escaped = escaped(json, i);
        if (Character.isLowSurrogate((char) escaped)) {
          return false;
        }
        if (Character.isHighSurrogate((char) escaped)) {
          if (!Character.isLowSurrogate((char) escaped(json, i + 6))) {
            return false;
          }
          i += 6;
        }
        i++;
      } else if (!quoted && (c == '{' || c == '[')) {
        depth++;
        if (depth > DEEPEST) {
          return false;
        }
      } else if (!quoted && (c == '}' || c == ']')) {
        depth--;
      }
    }
    return true;
  }

  /** What stands escaped as four hexadecimal digits; 0 when nothing does. */
  private static int escaped(String json, int at) {
    return json.startsWith("\\u", at) && at + 6 <= json.length()
        ? Integer.parseInt(json, at + 2, at + 6, 16)
        : 0;
  }
}
