package io.runledger.client;

import io.runledger.files.FullDisk;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.spool.LivingProcess;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.values.PlainValues;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events of one attempt: appends them to the spool or, when that fails, counts them so
 * that the run reports the loss; discards them when recording is disabled. Never throws.
 * Thread-safe.
 */
final class EventLog {

  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

  private final RunId run;
  private final long attempt;
  private final long writerId;
  private final SpoolWriter writer;
  private final Clock clock;
  private final boolean isRecorded;
  private final Map<Topics, Long> dropped = new EnumMap<>(Topics.class);
  private final AtomicBoolean told = new AtomicBoolean();
  private final AtomicBoolean restoreTold = new AtomicBoolean();
  private String dropReason = "";
  private volatile boolean hasDropped;

  EventLog(RunId run, long attempt, long writerId, SpoolWriter writer, Clock clock) {
    this(run, attempt, writerId, writer, clock, true);
  }

  private EventLog(
      RunId run, long attempt, long writerId, SpoolWriter writer, Clock clock, boolean isRecorded) {
    this.run = run;
    this.attempt = attempt;
    this.writerId = writerId;
    this.writer = writer;
    this.clock = clock;
    this.isRecorded = isRecorded;
  }

  /** An event log that discards everything and counts nothing as lost. */
  static EventLog ofNothing(RunId run, long attempt, Path spool, Clock clock) {
    SpoolWriter none = SpoolWriter.unusable(spool, new IOException("Recording is disabled."));
    return new EventLog(run, attempt, attempt, none, clock, false);
  }

  boolean isRecorded() {
    return isRecorded;
  }

  RunId run() {
    return run;
  }

  long attempt() {
    return attempt;
  }

  long writerId() {
    return writerId;
  }

  /** The writer, if this is its directory. */
  Optional<SpoolWriter> writerAt(Path directory) {
    return isRecorded && writer.directory().equals(directory)
        ? Optional.of(writer)
        : Optional.empty();
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** Appends an event of {@code runledger.runs}. */
  void append(SpecificRecord kind) {
    append(Topics.RUNS, envelope -> envelope.runEvent(kind));
  }

  void append(Topics topic, Function<Envelope, SpecificRecord> event) {
    if (!isRecorded) {
      return;
    }
    try {
      store(topic, event);
    } catch (IOException | RuntimeException | Error e) {
      drop(topic, e);
      return;
    }
    if (hasDropped) {
      reportDropped();
    }
  }

  private void store(Topics topic, Function<Envelope, SpecificRecord> event) throws IOException {
    writer.append(
        topic, seq -> event.apply(new Envelope(run.value(), attempt, writerId, seq, now())));
  }

  private void drop(Topics topic, Throwable e) {
    String reason =
        e instanceof IOException ? String.valueOf(e.getMessage()) : PlainValues.unreadable(e);
    count(topic, reason);
    if (told.compareAndSet(false, true)) {
      LOG.warn(
          "Events of run {} cannot be stored in {}: {} They are counted, and the training"
              + " continues.",
          run,
          writer.directory(),
          FullDisk.isNamedIn(reason) ? reason + ". " + FullDisk.REMEDY : reason);
    }
  }

  /** Counts an event of which nothing was recorded; the run will say so, with the last reason. */
  synchronized void count(Topics topic, String reason) {
    if (!isRecorded) {
      return;
    }
    dropped.merge(topic, 1L, Long::sum);
    dropReason = reason;
    hasDropped = true;
  }

  /** Reports in the run how many events were dropped, as soon as something can be stored again. */
  synchronized void reportDropped() {
    if (dropped.isEmpty()) {
      return;
    }
    try {
      for (Topics topic : Topics.values()) {
        Long count = dropped.get(topic);
        if (count != null) {
          EventsDropped event = new EventsDropped(topic.streamName(), count, dropReason);
          store(Topics.RUNS, envelope -> envelope.runEvent(event));
          dropped.remove(topic);
        }
      }
      hasDropped = false;
      told.set(false);
    } catch (IOException | RuntimeException | Error stillImpossible) {
      LOG.debug("The count of dropped events cannot be stored yet.", stillImpossible);
    }
  }

  void sync() throws IOException {
    writer.sync();
  }

  /** Notes the process whose end is the attempt's end, for senders on this machine. */
  void endsWith(long pid) {
    noted(
        () -> {
          Optional<LivingProcess> process = LivingProcess.of(run, attempt, pid);
          if (process.isPresent() && !writer.isClosed()) {
            process.get().write(writer.directory());
          }
        });
  }

  /** Removes the note: the end was reported, or must not be reported by others. */
  void endIsSaid() {
    noted(() -> LivingProcess.forget(writer.directory()));
  }

  private interface Noting {
    void run() throws IOException;
  }

  /** Without the note the end is not observed, which is the only consequence. */
  private void noted(Noting noting) {
    if (!isRecorded) {
      return;
    }
    try {
      noting.run();
    } catch (IOException | RuntimeException e) {
      LOG.debug(
          "Cannot update the note in {} that names the attempt's process.", writer.directory(), e);
    }
  }

  /** Restores spool files that somebody has removed; logs a warning when it cannot. */
  void restoreIfRemoved() {
    try {
      writer.restoreIfRemoved();
    } catch (IOException | RuntimeException e) {
      if (restoreTold.compareAndSet(false, true)) {
        LOG.warn(
            "Files of {} were removed and cannot be restored yet: {}",
            writer.directory(),
            e.toString());
      }
    }
  }

  boolean isClosed() {
    return writer.isClosed();
  }

  void close() throws IOException {
    restoreIfRemoved();
    reportDropped();
    writer.close();
  }
}
