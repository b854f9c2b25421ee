package io.runledger.query;

import io.runledger.query.connection.WatchingConnection;
import io.runledger.query.sql.columns.ChangeQueries;
import io.runledger.query.sql.columns.ChangeQueries.Stream;
import io.runledger.schemas.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Whether a ledger changes, and which of its runs do. It asks first whether anything was committed,
 * then looks at streams that are new or changed lately; all streams are looked at now and then, the
 * more seldom the more there are, because an old run may continue. Thread-safe.
 */
public final class LedgerWatch implements AutoCloseable {

  /** Between two looks at all streams, at least. */
  private static final Duration SWEEP = Duration.ofSeconds(5);

  /** Looks at all streams take at most this part of the time. */
  private static final int SWEEP_SHARE = 50;

  /** What runs when a watch begins is mostly among so many streams. */
  private static final long NEWEST = 500;

  /** Streams that changed within this time are likely to change again. */
  private static final Duration LATELY = Duration.ofMinutes(10);

  /**
   * What changed since the last look.
   *
   * @param runs the runs
   * @param isAll whether it may have been any run: the database is another one
   */
  public record Changes(Set<RunId> runs, boolean isAll) {

    /** Whether nothing did. */
    public boolean isEmpty() {
      return runs.isEmpty() && !isAll;
    }
  }

  private final WatchingConnection versions;
  private final WatchingConnection streams;
  private final Map<Long, Long> events = new HashMap<>();
  private final Map<Long, Long> changedNanos = new HashMap<>();
  private long version;
  private long seenDataVersion;
  private long seenGeneration;
  private long sweptGeneration;
  private long sweptNanos;
  private long sweepNanos;
  private long lastVersion;
  private long lastStream;

  LedgerWatch(WatchingConnection versions, WatchingConnection streams) {
    this.versions = versions;
    this.streams = streams;
  }

  /**
   * A number that grows when the ledger has changed, of this watch only: an answer that was read
   * after it was asked for holds as long as it stays.
   */
  public long version() {
    synchronized (versions) {
      long data = versions.version();
      if (data != seenDataVersion || versions.generations() != seenGeneration) {
        seenDataVersion = data;
        seenGeneration = versions.generations();
        version++;
      }
      return version;
    }
  }

  /** What changed since the last call; nothing at the first one. */
  public Changes changes() {
    long now = version();
    synchronized (streams) {
      // Of the last look before a quiet time, streams that were not looked at may have changed.
      boolean isSweepDue =
          System.nanoTime() - sweptNanos > Math.max(SWEEP.toNanos(), SWEEP_SHARE * sweepNanos);
      if (now == lastVersion && !isSweepDue) {
        return new Changes(Set.of(), false);
      }
      lastVersion = now;
      return streams.read(handle -> changes(handle, isSweepDue));
    }
  }

  private Changes changes(Handle handle, boolean isSweepDue) {
    if (streams.generations() != sweptGeneration) {
      boolean isFirst = sweptGeneration == 0;
      sweptGeneration = streams.generations();
      events.clear();
      changedNanos.clear();
      lastStream = 0;
      Set<RunId> known = new HashSet<>();
      sweep(handle, known);
      changedNanos.clear();
      long now = System.nanoTime();
      events.keySet().stream()
          .filter(stream -> stream > lastStream - NEWEST)
          .forEach(stream -> changedNanos.put(stream, now));
      return new Changes(Set.of(), !isFirst);
    }
    Set<RunId> runs = new HashSet<>();
    if (isSweepDue) {
      sweep(handle, runs);
    } else {
      long since = System.nanoTime() - LATELY.toNanos();
      changedNanos.values().removeIf(at -> at - since < 0);
      List<Stream> looked = new ArrayList<>(ChangeQueries.behind(handle, lastStream));
      looked.addAll(ChangeQueries.some(handle, changedNanos.keySet()));
      look(looked, runs);
    }
    return new Changes(Set.copyOf(runs), false);
  }

  private void sweep(Handle handle, Set<RunId> runs) {
    long begun = System.nanoTime();
    look(ChangeQueries.all(handle), runs);
    sweptNanos = System.nanoTime();
    sweepNanos = sweptNanos - begun;
  }

  private void look(List<Stream> looked, Set<RunId> runs) {
    for (Stream stream : looked) {
      Long before = events.put(stream.streamId(), stream.events());
      lastStream = Math.max(lastStream, stream.streamId());
      if (before == null || before != stream.events()) {
        changedNanos.put(stream.streamId(), System.nanoTime());
        runs.add(new RunId(stream.runId()));
      }
    }
  }

  @Override
  public void close() {
    synchronized (versions) {
      versions.close();
    }
    synchronized (streams) {
      streams.close();
    }
  }
}
