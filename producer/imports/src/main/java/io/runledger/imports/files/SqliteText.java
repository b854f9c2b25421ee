package io.runledger.imports.files;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Reads columns that may hold anything, as SQLite's do. */
public final class SqliteText {

  private SqliteText() {}

  /** A text, also one that was stored as bytes; empty for NULL. */
  public static Optional<String> of(ResultSet row, String column) throws SQLException {
    Object value = row.getObject(column);
    if (value instanceof byte[] bytes) {
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }
    return Optional.ofNullable(value).map(Object::toString);
  }

  /** A text that is not empty. */
  public static Optional<String> ofSome(ResultSet row, String column) throws SQLException {
    return of(row, column).filter(text -> !text.isEmpty());
  }

  /** A time in milliseconds since 1970. */
  public static Optional<Instant> millis(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() || millis <= 0
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MICROS));
  }
}
