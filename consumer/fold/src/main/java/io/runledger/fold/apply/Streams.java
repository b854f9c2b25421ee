package io.runledger.fold.apply;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.SeqRanges;
import io.runledger.fold.store.MetricStore;
import java.util.LinkedHashMap;
import java.util.Set;

/**
 * Which events of each stream were applied. Streams in use are kept in memory; what changed is
 * written by {@link #flush()}. Not thread-safe.
 */
final class Streams {

  /** Streams kept between batches: more than write at one time on one cluster. */
  private static final int KEPT = 4_096;

  private final MetricStore store;
  private final LinkedHashMap<StreamKey, Stream> kept = new LinkedHashMap<>(64, 0.75f, true);

  Streams(MetricStore store) {
    this.store = store;
  }

  /** The stream, read from the store when it is not in memory. */
  Stream get(StreamKey key) {
    Stream stream = kept.get(key);
    if (stream == null) {
      stream = load(key);
      kept.put(key, stream);
    }
    return stream;
  }

  private Stream load(StreamKey key) {
    return store.stream(key)
        .map(stored -> new Stream(key, stored.id(), false, stored.seen()))
        .orElseGet(() -> new Stream(key, store.newStreamId(), true, new SeqRanges()));
  }

  /** Writes what changed, and forgets the streams that were not used for longest. */
  void flush() {
    for (Stream stream : kept.values()) {
      if (stream.isChanged()) {
        store.putStream(stream.key, stream.id, stream.seen);
        stream.markStored();
      }
    }
    var oldest = kept.entrySet().iterator();
    while (kept.size() > KEPT) {
      oldest.next();
      oldest.remove();
    }
  }

  /** Has the series of an attempt be read again, because they were changed in the store. */
  void reloadSeries(long runId, long attemptId) {
    for (Stream stream : kept.values()) {
      if (stream.key.runId() == runId && stream.key.attemptId() == attemptId) {
        stream.seriesLoaded = false;
      }
    }
  }

  /** Forgets the streams of some runs, between two batches. */
  void forget(Set<Long> runs) {
    kept.keySet().removeIf(key -> runs.contains(key.runId()));
  }

  /** Forgets what is in memory, because the store went back to an earlier state. */
  void forget() {
    kept.clear();
  }
}
