package io.runledger.spool;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.values.JobEnvironment;
import io.runledger.spool.values.StoredText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Reports processes of this machine that are gone without having reported an end: an observation,
 * which counts only where no better source has said how the run ended. There is no exit code:
 * nobody saw one.
 */
public final class Observer {

  private static final long SEGMENT_BYTES = 1 << 20;
  private static final int RECORD_BYTES = 1 << 16;
  private static final TimeOrderedId IDS = new TimeOrderedId(Clock.systemUTC());

  private Observer() {}

  static RunStatusChanged gone(long pid) {
    return RunStatusChanged.newBuilder()
        .setStatus(RunStatus.FAILED.word())
        .setReason(reason(pid))
        .setSource(StatusSource.OBSERVER.word())
        .build();
  }

  public static String reason(long pid) {
    return "process %d%s is gone, and no end was reported"
        .formatted(
            pid,
            JobEnvironment.host(System.getenv())
                .map(host -> " of " + StoredText.of(host))
                .orElse(""));
  }

  /** The observation as the two lines that end the file of a process which wrote lines itself. */
  public static String line(long pid) {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    RunStatusChanged gone = gone(pid);
    said.put("at", Clock.systemUTC().instant().truncatedTo(ChronoUnit.MICROS).toString());
    said.put("status", gone.getStatus());
    said.put("source", gone.getSource());
    said.put("reason", gone.getReason());
    return said + "\n{\"end\":true}\n";
  }

  /** What is known of the process whose end is the end of a writer's attempt. */
  public enum Sight {
    /** It reported its end, or runs on another machine, or its end is in the spool now. */
    NOTHING_TO_SEE,
    ALIVE,
    /** It was found gone just now, and that was stored in the spool, as a separate writer. */
    REPORTED_GONE
  }

  /** Whether the process of a writer's directory can be looked for from here. */
  public static boolean isObservable(Path writer) throws IOException {
    return LivingProcess.read(writer).filter(LivingProcess::isOfHere).isPresent();
  }

  /** Looks for the process of a writer's directory; to be called by whoever serves that. */
  public static Sight look(Path writer) throws IOException {
    Optional<LivingProcess> process = LivingProcess.read(writer);
    if (process.isEmpty() || !process.get().isOfHere()) {
      return Sight.NOTHING_TO_SEE;
    }
    if (!process.get().isGone()) {
      return Sight.ALIVE;
    }
    announce(writer.getParent(), process.get());
    LivingProcess.forget(writer);
    return Sight.REPORTED_GONE;
  }

  /** Stores the observation in the spool, as a separate writer. */
  public static void announce(Path spool, LivingProcess process) throws IOException {
    long writerId = IDS.next();
    try (SpoolWriter writer =
        SpoolWriter.create(spool, writerId, SEGMENT_BYTES, SEGMENT_BYTES, RECORD_BYTES)) {
      writer.append(
          Topics.RUNS,
          seq ->
              new Envelope(
                      process.run().value(),
                      process.attempt(),
                      writerId,
                      seq,
                      Clock.systemUTC().instant().truncatedTo(ChronoUnit.MICROS))
                  .runEvent(gone(process.pid())));
    }
  }
}
