package io.runledger.query.sql;

import io.runledger.query.dialect.Store;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.CurveBuilder;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.sql.grouped.CurveSums;
import io.runledger.query.sql.grouped.PointSlice;
import io.runledger.schemas.RunId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * Reduces a metric of a run to buckets. Short curves are read point by point; of long ones the
 * store sums each bucket up where the points lie, because carrying a million of them over costs ten
 * times as much as looking at them.
 */
public final class CurveQueries {

  /** Points a bucket from which on the store does the work. */
  private static final int POINTS_PER_BUCKET = 20;

  /** All points of the metrics that have few, up to one of them in the order of names. */
  static final String FEW_POINTS =
      """
      SELECT m.name, m.count, p.step, p.value
        FROM metric_summaries m
       CROSS JOIN run_attempts  a ON a.run_id = m.run_id
       CROSS JOIN logged_points p ON p.run_id = a.run_id AND p.attempt_id = a.attempt_id AND p.name = m.name
       WHERE m.run_id = :run AND m.name <= :last AND m.count < :few AND NOT p.superseded
       ORDER BY m.name, a.ordinal, a.attempt_id, p.writer_id, p.seq
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

  private static final String POINTS_OF_POSTGRES =
      """
      SELECT step, value
        FROM metric_points
       WHERE series_id = ? AND seq >= ? AND seq <= ? AND (step >= ?) IS NOT TRUE
       ORDER BY seq
      """;

  /** Leaves out what a later attempt computed again. */
  private static final String UNLESS_CUT = " AND (step >= ?4) IS NOT TRUE";

  private CurveQueries() {}

  public static Curve curve(Handle handle, RunId run, String name, int width) throws SQLException {
    List<Stretch> stretches = Stretch.of(handle, run, name);
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
        .createQuery(PointQueries.OF_ONE_METRIC)
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
    if (Store.of(handle).isPostgres()) {
      addGrouped(handle, stretch, (int) parts, buckets);
      return;
    }
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

  /** The same parts, of one statement. */
  private static void addGrouped(
      Handle handle, Stretch stretch, int parts, List<Curve.Bucket> buckets) throws SQLException {
    Connection connection = handle.getConnection();
    OptionalLong cut = stretch.whole() ? OptionalLong.empty() : stretch.cut();
    PointSlice all =
        new PointSlice(
            stretch.seriesId(),
            stretch.firstSeq(),
            stretch.lastSeq(),
            parts,
            cut,
            stretch.isPlain());
    for (CurveSums.Sum sum : CurveSums.of(connection, all)) {
      if (sum.isExtreme()) {
        // Infinities, or a sum that may be too large: only the points themselves give the mean.
        buckets.add(byPoints(connection, all, sum));
        continue;
      }
      long numbers = sum.points() - sum.nans();
      buckets.add(
          new Curve.Bucket(
              sum.points(),
              sum.nans(),
              sum.low(),
              sum.high(),
              numbers == 0 ? Double.NaN : sum.sum() / numbers,
              sum.firstStep(),
              sum.lastStep()));
    }
  }

  private static Curve.Bucket byPoints(Connection connection, PointSlice all, CurveSums.Sum sum)
      throws SQLException {
    CurveBuilder one = new CurveBuilder(sum.points(), 1);
    try (PreparedStatement points = connection.prepareStatement(POINTS_OF_POSTGRES)) {
      points.setLong(1, all.seriesId());
      points.setLong(2, all.start(sum.part()));
      points.setLong(3, all.end(sum.part()));
      points.setObject(
          4, all.cut().isPresent() ? (Object) all.cut().getAsLong() : null, Types.BIGINT);
      try (ResultSet row = points.executeQuery()) {
        while (row.next()) {
          one.add(Columns.number(row, "step"), Columns.value(row, "value"));
        }
      }
    }
    return one.curve().buckets().get(0);
  }

  /** The statements for the parts of one stretch, each prepared once. */
  private static final class Parts implements AutoCloseable {
    private final PreparedStatement sums;
    private final PreparedStatement points;
    private final PreparedStatement backwards;

    Parts(Connection connection, Stretch stretch) throws SQLException {
      String filter = stretch.whole() ? "" : UNLESS_CUT;
      sums = connection.prepareStatement(BUCKET + filter);
      points = connection.prepareStatement(POINTS + filter + " ORDER BY seq");
      backwards = connection.prepareStatement(POINTS + filter + " ORDER BY seq DESC");
      for (PreparedStatement each : List.of(sums, points, backwards)) {
        each.setLong(1, stretch.seriesId());
        if (!stretch.whole()) {
          each.setLong(4, stretch.cut().orElseThrow());
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
}
