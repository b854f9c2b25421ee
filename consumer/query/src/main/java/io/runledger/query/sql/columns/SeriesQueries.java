package io.runledger.query.sql.columns;

import io.runledger.query.dialect.Store;
import io.runledger.query.series.Series;
import io.runledger.query.series.Series.Axis;
import io.runledger.query.series.Series.Bucket;
import io.runledger.query.series.Series.Range;
import io.runledger.query.series.SeriesPosition;
import io.runledger.query.sql.Stretch;
import io.runledger.schemas.RunId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** Lines to draw: what one writer of an attempt logged of a metric is a piece of the line. */
public final class SeriesQueries {

  /**
   * A piece.
   *
   * @param count how many of its points stand
   * @param from the first seq that is meant
   * @param last the last seq that there is
   * @param cut from which step on a later attempt's points stand for these
   */
  record Piece(
      long seriesId,
      long attemptId,
      long writerId,
      long count,
      long from,
      long last,
      OptionalLong cut,
      OptionalLong startedMicros,
      boolean isPlain) {

    static Piece of(Stretch stretch) {
      return new Piece(
          stretch.seriesId(),
          stretch.attemptId(),
          stretch.writerId(),
          stretch.count(),
          stretch.firstSeq(),
          stretch.lastSeq(),
          stretch.whole() ? OptionalLong.empty() : stretch.cut(),
          stretch.startedMicros(),
          stretch.isPlain());
    }

    Piece behind(long seq, long left) {
      return new Piece(
          seriesId,
          attemptId,
          writerId,
          left,
          Math.max(from, seq + 1),
          last,
          cut,
          startedMicros,
          isPlain);
    }

    Piece within(long first, long lastSeq, long left) {
      return new Piece(
          seriesId, attemptId, writerId, left, first, lastSeq, cut, startedMicros, isPlain);
    }
  }

  private SeriesQueries() {}

  /**
   * The line; empty when the run has not logged the metric.
   *
   * @param after what the asker has of it
   */
  public static Optional<Series> of(
      Handle handle,
      RunId run,
      String metric,
      int width,
      Range range,
      Optional<SeriesPosition> after)
      throws SQLException {
    List<Piece> pieces = Stretch.of(handle, run, metric).stream().map(Piece::of).toList();
    if (pieces.isEmpty()) {
      return Optional.empty();
    }
    SeriesPosition position = position(run, metric, pieces);
    try (PieceReader reader =
        new PieceReader(handle.getConnection(), Store.of(handle).isPostgres())) {
      Axis axis = reader.axis(pieces.get(pieces.size() - 1));
      Optional<List<Piece>> tail =
          after.isPresent() ? tail(reader, pieces, after.get()) : Optional.empty();
      List<Piece> wanted = reader.within(tail.orElse(pieces), axis, range);
      List<Bucket> buckets = new ArrayList<>();
      List<Integer> seams = new ArrayList<>();
      long points = wanted.stream().mapToLong(Piece::count).sum();
      long before = 0;
      long attempt = attemptBefore(pieces, tail, after);
      for (Piece piece : wanted) {
        if (piece.attemptId() != attempt && (attempt != 0 || !buckets.isEmpty())) {
          seams.add(buckets.size());
        }
        attempt = piece.attemptId();
        long first = share(before, points, width);
        before += piece.count();
        long parts = Math.max(1, share(before, points, width) - first);
        reader.addBuckets(piece, axis, range, (int) Math.min(parts, piece.count()), buckets);
      }
      return Optional.of(
          new Series(
              axis,
              buckets.stream().mapToLong(Bucket::points).sum(),
              List.copyOf(buckets),
              seams.stream().filter(seam -> seam < buckets.size()).toList(),
              tail.isEmpty(),
              position));
    }
  }

  private static long attemptBefore(
      List<Piece> pieces, Optional<List<Piece>> tail, Optional<SeriesPosition> after) {
    return tail.isPresent() && after.isPresent() && !pieces.isEmpty() ? after.get().attemptId() : 0;
  }

  /** In floating point: the product of two large counts has no place in a long. */
  private static long share(long part, long whole, int width) {
    return whole == 0 ? 0 : (long) ((double) part / whole * width);
  }

  private static SeriesPosition position(RunId run, String metric, List<Piece> pieces) {
    Piece last = pieces.get(pieces.size() - 1);
    long all = pieces.stream().mapToLong(Piece::count).sum();
    return new SeriesPosition(
        run,
        metric,
        all - last.count(),
        last.attemptId(),
        last.writerId(),
        last.count(),
        last.last());
  }

  /** The pieces behind a position; empty when something changed before it. */
  private static Optional<List<Piece>> tail(
      PieceReader reader, List<Piece> pieces, SeriesPosition after) throws SQLException {
    long before = 0;
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      if (piece.attemptId() == after.attemptId() && piece.writerId() == after.writerId()) {
        long behind = reader.count(piece.behind(after.lastSeq(), 0));
        if (before != after.before() || piece.count() - behind != after.count()) {
          return Optional.empty();
        }
        List<Piece> tail = new ArrayList<>();
        if (behind > 0) {
          tail.add(piece.behind(after.lastSeq(), behind));
        }
        tail.addAll(pieces.subList(i + 1, pieces.size()));
        return Optional.of(tail);
      }
      before += piece.count();
    }
    return Optional.empty();
  }
}
