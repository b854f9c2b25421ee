package io.runledger.client.upload;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
  private final long endNanos;
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
