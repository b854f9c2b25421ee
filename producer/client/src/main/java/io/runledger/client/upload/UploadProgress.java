package io.runledger.client.upload;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.files.HeldLocks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sends parts of a spool for one upload, and counts what became of them. Not thread-safe. */
final class UploadProgress {

  /** The server did not answer in time, or takes nothing, so that no further file is tried. */
  static final class UnansweredException extends Exception {
    private static final long serialVersionUID = 1L;

    UnansweredException(String file, String why) {
      super("%s and what follows it wait: %s".formatted(file, why));
    }
  }

  private final GatewayClient client;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final long endNanos;
  private final long othersUntilNanos;
  private final Set<String> problems = new LinkedHashSet<>();
  private Optional<String> trouble = Optional.empty();
  private long files;
  private long bytes;
  private long events;
  private long refusedLines;

  /**
   * The progress of an upload that has sent nothing yet.
   *
   * @param endNanos until when to try again, by {@link System#nanoTime}
   */
  UploadProgress(GatewayClient client, long endNanos) {
    this.client = client;
    this.endNanos = endNanos;
    long others = System.nanoTime() + SpoolDrain.OTHERS.toNanos();
    this.othersUntilNanos = others - endNanos < 0 ? others : endNanos;
  }

  /**
   * Takes the lock of a source, once the other sender that may have it is through.
   *
   * @return the lock; empty when the other one has it for long
   * @throws java.nio.file.NoSuchFileException when the source is gone
   */
  Optional<HeldLocks.Held> take(Path lock) throws IOException, InterruptedException {
    Optional<HeldLocks.Held> taken = HeldLocks.take(lock);
    while (taken.isEmpty() && othersUntilNanos - System.nanoTime() > 0) {
      Thread.sleep(LOOK_AGAIN.toMillis());
      taken = HeldLocks.take(lock);
    }
    return taken;
  }

  /** Sends some bytes of a file; returns what the server said of these. */
  GatewayClient.Answer send(String file, long position, byte[] some)
      throws UnansweredException, InterruptedException {
    try {
      GatewayClient.Answer answer = client.send(file, position, some, endNanos);
      if (answer.isToAll()) {
        throw new UnansweredException(file, answer.sentence());
      }
      if (answer.isTaken()) {
        JsonNode body = answer.body();
        bytes += body.path("bytes").asLong();
        events += body.path("events").asLong() + body.path("lines").asLong();
        refusedLines += body.path("refused").asLong();
      }
      return answer;
    } catch (IOException e) {
      throw new UnansweredException(file, e.getMessage());
    }
  }

  /** Counts a file of which something was sent, or all is there. */
  void fileIsThere() {
    files++;
  }

  /** Notes what has not arrived and is nobody's error, as a sentence. */
  void waits(String sentence) {
    problems.add(sentence);
  }

  /** Notes what does not arrive, as a sentence. */
  void fail(String sentence) {
    problems.add(sentence);
    trouble = trouble.or(() -> Optional.of(sentence));
  }

  UploadReport report() {
    return new UploadReport(files, bytes, events, refusedLines, List.copyOf(problems), trouble);
  }
}
