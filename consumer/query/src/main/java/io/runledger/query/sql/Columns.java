package io.runledger.query.sql;

import io.runledger.config.Printable;
import io.runledger.query.dialect.TimeTexts;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads columns as the records want them: absent is empty, not null. */
final class Columns {

  private Columns() {}

  static Optional<String> text(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  static OptionalLong number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  static OptionalInt integer(ResultSet row, String column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
  }

  static OptionalDouble real(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** A metric's value: NULL is NaN where a store has none, and nothing else is NULL. */
  static double value(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? Double.NaN : value;
  }

  static boolean flag(ResultSet row, String column) throws SQLException {
    return row.getBoolean(column);
  }

  static Optional<Boolean> maybe(ResultSet row, String column) throws SQLException {
    boolean value = row.getBoolean(column);
    return row.wasNull() ? Optional.empty() : Optional.of(value);
  }

  /** From microseconds since 1970. */
  static Optional<Instant> micros(ResultSet row, String column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull()
        ? Optional.empty()
        : Optional.of(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  /**
   * From the text {@code YYYY-MM-DD HH:MM:SS} UTC; empty when it is not one: a list must not fail.
   */
  static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return text(row, column).flatMap(TimeTexts::instant);
  }

  static RunStatus status(ResultSet row, String column) throws SQLException {
    String word = row.getString(column);
    return RunStatus.ofWord(word)
        .orElseThrow(
            () ->
                new LedgerUnavailableException(
                    "The database has a status '"
                        + Printable.line(String.valueOf(word))
                        + "' that this version of Runledger does not know; use a newer version."));
  }

  static Optional<StatusSource> source(ResultSet row, String column) throws SQLException {
    return text(row, column).flatMap(StatusSource::ofWord);
  }
}
