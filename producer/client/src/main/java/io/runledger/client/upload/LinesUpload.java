package io.runledger.client.upload;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.client.upload.SpoolUpload.Limits;
import io.runledger.client.upload.UploadProgress.UnansweredException;
import io.runledger.config.Printable;
import io.runledger.files.HeldLocks;
import io.runledger.spool.AcknowledgedOffset;
import io.runledger.spool.LineReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.LineHolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Sends the whole lines of a file that may still grow, from where the server has them. Not
 * thread-safe.
 */
final class LinesUpload {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Bytes of the first line that are looked at: it has the configuration of its run. */
  private static final int FIRST_LINE = 64 << 10;

  /** The line that ends a file has a time, and nothing else. */
  private static final int LAST_LINE = 1 << 10;

  private final Path path;
  private final String name;
  private final AcknowledgedOffset note;
  private final boolean keeps;
  private final Limits limits;
  private final UploadProgress progress;

  /**
   * The upload of a file.
   *
   * @param keeps whether it stays where it is when all of it has arrived
   */
  LinesUpload(Path path, boolean keeps, Limits limits, UploadProgress progress) {
    this.path = path;
    this.name = path.getFileName().toString();
    this.note = new AcknowledgedOffset(SpoolDirectory.uploadNoteOf(path));
    this.keeps = keeps;
    this.limits = limits;
    this.progress = progress;
  }

  /** Sends what has come since, and removes the file when all has arrived and nothing follows. */
  void run() throws IOException, InterruptedException, UnansweredException {
    Optional<HeldLocks.Held> lock = progress.take(SpoolDirectory.lockOf(path));
    if (lock.isEmpty()) {
      progress.waits(name + " waits: another sender serves it.");
      return;
    }
    boolean isDone;
    HeldLocks.Held held = lock.get();
    try (held;
        LineReader reader = LineReader.open(path, limits.longestLine())) {
      isDone = hasArrived(reader) && !keeps;
      if (isDone) {
        Files.deleteIfExists(path);
        Files.deleteIfExists(note.note());
        Files.deleteIfExists(SpoolDirectory.noteOf(path));
        Files.deleteIfExists(SpoolDirectory.copyMarkOf(path));
      }
    } catch (NoSuchFileException sentMeanwhile) {
      isDone = true;
    }
    if (isDone) {
      Files.deleteIfExists(SpoolDirectory.lockOf(path));
    }
  }

  /** Whether all has, and the last line says that nothing follows. */
  private boolean hasArrived(LineReader reader)
      throws IOException, InterruptedException, UnansweredException {
    OptionalLong sent = send(reader);
    if (sent.isPresent() && !isWhole(reader, sent.getAsLong()) && end(reader, sent.getAsLong())) {
      sent = send(reader);
    }
    if (sent.isPresent() && sent.getAsLong() < reader.size()) {
      progress.waits(name + " ends in half a line, which waits.");
    }
    return sent.isPresent() && isWhole(reader, sent.getAsLong());
  }

  private static boolean isWhole(LineReader reader, long sent) throws IOException {
    return sent == reader.size() && isEnded(reader);
  }

  private static boolean isEnded(LineReader reader) throws IOException {
    long from = Math.max(0, reader.size() - LAST_LINE);
    String last = new String(reader.bytesAt(from, LAST_LINE), StandardCharsets.UTF_8).strip();
    try {
      return JSON.readTree(last.substring(last.lastIndexOf('\n') + 1)).path("end").asBoolean();
    } catch (IOException notALine) {
      return false;
    }
  }

  /** Ends the file of a process that is gone, as a sender to a broker does; whether it did. */
  private boolean end(LineReader reader, long whole) throws IOException {
    return LineHolder.of(reader.bytesAt(0, FIRST_LINE)).endIfGone(path, reader, whole);
  }

  /** Sends the whole lines; returns where they end, or nothing where they have not all arrived. */
  private OptionalLong send(LineReader reader)
      throws IOException, InterruptedException, UnansweredException {
    long position = Math.min(note.read(), reader.size());
    boolean isCorrected = false;
    byte[] some = together(reader, position);
    while (some.length > 0) {
      GatewayClient.Answer answer = progress.send(name, position, some);
      if (answer.status() == 409 && answer.body().has("position") && !isCorrected) {
        // It has less than was noted, because what it had is delivered and removed there.
        isCorrected = true;
        position = Math.min(answer.body().path("position").asLong(), position);
      } else if (!answer.isTaken()) {
        progress.fail("%s was refused: %s".formatted(name, answer.sentence()));
        return OptionalLong.empty();
      } else {
        position += some.length;
        tell(answer);
        note.write(position);
      }
      some = together(reader, position);
    }
    progress.fileIsThere();
    if (position < reader.size() && reader.longLine(position).isPresent()) {
      progress.fail(
          "%s waits at byte %,d: a line of more than %,d bytes is too long to be sent so."
              .formatted(name, position, limits.longestLine()));
      return OptionalLong.empty();
    }
    return OptionalLong.of(position);
  }

  private void tell(GatewayClient.Answer answer) {
    answer
        .body()
        .path("reasons")
        .forEach(
            reason ->
                progress.waits(
                    "%s:%d goes to the dead letters: %s"
                        .formatted(
                            name,
                            reason.path("line").asLong(),
                            Printable.line(reason.path("why").asText()))));
  }

  private byte[] together(LineReader reader, long from) throws IOException {
    ByteArrayOutputStream some = new ByteArrayOutputStream();
    byte[] lines = reader.wholeLines(from, limits.longestLine());
    while (lines.length > 0) {
      some.writeBytes(lines);
      lines =
          some.size() >= limits.together()
              ? new byte[0]
              : reader.wholeLines(from + some.size(), limits.together());
    }
    return some.toByteArray();
  }
}
