package io.runledger.query.sql.grouped;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Sums the parts of a series up for a line, of which the last point of each part is shown. */
public final class LineSums {

  /** Takes a part: the row has points, nans, low, high, and the columns of its last point. */
  public interface Visitor {
    void part(ResultSet row) throws SQLException;
  }

  /** The smallest and the largest value ignore NaN, which PostgreSQL calls the largest of all. */
  private static final String OF_ANY =
      "count(*) FILTER (WHERE value = 'NaN') AS nans, min(value) AS low, max(value) FILTER (WHERE value < 'NaN') AS high";

  private static final String OF_PLAIN = "0 AS nans, min(value) AS low, max(value) AS high";

  private static final String SUMS =
      """
      WITH part AS MATERIALIZED (
        SELECT {part} AS part, count(*) AS points, max(seq) AS last_seq,
               {sums}
          FROM metric_points
         {where}
         {range}
         GROUP BY 1
      )
      SELECT part.points, part.nans, part.low, part.high,
             p.seq, p.step, p.epoch, p.at_us, p.elapsed_seconds, p.value
        FROM part
        JOIN metric_points p ON p.series_id = ? AND p.seq = part.last_seq
       ORDER BY part.part
      """;

  private LineSums() {}

  /**
   * Visits the parts that have points, in order.
   *
   * @param column what a range is of: step, epoch or seq
   * @param from smallest value of the column; -Infinity for all of it
   * @param to largest value of the column; Infinity for all of it
   */
  public static void forEach(
      Connection connection,
      PointSlice slice,
      String column,
      double from,
      double to,
      Visitor visitor)
      throws SQLException {
    boolean isAll = from == Double.NEGATIVE_INFINITY && to == Double.POSITIVE_INFINITY;
    String range = isAll ? "" : "AND %s >= ? AND %s <= ?".formatted(column, column);
    String sums =
        SUMS.replace("{sums}", slice.isPlain() ? OF_PLAIN : OF_ANY).replace("{range}", range);
    try (PreparedStatement statement = connection.prepareStatement(slice.statement(sums))) {
      int next = slice.bind(connection, statement);
      if (!isAll) {
        statement.setDouble(next++, from);
        statement.setDouble(next++, to);
      }
      statement.setLong(next, slice.seriesId());
      // All at once: the server may then divide the work.
      statement.setFetchSize(0);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          visitor.part(row);
        }
      }
    }
  }
}
