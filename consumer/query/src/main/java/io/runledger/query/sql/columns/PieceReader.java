package io.runledger.query.sql.columns;

import io.runledger.query.series.Series.Axis;
import io.runledger.query.series.Series.Bucket;
import io.runledger.query.series.Series.Range;
import io.runledger.query.sql.columns.SeriesQueries.Piece;
import io.runledger.query.sql.grouped.LineSums;
import io.runledger.query.sql.grouped.PointSlice;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Reads pieces of lines on one connection, with each statement prepared once. Short pieces are read
 * point by point; of long ones the store sums each bucket up where the points lie, which takes a
 * tenth of the time. Not thread-safe.
 */
final class PieceReader implements AutoCloseable {

  /** Points a bucket from which on the store does the work. */
  private static final int POINTS_PER_BUCKET = 20;

  /** Leaves out what a later attempt computed again. */
  private static final String STANDS = " AND (?4 IS NULL OR (step >= ?4) IS NOT TRUE)";

  private static final String OF_PIECE =
      " FROM metric_points WHERE series_id = ?1 AND seq >= ?2 AND seq <= ?3" + STANDS;

  private static final String POINT =
      "SELECT seq, step, epoch, at_us, elapsed_seconds, value" + OF_PIECE;

  private static final String SUMS =
      "SELECT count(*) AS points, count(value) AS numbers, min(value) AS low, max(value) AS high"
          + OF_PIECE;

  private static final String ENDS =
      "SELECT count(*) AS points, min(seq) AS first, max(seq) AS last" + OF_PIECE;

  private final Connection connection;
  private final boolean isPostgres;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  PieceReader(Connection connection, boolean isPostgres) {
    this.connection = connection;
    this.isPostgres = isPostgres;
  }

  /** Its parameters stand in the order of their numbers, and only SQLite knows the numbers. */
  private PreparedStatement prepare(String statement) throws SQLException {
    return connection.prepareStatement(
        isPostgres
            ? statement.replace("?4 IS NULL OR ", "").replaceAll("\\?[1-6]", "?")
            : statement);
  }

