package io.runledger.query.sql.grouped;

import io.runledger.query.connection.StoredText;
import io.runledger.query.groups.BucketGrid;
import io.runledger.query.groups.RunCurve;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Picks the points of a run that its curve keeps: of each series in each bucket the one that is
 * furthest, and of several the last.
 */
public final class GridSums {

  /** Beyond it differences may be infinite, which is an error there. */
  private static final double LARGEST = 1e300;

  private static final String STANDING =
      """
        FROM run_attempts a
        JOIN logged_points p ON p.run_id = a.run_id AND p.attempt_id = a.attempt_id
       WHERE a.run_id = ? AND NOT p.superseded AND p.name = ?
         AND abs(CAST(p.{x} AS double precision)) < 'Infinity'
      """;

  private static final String RANGE = "SELECT min(p.{x}), max(p.{x})\n" + STANDING;

  private static final String POINTS =
      "SELECT p.{x}, p.value\n"
          + STANDING
          + """
       ORDER BY a.ordinal, a.attempt_id, p.writer_id, p.seq
      """;

  /** In one series the last point is nearly always the furthest; where not, it is looked for. */
  private static final String KEPT =
      """
      WITH kept AS MATERIALIZED (
        SELECT series_id, ordinal, attempt_id, writer_id,
               CASE WHEN x - ? < ? THEN 0 ELSE least(?, floor((x - ?) / ?)) END AS bucket,
               max(x) AS x, max(seq) AS seq
          FROM (SELECT p.series_id, a.ordinal, a.attempt_id, p.writer_id, p.seq, CAST(p.{x} AS double precision) AS x
      """
          + STANDING
          + """
               ) point
         GROUP BY series_id, ordinal, attempt_id, writer_id, bucket
      )
      SELECT kept.x,
             CASE
               WHEN CAST(last.{x} AS double precision) = kept.x THEN last.value
               ELSE (SELECT p.value
                       FROM logged_points p
                      WHERE p.series_id = kept.series_id AND CAST(p.{x} AS double precision) = kept.x AND NOT p.superseded
                      ORDER BY p.seq DESC
                      LIMIT 1)
             END AS value
        FROM kept
        JOIN logged_points last ON last.series_id = kept.series_id AND last.seq = kept.seq
       ORDER BY kept.ordinal, kept.attempt_id, kept.writer_id, kept.bucket
      """;

  private GridSums() {}

  /** The lowest and the highest x of a run, as SQL: two columns. */
  public static String range(String column) {
    return RANGE.replace("{x}", column);
  }

  /** All points of a run, in the order of logging, as SQL: x and value. */
  public static String points(String column) {
    return POINTS.replace("{x}", column);
  }

  /** Whether {@link #addTo} can count along this grid. */
  public static boolean canCount(BucketGrid grid) {
    double end = Math.abs(grid.low()) + grid.size() * grid.buckets();
    return end < LARGEST;
  }

  /** Adds the points of a run that count. */
  public static void addTo(
      RunCurve curve,
      Connection connection,
      long run,
      String metric,
      String column,
      BucketGrid grid)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(KEPT.replace("{x}", column))) {
      statement.setDouble(1, grid.low());
      statement.setDouble(2, grid.size());
      statement.setDouble(3, grid.buckets() - 1.0);
      statement.setDouble(4, grid.low());
      statement.setDouble(5, grid.size());
      statement.setLong(6, run);
      statement.setString(7, StoredText.of(metric));
      // All at once: the server may then divide the work.
      statement.setFetchSize(0);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          curve.add(row.getDouble("x"), row.getDouble("value"));
        }
      }
    }
  }
}
