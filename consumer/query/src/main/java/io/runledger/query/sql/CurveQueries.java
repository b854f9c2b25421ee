package io.runledger.query.sql;

import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.CurveBuilder;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.schemas.RunId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * Reduces a metric of a run to buckets. Short curves are read point by point; of long ones SQLite
 * sums each bucket up where the points lie, because carrying a million of them over costs ten times
 * as much as looking at them.
 */
public final class CurveQueries {

  /** Points a bucket from which on SQLite does the work. */
  private static final int POINTS_PER_BUCKET = 20;

  /** All points of the metrics that have few, up to one of them in the order of names. */
  static final String FEW_POINTS =
      """
      SELECT m.name, m.count, p.step, p.value
        FROM metric_summaries m
       CROSS JOIN metric_series s ON s.run_id = m.run_id AND s.name = m.name
       CROSS JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       CROSS JOIN metric_points p ON p.series_id = s.series_id
       WHERE m.run_id = :run AND m.name <= :last AND m.count < :few
         AND NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
       ORDER BY m.name, a.ordinal, s.attempt_id, s.writer_id, p.seq
      """;

  private static final String SERIES =
      """
      SELECT s.series_id, s.count, s.last_seq,
             CASE WHEN s.highest_step >= a.superseded_from_step THEN a.superseded_from_step END AS cut,
             (SELECT p.seq FROM metric_points p WHERE p.series_id = s.series_id ORDER BY p.seq LIMIT 1) AS first_seq
        FROM metric_series s
       CROSS JOIN run_attempts a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       WHERE s.run_id = :run AND s.name = :name AND s.count > 0
       ORDER BY a.ordinal, s.attempt_id, s.writer_id
      """;

  /** Of the points of a stretch from one seq on to another, which is not included. */
  static final String BUCKET =
      """
      SELECT count(*) AS points, count(value) AS numbers, min(value) AS low, max(value) AS high,
             total(value) AS sum
        FROM metric_points
       WHERE series_id = ?1 AND seq >= ?2 AND seq < ?3
      """;

  private static final String POINTS =
      "SELECT step, value FROM metric_points WHERE series_id = ?1 AND seq >= ?2 AND seq < ?3";

  /** Leaves out what a later attempt computed anew. */
  private static final String UNLESS_CUT = " AND NOT (step IS NOT NULL AND step >= ?4)";

  /** One stretch of a curve; cut is empty when all its points stand. */
  private record Stretch(long series, long count, long firstSeq, long lastSeq, OptionalLong cut) {}

  private CurveQueries() {}

  public static Curve curve(Handle handle, RunId run, String name, int width) throws SQLException {
    List<Stretch> stretches =
        handle
            .createQuery(SERIES)
            .bind("run", run.value())
            .bind("name", name)
            .map((row, context) -> stretch(row))
            .list();
    long points = stretches.stream().mapToLong(Stretch::count).sum();
    if (points < (long) POINTS_PER_BUCKET * width || stretches.size() * 2 > width) {
      return byPoints(handle, run, name, points, width);
    }
    List<Curve.Bucket> buckets = new ArrayList<>(width);
    long before = 0;
    for (Stretch stretch : stretches) {
      long first = before * width / points;
      before += stretch.count();
      addBuckets(handle, stretch, Math.max(1, before * width / points - first), buckets);
    }
    return new Curve(points, List.copyOf(buckets));
  }

  /**
   * The curves of the first metrics of a run by name, {@code metrics} being their summaries in this
   * order: one pass over the points of all that have few, whatever the number of names.
   */
  public static Map<String, Curve> curves(
      Handle handle, RunId run, List<MetricSummary> metrics, int width) throws SQLException {
    Map<String, Curve> curves = new HashMap<>();
    if (metrics.isEmpty()) {
      return curves;
    }
    long few = (long) POINTS_PER_BUCKET * width;
    Map<String, CurveBuilder> builders = new HashMap<>();
    handle
        .createQuery(FEW_POINTS)
        .bind("run", run.value())
        .bind("last", metrics.get(metrics.size() - 1).name())
        .bind("few", few)
        .map(
            (row, context) -> {
              long count = row.getLong("count");
              String name = row.getString("name");
              builders
                  .computeIfAbsent(name, first -> new CurveBuilder(count, width))
                  .add(Columns.number(row, "step"), Columns.value(row, "value"));
              return name;
            })
        .forEach(read -> {});
    builders.forEach((name, builder) -> curves.put(name, builder.curve()));
    for (MetricSummary metric : metrics) {
      if (metric.count() >= few) {
        curves.put(metric.name(), curve(handle, run, metric.name(), width));
      }
    }
    return curves;
  }

