package io.runledger.fold;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Source;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;

/**
 * Tells what cannot be an event of ours before anything is written. What fails here fails always,
 * whatever else is in the database.
 */
public final class Validation {

  private Validation() {}

  /**
   * The identity of the event of a record.
   *
   * @throws PoisonException when the record contradicts itself
   */
  public static EventKey check(IncomingRecord incoming, SpecificRecord event) {
    EventKey key = identity(incoming.source(), event);
    checkKey(incoming.key(), new RunId(key.stream().runId()));
    if (event instanceof MetricsLogged metrics && metrics.getRows().isEmpty()) {
      throw new PoisonException("empty", "The metrics record has no rows.");
    }
    if (event instanceof MetricsLogged metrics
        && metrics.getFirstSeq() > Long.MAX_VALUE - metrics.getRows().size()) {
      throw new PoisonException("bad seq", "The sequence numbers of the rows exceed 2^63-1.");
    }
    if (event instanceof RunEvent run) {
      if (run.getEvent() instanceof RunStarted started) {
        checkStart(run.getRunId(), started);
      } else if (run.getEvent() instanceof RunStatusChanged change) {
        checkStatus(change);
      } else if (run.getEvent() instanceof EventsDropped dropped) {
        atLeast("count", dropped.getCount(), 0);
      }
    }
    return key;
  }

  /** The key says which partition a run's records go to, so one without it is as misplaced. */
  private static void checkKey(Optional<byte[]> key, RunId run) {
    Optional<String> found = key.map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    if (!found.equals(Optional.of(run.toString()))) {
      throw new PoisonException(
          "wrong key",
          "The record %s, but its event belongs to run %s."
              .formatted(found.map("has the key '%s'"::formatted).orElse("has no key"), run));
    }
  }

  private static EventKey identity(Source source, SpecificRecord event) {
    Topics topic = source.isFile() ? Topics.of(event) : topic(source);
    if (Topics.of(event) != topic) {
      throw new PoisonException(
          "wrong topic",
          "A %s does not belong in topic %s."
              .formatted(event.getSchema().getName(), source.topic()));
    }
    Envelope of = Envelope.of(event);
    atLeast("run_id", of.run(), 1);
    atLeast("attempt_id", of.attempt(), 1);
    atLeast("writer_id", of.writer(), 1);
    atLeast("seq", of.seq(), 0);
    return new EventKey(new StreamKey(of.run(), of.attempt(), of.writer(), topic), of.seq());
  }

  private static Topics topic(Source source) {
    return TopicNames.kindOf(source.topic())
        .orElseThrow(
            () ->
                new PoisonException(
                    "wrong topic", source.topic() + " is not a topic of this ledger."));
  }

  private static void atLeast(String what, long value, long lowest) {
    if (value < lowest) {
      throw new PoisonException(
          "bad " + what, "%s is %d; it must be at least %d.".formatted(what, value, lowest));
    }
  }

  private static void checkStart(long runId, RunStarted started) {
    StatusSource source = StatusSource.ofWord(started.getSource()).orElse(null);
    if (source != StatusSource.JOB && source != StatusSource.WRAPPER) {
      throw new PoisonException(
          "unknown source",
          "'%s' cannot start a run: only a job or a wrapper can.".formatted(started.getSource()));
    }
    if (started.getKey() == null && started.getInstanceId() == null) {
      // It takes part in an attempt whose name another start says.
      return;
    }
    RunId expected = expectedId(started);
    if (expected.value() != runId) {
      throw new PoisonException(
          "wrong run_id",
          "The run key is that of run %s, but the event says run %s."
              .formatted(expected, new RunId(runId)));
    }
  }

  private static RunId expectedId(RunStarted started) {
    RunKeyParts key = started.getKey();
    if (key != null && started.getInstanceId() != null) {
      throw new PoisonException(
          "no name", "A start has either a run key or an instance id, and not both.");
    }
    try {
      if (key != null) {
        return RunId.of(RunKey.of(key));
      }
      if (started.getProject() == null || started.getName() == null) {
        throw new PoisonException(
            "no name", "A run without a run key needs a project and a run name.");
      }
      return RunId.ofInstance(
          started.getProject(), started.getName(), UUID.fromString(started.getInstanceId()));
    } catch (IllegalArgumentException e) {
      throw new PoisonException("no name", String.valueOf(e.getMessage()));
    }
  }

  private static void checkStatus(RunStatusChanged change) {
    if (RunStatus.ofWord(change.getStatus()).isEmpty()) {
      throw new PoisonException(
          "unknown status",
          "'%s' is not a status; use pending, running, completed, failed or timeout."
              .formatted(change.getStatus()));
    }
    if (StatusSource.ofWord(change.getSource()).isEmpty()) {
      throw new PoisonException(
          "unknown source",
          "'%s' is not one of job, wrapper, scheduler, operator and observer."
              .formatted(change.getSource()));
    }
  }
}
