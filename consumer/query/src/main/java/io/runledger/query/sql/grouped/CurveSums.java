package io.runledger.query.sql.grouped;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Sums the parts of a series up for a curve. */
public final class CurveSums {

  /**
   * What a part adds up to; none is empty.
   *
   * @param part its number, from 0 on
   * @param nans how many of the points are NaN
   * @param low the smallest value; NaN when all are
   * @param high the largest value; NaN when all are
   * @param sum of the values that are numbers; of no use where some are extreme
   * @param isExtreme whether some are infinite or so large that their sum might be
   */
  public record Sum(
      int part,
      long points,
      long nans,
      double low,
      double high,
      double sum,
      boolean isExtreme,
      OptionalLong firstStep,
      OptionalLong lastStep) {}

  /** The smallest and the largest value ignore NaN, which PostgreSQL calls the largest of all. */
  private static final String OF_ANY =
      """
      count(*) FILTER (WHERE value = 'NaN') AS nans, min(value) AS low, max(value) FILTER (WHERE value < 'NaN') AS high,
      sum(value) FILTER (WHERE abs(value) <= 1e300) AS sum,
      count(*) FILTER (WHERE abs(value) > 1e300 AND value < 'NaN') > 0 AS is_extreme
      """;

  private static final String OF_PLAIN =
      "0 AS nans, min(value) AS low, max(value) AS high, sum(value) AS sum, false AS is_extreme";

  private static final String SUMS =
      """
      WITH part AS MATERIALIZED (
        SELECT {part} AS part, count(*) AS points, min(seq) AS first_seq, max(seq) AS last_seq,
               {sums}
          FROM metric_points
         {where}
         GROUP BY 1
      )
      SELECT part.*,
             (SELECT p.step FROM metric_points p WHERE p.series_id = ? AND p.seq = part.first_seq) AS first_step,
             (SELECT p.step FROM metric_points p WHERE p.series_id = ? AND p.seq = part.last_seq) AS last_step
        FROM part
       ORDER BY part
      """;

  private CurveSums() {}

  /** The parts that have points, in order. */
  public static List<Sum> of(Connection connection, PointSlice slice) throws SQLException {
    List<Sum> sums = new ArrayList<>(slice.parts());
    String text = SUMS.replace("{sums}", slice.isPlain() ? OF_PLAIN : OF_ANY);
    try (PreparedStatement statement = connection.prepareStatement(slice.statement(text))) {
      int next = slice.bind(connection, statement);
      statement.setLong(next, slice.seriesId());
      statement.setLong(next + 1, slice.seriesId());
      // All at once: the server may then divide the work.
      statement.setFetchSize(0);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          sums.add(sum(row));
        }
      }
    }
    return sums;
  }

  private static Sum sum(ResultSet row) throws SQLException {
    double high = row.getDouble("high");
    boolean isNumber = !row.wasNull();
    return new Sum(
        row.getInt("part"),
        row.getLong("points"),
        row.getLong("nans"),
        row.getDouble("low"),
        isNumber ? high : Double.NaN,
        row.getDouble("sum"),
        row.getBoolean("is_extreme"),
        step(row, "first_step"),
        step(row, "last_step"));
  }

  private static OptionalLong step(ResultSet row, String column) throws SQLException {
    long step = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(step);
  }
}
