package io.runledger.web.api;

import io.runledger.query.LedgerReader;
import io.runledger.query.series.Series;
import io.runledger.query.series.Series.Bucket;
import io.runledger.query.series.Series.Range;
import io.runledger.query.series.SeriesPosition;
import io.runledger.schemas.RunId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Long lines that were asked for lately, so that whoever asks next costs what is new alone. A
 * position tells whether anything changed before it, so no line is out of date. Thread-safe; those
 * who ask for the same line wait for the first of them.
 */
final class SeriesCache {

  /** With a hundred or two bytes each. */
  private static final int MOST_BUCKETS = 400_000;

  /** A shorter line is read as fast as its tail. */
  private static final int POINTS_PER_BUCKET = 4;

  private static final int LOCKS = 64;

  /** What is asked for. */
  record Key(RunId run, String metric, int width, Range range) {}

  private final Map<Key, Series> known = new LinkedHashMap<>(16, 0.75f, true);
  private final List<Object> locks =
      IntStream.range(0, LOCKS).mapToObj(lock -> new Object()).toList();
  private long buckets;

  /** The whole line; empty when the run has not logged the metric. */
  Optional<Series> whole(LedgerReader ledger, Key key) {
    synchronized (locks.get(Math.floorMod(key.hashCode(), LOCKS))) {
      Optional<Series> before = known(key);
      Optional<SeriesPosition> position = before.map(Series::position);
      Optional<Series> now = read(ledger, key, position);
      if (before.isPresent() && now.isPresent() && !now.get().isWhole()) {
        now = joined(before.get(), now.get());
        if (now.isEmpty() || now.get().buckets().size() > 2 * key.width()) {
          now = read(ledger, key, Optional.empty());
        }
      }
      now.ifPresent(series -> keep(key, series));
      return now;
    }
  }

  private static Optional<Series> read(
      LedgerReader ledger, Key key, Optional<SeriesPosition> after) {
    return ledger.series(key.run(), key.metric(), key.width(), key.range(), after);
  }

  /** Empty where the tail is drawn along something else. */
  private static Optional<Series> joined(Series before, Series tail) {
    if (tail.x() != before.x()) {
      return Optional.empty();
    }
    if (tail.position().equals(before.position())) {
      return Optional.of(before);
    }
    List<Bucket> all = new ArrayList<>(before.buckets());
    all.addAll(tail.buckets());
    List<Integer> seams = new ArrayList<>(before.seams());
    tail.seams().forEach(seam -> seams.add(before.buckets().size() + seam));
    return Optional.of(
        new Series(
            tail.x(),
            before.points() + tail.points(),
            List.copyOf(all),
            List.copyOf(seams),
            true,
            tail.position()));
  }

  private Optional<Series> known(Key key) {
    synchronized (known) {
      return Optional.ofNullable(known.get(key));
    }
  }

  private void keep(Key key, Series series) {
    if (series.points() < (long) POINTS_PER_BUCKET * key.width()) {
      return;
    }
    synchronized (known) {
      Series replaced = known.put(key, series);
      buckets += series.buckets().size() - (replaced == null ? 0 : replaced.buckets().size());
      var oldest = known.values().iterator();
      while (buckets > MOST_BUCKETS && known.size() > 1) {
        buckets -= oldest.next().buckets().size();
        oldest.remove();
      }
    }
  }
}
