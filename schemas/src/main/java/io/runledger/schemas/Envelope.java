package io.runledger.schemas;

import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.SlurmJobObserved;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * What every event carries: whose it is, its number in its stream, and when it was. Together with
 * the topic, run to seq are the event's identity.
 *
 * @param run id of the run, positive
 * @param attempt id of the attempt, positive
 * @param writer id of the writer, positive
 * @param seq number in the writer's stream, from 0; of a record of metrics, that of its first row
 * @param at the clock of who logged it, to the microsecond; of a record of metrics, that of its
 *     first row
 */
public record Envelope(long run, long attempt, long writer, long seq, Instant at) {

  /**
   * What an event carries, unchecked: ids may be out of range, and a record of metrics without
   * rows, which is not valid, was at 1970.
   *
   * @throws IllegalArgumentException when the record is not an event
   */
  public static Envelope of(SpecificRecord event) {
    if (event instanceof MetricsLogged e) {
      Instant at = e.getRows().isEmpty() ? Instant.EPOCH : e.getRows().get(0).getAt();
      return new Envelope(e.getRunId(), e.getAttemptId(), e.getWriterId(), e.getFirstSeq(), at);
    }
    if (event instanceof RunEvent e) {
      return new Envelope(e.getRunId(), e.getAttemptId(), e.getWriterId(), e.getSeq(), e.getAt());
    }
    if (event instanceof ErrorLogged e) {
      return new Envelope(e.getRunId(), e.getAttemptId(), e.getWriterId(), e.getSeq(), e.getAt());
    }
    if (event instanceof SlurmJobObserved e) {
      return new Envelope(e.getRunId(), e.getAttemptId(), e.getWriterId(), e.getSeq(), e.getAt());
    }
    throw new IllegalArgumentException("A %s is not an event.".formatted(event.getSchema()));
  }

  /** An event of {@code runledger.runs}. */
  public RunEvent runEvent(SpecificRecord kind) {
    return new RunEvent(run, attempt, writer, seq, at, kind);
  }

  /** Consecutive log calls, of which the first has this envelope. */
  public MetricsLogged metrics(List<MetricRow> rows) {
    return new MetricsLogged(run, attempt, writer, seq, rows);
  }

  /** An event of {@code runledger.errors}. */
  public ErrorLogged error(ErrorLogged.Builder error) {
    return error
        .setRunId(run)
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(at)
        .build();
  }

  /** An event of {@code runledger.slurm}. */
  public SlurmJobObserved observed(SlurmJobObserved.Builder job) {
    return job.setRunId(run)
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(at)
        .build();
  }
}
