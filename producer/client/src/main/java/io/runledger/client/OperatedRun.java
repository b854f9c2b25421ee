package io.runledger.client;

import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunRestored;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.values.StoredText;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * A run as an operator sees it, possibly long after its job ended: each change is an event like any
 * other, appended to a spool and sent. Unlike those of a job, these calls throw when a change could
 * not be stored. Thread-safe.
 */
public final class OperatedRun implements AutoCloseable {

  private final RunId run;
  private final long attempt;
  private final long writerId;
  private final SpoolWriter writer;
  private final Instant now;

  OperatedRun(RunId run, long attempt, long writerId, SpoolWriter writer, Instant now) {
    this.run = run;
    this.attempt = attempt;
    this.writerId = writerId;
    this.writer = writer;
    this.now = now;
  }

  /** The id of the run. */
  public RunId runId() {
    return run;
  }

  /**
   * Hides the run; nothing of it is lost, and starting it again shows it again.
   *
   * @throws IOException when it could not be stored
   */
  public void delete(Optional<String> reason) throws IOException {
    append(new RunDeleted(reason.map(StoredText::of).orElse(null)));
  }

  /**
   * Shows the run again.
   *
   * @throws IOException when it could not be stored
   */
  public void restore(Optional<String> reason) throws IOException {
    append(new RunRestored(reason.map(StoredText::of).orElse(null)));
  }

  /**
   * Changes notes and tags.
   *
   * @param notes the new notes; empty leaves the old ones
   * @throws IOException when it could not be stored
   */
  public void annotate(Optional<String> notes, List<String> tagsAdded, List<String> tagsRemoved)
      throws IOException {
    append(
        new RunAnnotated(
            notes.map(StoredText::of).orElse(null),
            tagsAdded.stream().map(StoredText::of).toList(),
            tagsRemoved.stream().map(WellFormedText::of).toList(),
            null));
  }

  /**
   * Renames the run: changes the name that people read and find it by. Its id and key stay the
   * same.
   *
   * @throws IOException when it could not be stored
   * @throws IllegalArgumentException when the name is blank
   */
  public void rename(String name) throws IOException {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException("A name must not be empty.");
    }
    append(new RunAnnotated(null, List.of(), List.of(), StoredText.of(name)));
  }

  private void append(SpecificRecord word) throws IOException {
    writer.append(
        Topics.RUNS, seq -> new Envelope(run.value(), attempt, writerId, seq, now).runEvent(word));
  }

  /** Closes the files; the changes wait in them, or are sent by the tracker. */
  @Override
  public void close() throws IOException {
    writer.close();
  }
}
