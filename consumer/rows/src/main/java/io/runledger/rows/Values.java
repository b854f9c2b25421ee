package io.runledger.rows;

import io.runledger.fold.Mark;
import io.runledger.fold.run.Said;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;

/** Numbers as the tables hold them: NULL for what is absent, and for NaN where a database must. */
public final class Values {

  /** Binds an epoch as the columns of a database hold it. */
  public interface EpochBinder {

    /**
     * Binds one.
     *
     * @param epoch null when there is none
     */
    void bind(PreparedStatement statement, int index, Double epoch) throws SQLException;
  }

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

  /** Binds what is null when it is absent. */
  public static void bind(PreparedStatement statement, int index, Long value) throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, value);
    }
  }

  /**
   * Binds a number of which NaN is one. A database without NaN makes NULL of it, which {@link
   * #valueOrNaN} reads as NaN again.
   */
  public static void bindValue(PreparedStatement statement, int index, double value)
      throws SQLException {
    statement.setDouble(index, value);
  }

  /** The same for what is null when it is absent. */
  public static void bind(PreparedStatement statement, int index, Double value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.DOUBLE);
    } else {
      statement.setDouble(index, value);
    }
  }

  /** The same for the value of a point, if any. */
  static void bindValue(PreparedStatement statement, int index, Mark mark) throws SQLException {
    if (mark.isSet()) {
      statement.setDouble(index, mark.value());
    } else {
      statement.setNull(index, Types.DOUBLE);
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
