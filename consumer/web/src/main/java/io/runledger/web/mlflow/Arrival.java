package io.runledger.web.mlflow;

import io.runledger.query.LedgerReader;
import io.runledger.query.overview.StreamEnd;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted;
import io.runledger.web.door.Accepted.Mark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Waits until the ledger has what was accepted: a client that was told that something is stored
 * reads it at once. Not for long, and hardly at all while nothing arrives, because the broker may
 * be away for hours and a training asks on its way. Thread-safe.
 */
final class Arrival {

  /** Events that arrive at all are there within a second. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  /** As long as what did not arrive in time has not arrived since. */
  private static final Duration SHORT = Duration.ofMillis(50);

  private static final long LOOK_MS = 8;

  /**
   * Runs that are looked up in one question; what is said of them was accepted about as long ago.
   */
  private static final int TOGETHER = 1_000;

  private final LedgerReader ledger;
  private final Accepted accepted;
  private final Duration patience;

  /** What did not arrive in time, of one run. */
  private volatile Map<RunId, List<Mark>> missing = Map.of();

  Arrival(LedgerReader ledger, Accepted accepted) {
    this(ledger, accepted, PATIENCE);
  }

  Arrival(LedgerReader ledger, Accepted accepted, Duration patience) {
    this.ledger = ledger;
    this.accepted = accepted;
    this.patience = patience;
  }

  /** Whether the ledger has all that was accepted of a run before this was called. */
  boolean of(RunId run) throws InterruptedException {
    List<Mark> marks = accepted.awaited(run);
    return marks.isEmpty() || of(Map.of(run, marks));
  }

  /** The same of all runs. */
  boolean ofAll() throws InterruptedException {
    return of(accepted.awaited());
  }

  private boolean of(Map<RunId, List<Mark>> awaited) throws InterruptedException {
    List<RunId> left = new ArrayList<>(awaited.keySet());
    if (missing.entrySet().stream().allMatch(one -> isThere(one.getKey(), one.getValue()))) {
      missing = Map.of();
    }
    Duration most = missing.isEmpty() ? patience : SHORT;
    long end = System.nanoTime() + most.toNanos();
    while (!left.isEmpty()) {
      // Where some of the first have not come, those behind them are not worth a question.
      List<RunId> first = left.subList(0, Math.min(TOGETHER, left.size()));
      Map<RunId, List<StreamEnd>> streams = ledger.streams(first);
      boolean isAnyThere =
          first.removeIf(
              run -> isThere(run, streams.getOrDefault(run, List.of()), awaited.get(run)));
      if (isAnyThere) {
        missing = Map.of();
      }
      if (first.isEmpty()) {
        continue;
      }
      if (System.nanoTime() >= end) {
        missing = Map.of(first.get(0), awaited.get(first.get(0)));
        return false;
      }
      Thread.sleep(LOOK_MS);
    }
    return true;
  }

  private boolean isThere(RunId run, List<Mark> marks) {
    return hasAll(ledger.streams(List.of(run)).getOrDefault(run, List.of()), marks);
  }

  private boolean isThere(RunId run, List<StreamEnd> streams, List<Mark> marks) {
    boolean isThere = hasAll(streams, marks);
    if (isThere) {
      accepted.arrived(run, marks);
    }
    return isThere;
  }

  private static boolean hasAll(List<StreamEnd> streams, List<Mark> marks) {
    return marks.stream()
        .allMatch(
            mark ->
                streams.stream()
                    .anyMatch(
                        stream ->
                            stream.attemptId() == mark.attempt()
                                && stream.writerId() == mark.writer()
                                && stream.topic().equals(mark.topic())
                                && stream.has(mark.seq())));
  }
}
