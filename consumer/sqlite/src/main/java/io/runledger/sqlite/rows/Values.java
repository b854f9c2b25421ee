package io.runledger.sqlite.rows;

import io.runledger.fold.run.Said;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;

/**
 * Numbers as the tables hold them: NULL for NaN, which SQLite cannot hold, and for what is absent.
 */
public final class Values {

  private static final double TWO_TO_63 = 0x1p63;

  private Values() {}

  static Long longOrNull(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  static Integer integerOrNull(ResultSet row, int column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? null : value;
  }

  static Boolean booleanOrNull(ResultSet row, int column) throws SQLException {
    boolean value = row.getBoolean(column);
    return row.wasNull() ? null : value;
  }

  static Double doubleOrNull(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? null : value;
  }

  public static double valueOrNaN(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? Double.NaN : value;
  }

  static void bind(PreparedStatement statement, int index, Long value) throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.INTEGER);
    } else {
      statement.setLong(index, value);
    }
  }

  /** A whole epoch is an INTEGER, so that people read 5 and not 5.0. */
  static void bindEpoch(PreparedStatement statement, int index, Double epoch) throws SQLException {
    if (epoch == null) {
      statement.setNull(index, Types.REAL);
    } else if (epoch == (double) (long) (double) epoch && epoch < TWO_TO_63) {
      statement.setLong(index, (long) (double) epoch);
    } else {
      statement.setDouble(index, epoch);
    }
  }

  static void bindValue(PreparedStatement statement, int index, double value) throws SQLException {
    if (Double.isNaN(value)) {
      statement.setNull(index, Types.REAL);
    } else {
      statement.setDouble(index, value);
    }
  }

  /** What was said by the event whose writer and seq start at this column, if any. */
  static <T> Optional<Said<T>> said(ResultSet row, int column, String source, T value)
      throws SQLException {
    Long writer = longOrNull(row, column);
    return writer == null
        ? Optional.empty()
        : Optional.of(new Said<>(source, writer, row.getLong(column + 1), value));
  }
}