  static OptionalLong number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static OptionalDouble real(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** NULL is NaN. */
  private static double value(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? Double.NaN : value;
  }

  private ResultSet ask(String statement, Piece piece) throws SQLException {
    PreparedStatement asked = prepared.get(statement);
    if (asked == null) {
      asked = prepare(statement);
      prepared.put(statement, asked);
    }
    asked.setLong(1, piece.seriesId());
    asked.setLong(2, piece.from());
    asked.setLong(3, piece.last());
    asked.setObject(4, piece.cut().isPresent() ? (Object) piece.cut().getAsLong() : null);
    return asked.executeQuery();
  }

  /** How many points of the piece stand. */
  long count(Piece piece) throws SQLException {
    try (ResultSet row = ask(ENDS, piece)) {
      return row.next() ? row.getLong("points") : 0;
    }
  }

  /** What the points of a line are ordered along. */
  Axis axis(Piece last) throws SQLException {
    try (ResultSet row = ask(POINT + " ORDER BY seq DESC LIMIT 1", last)) {
      if (row.next() && number(row, "step").isPresent()) {
        return Axis.STEP;
      }
      return real(row, "epoch").isPresent() ? Axis.EPOCH : Axis.SEQ;
    }
  }

  /** The parts of the pieces that a range holds. */
  List<Piece> within(List<Piece> pieces, Axis axis, Range range) throws SQLException {
    if (range.equals(Range.ALL)) {
      return pieces;
    }
    List<Piece> within = new ArrayList<>();
    for (Piece piece : pieces) {
      try (ResultSet row = ask(ENDS + in(axis), piece, range)) {
        if (row.next() && row.getLong("points") > 0) {
          within.add(
              piece.within(row.getLong("first"), row.getLong("last"), row.getLong("points")));
        }
      }
    }
    return within;
  }

  private static String in(Axis axis) {
    return switch (axis) {
      case STEP -> " AND step >= ?5 AND step <= ?6";
      case EPOCH -> " AND epoch >= ?5 AND epoch <= ?6";
      case SEQ -> " AND seq >= ?5 AND seq <= ?6";
    };
  }

  private ResultSet ask(String statement, Piece piece, Range range) throws SQLException {
    if (range.equals(Range.ALL)) {
      return ask(statement, piece);
    }
    PreparedStatement asked = prepared.get(statement);
    if (asked == null) {
      asked = prepare(statement);
      prepared.put(statement, asked);
    }
    asked.setDouble(5, range.from().orElse(Double.NEGATIVE_INFINITY));
    asked.setDouble(6, range.to().orElse(Double.POSITIVE_INFINITY));
    return ask(statement, piece);
  }

  /** Cuts a piece into equal parts of its seq numbers; parts without points are left out. */
  void addBuckets(Piece piece, Axis axis, Range range, int parts, List<Bucket> buckets)
      throws SQLException {
    String filter = range.equals(Range.ALL) ? "" : in(axis);
    if (piece.count() < (long) POINTS_PER_BUCKET * parts) {
      addByPoints(piece, filter, range, parts, buckets);
      return;
    }
    if (isPostgres) {
      addGrouped(piece, axis, range, parts, buckets);
      return;
    }
    double length = piece.last() + 1.0 - piece.from();
    long from = piece.from();
    for (long part = 1; part <= parts; part++) {
      // Rounding must not lead beyond the last seq, which may be the last number there is.
      long to =
          part == parts
              ? piece.last()
              : piece.from() + Math.min(Math.round(length * part / parts), (long) length) - 1;
      if (to >= from) {
        addBucket(piece.within(from, to, 0), filter, range, buckets);
        from = to + 1;
      }
    }
  }

  private void addGrouped(Piece piece, Axis axis, Range range, int parts, List<Bucket> buckets)
      throws SQLException {
    LineSums.forEach(
        connection,
        new PointSlice(
            piece.seriesId(), piece.from(), piece.last(), parts, piece.cut(), piece.isPlain()),
        axis.name().toLowerCase(Locale.ROOT),
        range.from().orElse(Double.NEGATIVE_INFINITY),
        range.to().orElse(Double.POSITIVE_INFINITY),
        row ->
            buckets.add(
                bucket(
                    row,
                    piece,
                    row.getLong("points"),
                    row.getLong("nans"),
                    value(row, "low"),
                    value(row, "high"))));
  }

  private void addBucket(Piece part, String filter, Range range, List<Bucket> buckets)
      throws SQLException {
    try (ResultSet sums = ask(SUMS + filter, part, range)) {
      long points = sums.next() ? sums.getLong("points") : 0;
      if (points == 0) {
        return;
      }
      long nans = points - sums.getLong("numbers");
      double low = value(sums, "low");
      double high = value(sums, "high");
      try (ResultSet last = ask(POINT + filter + " ORDER BY seq DESC LIMIT 1", part, range)) {
        if (last.next()) {
          buckets.add(bucket(last, part, points, nans, low, high));
        }
      }
    }
  }

  private void addByPoints(Piece piece, String filter, Range range, int parts, List<Bucket> buckets)
      throws SQLException {
    try (ResultSet row = ask(POINT + filter + " ORDER BY seq", piece, range)) {
      long read = 0;
      long points = 0;
      long nans = 0;
      double low = Double.NaN;
      double high = Double.NaN;
      while (row.next()) {
        double value = value(row, "value");
        read++;
        points++;
        if (Double.isNaN(value)) {
          nans++;
        } else {
          low = Double.isNaN(low) ? value : Math.min(low, value);
          high = Double.isNaN(high) ? value : Math.max(high, value);
        }
        boolean isLast = read * parts / piece.count() > (read - 1) * parts / piece.count();
        if (isLast || read == piece.count()) {
          buckets.add(bucket(row, piece, points, nans, low, high));
          points = 0;
          nans = 0;
          low = Double.NaN;
          high = Double.NaN;
        }
      }
    }
  }

  private static Bucket bucket(
      ResultSet last, Piece piece, long points, long nans, double low, double high)
      throws SQLException {
    long at = last.getLong("at_us");
    OptionalDouble elapsed = real(last, "elapsed_seconds");
    if (elapsed.isEmpty() && piece.startedMicros().isPresent()) {
      elapsed = OptionalDouble.of((at - (double) piece.startedMicros().getAsLong()) / 1e6);
    }
    return new Bucket(
        points,
        nans,
        low,
        high,
        value(last, "value"),
        number(last, "step"),
        real(last, "epoch"),
        at,
        elapsed);
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.close();
    }
  }
}
