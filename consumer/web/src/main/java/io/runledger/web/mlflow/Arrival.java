package io.runledger.web.mlflow;

import io.runledger.query.LedgerReader;
import io.runledger.query.overview.StreamEnd;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted;
import io.runledger.web.door.Accepted.Mark;
import java.time.Duration;
import java.util.HashMap;
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

  /** As long as the last one did not arrive in time. */
  private static final Duration SHORT = Duration.ofMillis(50);

  private static final long LOOK_MS = 8;

  private final LedgerReader ledger;
  private final Accepted accepted;
  private final Duration patience;
  private volatile boolean isBehind;

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
    Map<RunId, List<Mark>> left = new HashMap<>(awaited);
    Duration most = isBehind ? SHORT : patience;
    long end = System.nanoTime() + most.toNanos();
    while (true) {
      for (Map.Entry<RunId, List<Mark>> one : List.copyOf(left.entrySet())) {
        if (isThere(one.getKey(), one.getValue())) {
          accepted.arrived(one.getKey(), one.getValue());
          left.remove(one.getKey());
          isBehind = false;
        } else if (System.nanoTime() >= end) {
          break;
        }
      }
      if (left.isEmpty()) {
        return true;
      }
      if (System.nanoTime() >= end) {
        isBehind = true;
        return false;
      }
      Thread.sleep(LOOK_MS);
    }
  }

  private boolean isThere(RunId run, List<Mark> marks) {
    List<StreamEnd> streams = ledger.streams(run);
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