  private static Curve byPoints(Handle handle, RunId run, String name, long points, int width) {
    CurveBuilder curve = new CurveBuilder(points, width);
    handle
        .createQuery(MetricQueries.POINTS_OF_ONE)
        .bind("run", run.value())
        .bind("name", name)
        .map(
            (row, context) -> {
              curve.add(Columns.number(row, "step"), Columns.value(row, "value"));
              return name;
            })
        .forEach(read -> {});
    return curve.curve();
  }

  /** Cuts a stretch into equal parts of its seq numbers; parts without points are left out. */
  private static void addBuckets(
      Handle handle, Stretch stretch, long parts, List<Curve.Bucket> buckets) throws SQLException {
    double length = stretch.lastSeq() + 1.0 - stretch.firstSeq();
    try (Parts reader = new Parts(handle.getConnection(), stretch)) {
      long from = stretch.firstSeq();
      for (long part = 1; part <= parts; part++) {
        // Rounding must not lead beyond the last seq, which may be the last number there is.
        long to =
            part == parts
                ? stretch.lastSeq() + 1
                : stretch.firstSeq() + Math.min(Math.round(length * part / parts), (long) length);
        reader.bucket(from, to).ifPresent(buckets::add);
        from = to;
      }
    }
  }

  /** The statements for the parts of one stretch, each prepared once. */
  private static final class Parts implements AutoCloseable {
    private final PreparedStatement sums;
    private final PreparedStatement points;
    private final PreparedStatement backwards;

    Parts(Connection connection, Stretch stretch) throws SQLException {
      String filter = stretch.cut().isPresent() ? UNLESS_CUT : "";
      sums = connection.prepareStatement(BUCKET + filter);
      points = connection.prepareStatement(POINTS + filter + " ORDER BY seq");
      backwards = connection.prepareStatement(POINTS + filter + " ORDER BY seq DESC");
      for (PreparedStatement each : List.of(sums, points, backwards)) {
        each.setLong(1, stretch.series());
        if (stretch.cut().isPresent()) {
          each.setLong(4, stretch.cut().getAsLong());
        }
      }
    }

    Optional<Curve.Bucket> bucket(long from, long to) throws SQLException {
      try (ResultSet row = between(sums, from, to)) {
        long count = row.next() ? row.getLong("points") : 0;
        if (count == 0) {
          return Optional.empty();
        }
        long numbers = row.getLong("numbers");
        double mean = row.getDouble("sum") / numbers;
        if (!Double.isFinite(mean)) {
          // Infinities, or a sum that is too large: only the points themselves give the mean.
          return Optional.of(byPoints(count, from, to));
        }
        return Optional.of(
            new Curve.Bucket(
                count,
                count - numbers,
                Columns.value(row, "low"),
                Columns.value(row, "high"),
                mean,
                firstStep(points, from, to),
                firstStep(backwards, from, to)));
      }
    }

    private Curve.Bucket byPoints(long count, long from, long to) throws SQLException {
      CurveBuilder one = new CurveBuilder(count, 1);
      try (ResultSet row = between(points, from, to)) {
        while (row.next()) {
          one.add(Columns.number(row, "step"), Columns.value(row, "value"));
        }
      }
      return one.curve().buckets().get(0);
    }

    private static OptionalLong firstStep(PreparedStatement statement, long from, long to)
        throws SQLException {
      try (ResultSet row = between(statement, from, to)) {
        return row.next() ? Columns.number(row, "step") : OptionalLong.empty();
      }
    }

    private static ResultSet between(PreparedStatement statement, long from, long to)
        throws SQLException {
      statement.setLong(2, from);
      statement.setLong(3, to);
      return statement.executeQuery();
    }

    @Override
    public void close() throws SQLException {
      sums.close();
      points.close();
      backwards.close();
    }
  }

  private static Stretch stretch(ResultSet row) throws SQLException {
    return new Stretch(
        row.getLong("series_id"),
        row.getLong("count"),
        row.getLong("first_seq"),
        row.getLong("last_seq"),
        Columns.number(row, "cut"));
  }
}
