package io.runledger.projection.rows;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.SeqRanges;
import io.runledger.fold.Series;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Which events of each stream are in the database. Streams in use are kept in memory; what changed
 * is written by {@link #flush()}. Not thread-safe.
 */
final class Streams {

  /** Streams kept between batches: more than write at one time on one cluster. */
  private static final int KEPT = 4_096;

  /** Makes a series that nobody has seen before. */
  interface SeriesMaker {
    Series create(String name) throws SQLException;
  }

  /** One stream: its seen events and, in the topic of metrics, its series. */
  static final class Stream {
    final StreamKey key;
    final long id;
    final boolean isNew;

    /** Whether the database is known to have a row of its attempt. */
    boolean hasAttempt;

    final SeqRanges seen;
    final Map<String, Series> series = new HashMap<>();
    boolean seriesLoaded;

    /** The names that were looked up last, and their series: most calls have the same names. */
    private List<String> lastNames = List.of();

    private Series[] lastSeries = {};

    /** Step from which on the points of this attempt are superseded; null when none are. */
    Long cut;

    private boolean dirty;

    private Stream(StreamKey key, long id, boolean isNew, SeqRanges seen) {
      this.key = key;
      this.id = id;
      this.isNew = isNew;
      this.seen = seen;
    }

    /** The series with these names, those that are new from {@code maker}. */
    Series[] seriesOf(List<String> names, SeriesMaker maker) throws SQLException {
      if (names != lastNames) {
        Series[] found = new Series[names.size()];
        for (int i = 0; i < found.length; i++) {
          Series one = series.get(names.get(i));
          if (one == null) {
            one = maker.create(names.get(i));
            series.put(one.name, one);
          }
          found[i] = one;
        }
        lastNames = names;
        lastSeries = found;
      }
      return lastSeries;
    }

    /** Makes room for the series as the database has them. */
    void forgetSeries() {
      series.clear();
      lastNames = List.of();
      lastSeries = new Series[0];
    }

    void markSeen(long first, long last) {
      seen.add(first, last);
      dirty = true;
    }
  }

  private final Statements statements;
  private final LinkedHashMap<StreamKey, Stream> kept = new LinkedHashMap<>(64, 0.75f, true);
  private OptionalLong nextId = OptionalLong.empty();

  Streams(Statements statements) {
    this.statements = statements;
  }

  /** The stream, read from the database when it is not in memory. */
  Stream get(StreamKey key) throws SQLException {
    Stream stream = kept.get(key);
    if (stream == null) {
      stream = load(key);
      kept.put(key, stream);
    }
    return stream;
  }

  private Stream load(StreamKey key) throws SQLException {
    List<Stream> found = new ArrayList<>(1);
    statements.query(
        """
        SELECT stream_id, seen
          FROM event_streams
         WHERE run_id = ? AND attempt_id = ? AND writer_id = ? AND topic = ?
        """,
        row -> found.add(new Stream(key, row.getLong(1), false, SeqRanges.parse(row.getString(2)))),
        key.runId(),
        key.attemptId(),
        key.writerId(),
        key.topic().streamName());
    return found.isEmpty() ? new Stream(key, newId(), true, new SeqRanges()) : found.get(0);
  }

  private long newId() throws SQLException {
    if (nextId.isEmpty()) {
      statements.query(
          "SELECT ifnull(max(stream_id), 0) + 1 FROM event_streams",
          row -> nextId = OptionalLong.of(row.getLong(1)));
    }
    long id = nextId.getAsLong();
    nextId = OptionalLong.of(id + 1);
    return id;
  }

  /** Writes what changed, and forgets the streams that were not used for longest. */
  void flush() throws SQLException {
    for (Stream stream : kept.values()) {
      if (stream.dirty) {
        statements.update(
            """
            INSERT INTO event_streams (stream_id, run_id, attempt_id, writer_id, topic, seen, events, last_seq)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (stream_id) DO UPDATE
               SET seen = excluded.seen, events = excluded.events, last_seq = excluded.last_seq
            """,
            stream.id,
            stream.key.runId(),
            stream.key.attemptId(),
            stream.key.writerId(),
            stream.key.topic().streamName(),
            stream.seen.toString(),
            stream.seen.size(),
            stream.seen.last());
        stream.dirty = false;
      }
    }
    var oldest = kept.entrySet().iterator();
    while (kept.size() > KEPT) {
      oldest.next();
      oldest.remove();
    }
  }

  /** Has the series of an attempt be read again, because they were changed in the database. */
  void reloadSeries(long runId, long attemptId) {
    for (Stream stream : kept.values()) {
      if (stream.key.runId() == runId && stream.key.attemptId() == attemptId) {
        stream.seriesLoaded = false;
      }
    }
  }

  /** Forgets what is in memory, because the database went back to an earlier state. */
  void forget() {
    kept.clear();
    nextId = OptionalLong.empty();
  }
}
