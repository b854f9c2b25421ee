package io.runledger.fold.apply;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.SeqRanges;
import io.runledger.fold.Series;
import io.runledger.fold.WithoutNul;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One stream in memory: its applied events and, in the topic of metrics, its series. Not
 * thread-safe.
 */
final class Stream {

  final StreamKey key;
  final long id;
  final boolean isNew;

  /** Whether its attempt is known to be stored, or to be stored with this batch. */
  boolean hasAttempt;

  final SeqRanges seen;
  final Map<String, Series> series = new HashMap<>();
  boolean seriesLoaded;

  /** What rules look for in its values; empty until they look. */
  Optional<WatchedValues> watched = Optional.empty();

  /** Step from which on the points of this attempt are superseded; null when none are. */
  Long cut;

  /** The names that were looked up last, and their series: most calls have the same names. */
  private List<String> lastNames = List.of();

  private Series[] lastSeries = {};
  private boolean changed;

  Stream(StreamKey key, long id, boolean isNew, SeqRanges seen) {
    this.key = key;
    this.id = id;
    this.isNew = isNew;
    this.seen = seen;
  }

  /** The series with these names, those that are new from {@code maker}. */
  Series[] seriesOf(List<String> names, Function<String, Series> maker) {
    if (names != lastNames) {
      Series[] found = new Series[names.size()];
      for (int i = 0; i < found.length; i++) {
        found[i] = series.computeIfAbsent(WithoutNul.of(names.get(i)), maker);
      }
      lastNames = names;
      lastSeries = found;
    }
    return lastSeries;
  }

  /** Makes room for the series as the store has them. */
  void forgetSeries() {
    series.clear();
    watched = Optional.empty();
    lastNames = List.of();
    lastSeries = new Series[0];
  }

  void markSeen(long first, long last) {
    seen.add(first, last);
    changed = true;
  }

  boolean isChanged() {
    return changed;
  }

  void markStored() {
    changed = false;
  }
}
