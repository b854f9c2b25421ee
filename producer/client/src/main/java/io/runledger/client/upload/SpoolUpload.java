package io.runledger.client.upload;

import io.runledger.config.Printable;
import io.runledger.files.HeldLocks;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Topics;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.LineReader;
import io.runledger.spool.Observer;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sends a spool to a server that takes events over HTTPS, file by file. Names and places are the
 * identity of events, so sending twice changes nothing. What the server has stored is removed as a
 * sender to a broker would remove it.
 */
public final class SpoolUpload {

  /** Lines that are sent together; about a tenth of it compressed. */
  private static final int TOGETHER = 4 << 20;

  /** The server takes no longer line either. */
  private static final int LONGEST_LINE = 32 << 20;

  private static final long LARGEST_SEGMENT = 60L << 20;
  private static final byte[] END = "{\"end\":true}\n".getBytes(StandardCharsets.US_ASCII);

  private final Path spool;
  private final GatewayClient client;
  private final boolean keeps;
  private final Set<String> problems = new LinkedHashSet<>();
  private long files;
  private long bytes;
  private long refusedLines;

  private SpoolUpload(Path spool, GatewayClient client) {
    this.spool = spool;
    this.client = client;
    this.keeps = FollowedSpool.keeps(spool);
  }

  /**
   * Sends all there is now.
   *
   * @param server its address, such as {@code https://ledger.example.org/}
   * @param token what it demands; empty where it demands nothing
   * @param atMost how long to try
   * @throws IllegalArgumentException when the address cannot be used
   * @throws IOException when the spool cannot be read
   */
  public static UploadReport send(Path spool, URI server, Optional<String> token, Duration atMost)
      throws IOException, InterruptedException {
    SpoolUpload upload = new SpoolUpload(spool, new GatewayClient(server, token, atMost));
    upload.run();
    return new UploadReport(
        upload.files, upload.bytes, upload.refusedLines, List.copyOf(upload.problems));
  }

  private void run() throws IOException, InterruptedException {
    try {
      for (Path writer : SpoolDirectory.writers(spool)) {
        writer(writer);
      }
      // What was observed of processes that are gone is in writers of its own.
      for (Path writer : SpoolDirectory.writers(spool)) {
        writer(writer);
      }
      for (Path lines : SpoolDirectory.jsonLines(spool)) {
        lines(lines);
      }
    } catch (UnansweredException e) {
      problems.add(e.getMessage());
    }
  }

  /** The server did not answer in time, so that no further file is tried. */
  private static final class UnansweredException extends Exception {
    private static final long serialVersionUID = 1L;

    UnansweredException(String message) {
      super(message);
    }
  }

  private GatewayClient.Answer send(String file, long position, byte[] some)
      throws UnansweredException, InterruptedException {
    try {
      return client.send(file, position, some);
    } catch (IOException e) {
      throw new UnansweredException(
          "%s and what follows it wait: %s".formatted(file, e.getMessage()));
    }
  }

  private void writer(Path directory)
      throws IOException, InterruptedException, UnansweredException {
    String name = directory.getFileName().toString();
    Optional<HeldLocks.Held> lock;
    try {
      lock = HeldLocks.take(directory.resolve(SpoolDirectory.SENDER_LOCK));
    } catch (NoSuchFileException sentMeanwhile) {
      return;
    }
    if (lock.isEmpty()) {
      problems.add(name + " waits: another sender serves it.");
      return;
    }
    boolean isDone = false;
    HeldLocks.Held held = lock.get();
    try (held) {
      isDone = hasArrived(directory, name) && !keeps;
      if (isDone) {
        for (String left : List.of("acknowledged", "process", "reserve", SpoolWriter.LOCK_FILE)) {
          Files.deleteIfExists(directory.resolve(left));
        }
      }
    }
    if (isDone) {
      Files.deleteIfExists(directory.resolve(SpoolDirectory.SENDER_LOCK));
      remove(directory, name);
    }
  }

  private void remove(Path directory, String name) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      problems.add(name + " has files that are not of the spool, and is left.");
    }
  }

  private boolean hasArrived(Path directory, String name)
      throws IOException, InterruptedException, UnansweredException {
    if (isBeingWritten(directory)) {
      problems.add(name + " waits: its process is still writing; send it when that has ended.");
      return false;
    }
    if (!keeps && Observer.look(directory) == Observer.Sight.ALIVE) {
      problems.add(name + " waits: the process that it is of is still alive.");
      return false;
    }
    return segments(directory, name);
  }

  private static boolean isBeingWritten(Path directory) throws IOException {
    try {
      return HeldLocks.isHeld(directory.resolve(SpoolWriter.LOCK_FILE));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Whether all have arrived. */
  private boolean segments(Path directory, String name)
      throws IOException, InterruptedException, UnansweredException {
    boolean hasAll = true;
    for (Topics topic : Topics.values()) {
      for (Path segment : SpoolDirectory.segments(directory, topic).values()) {
        String file = name + "/" + segment.getFileName();
        if (Files.size(segment) > LARGEST_SEGMENT) {
          problems.add(file + " is too large to be sent over HTTP; send it to a broker.");
          hasAll = false;
          continue;
        }
        GatewayClient.Answer answer = send(file, 0, Files.readAllBytes(segment));
        if (!answer.isTaken()) {
          problems.add("%s was refused: %s".formatted(file, answer.sentence()));
          hasAll = false;
          continue;
        }
        files++;
        bytes += answer.body().path("bytes").asLong();
        if (answer.body().path("damaged_bytes").asLong() > 0) {
          problems.add(
              "%s arrived with %,d bytes that are no events, and is left."
                  .formatted(file, answer.body().path("damaged_bytes").asLong()));
          hasAll = false;
        } else if (!keeps) {
          Files.deleteIfExists(segment);
        }
      }
    }
    return hasAll;
  }

  private void lines(Path path) throws IOException, InterruptedException, UnansweredException {
    String name = path.getFileName().toString();
    Optional<HeldLocks.Held> lock = HeldLocks.take(SpoolDirectory.lockOf(path));
    if (lock.isEmpty()) {
      problems.add(name + " waits: another sender serves it.");
      return;
    }
    boolean isDone = false;
    HeldLocks.Held held = lock.get();
    try (held;
        LineReader reader = LineReader.open(path, LONGEST_LINE)) {
      Path note = path.resolveSibling("." + name + ".uploaded");
      isDone = lines(name, reader, note) && !keeps && endsWithEnd(reader);
      if (isDone) {
        Files.deleteIfExists(path);
        Files.deleteIfExists(note);
        Files.deleteIfExists(SpoolDirectory.noteOf(path));
      }
    } catch (NoSuchFileException sentMeanwhile) {
      isDone = true;
    }
    if (isDone) {
      Files.deleteIfExists(SpoolDirectory.lockOf(path));
    }
  }

  private static boolean endsWithEnd(LineReader reader) throws IOException {
    long from = reader.size() - END.length;
    return from >= 0 && Arrays.equals(reader.bytesAt(from, END.length), END);
  }

  private boolean lines(String name, LineReader reader, Path note)
      throws IOException, InterruptedException, UnansweredException {
    long position = Math.min(noted(note), reader.size());
    boolean isCorrected = false;
    byte[] some = together(reader, position);
    while (some.length > 0) {
      GatewayClient.Answer answer = send(name, position, some);
      if (answer.status() == 409 && answer.body().has("position") && !isCorrected) {
        // It has less than was noted, because what it had is delivered and removed there.
        isCorrected = true;
        position = Math.min(answer.body().path("position").asLong(), position);
      } else if (!answer.isTaken()) {
        problems.add("%s was refused: %s".formatted(name, answer.sentence()));
        return false;
      } else {
        position += some.length;
        bytes += answer.body().path("bytes").asLong();
        told(name, answer);
        write(note, position);
      }
      some = together(reader, position);
    }
    files++;
    if (position < reader.size()) {
      problems.add(name + " ends in half a line, which waits.");
    }
    return position == reader.size();
  }

  private void told(String name, GatewayClient.Answer answer) {
    refusedLines += answer.body().path("refused").asLong();
    answer
        .body()
        .path("reasons")
        .forEach(
            reason ->
                problems.add(
                    "%s:%d goes to the dead letters: %s"
                        .formatted(
                            name,
                            reason.path("line").asLong(),
                            Printable.line(reason.path("why").asText()))));
  }

  private static byte[] together(LineReader reader, long from) throws IOException {
    ByteArrayOutputStream some = new ByteArrayOutputStream();
    byte[] lines = reader.wholeLines(from, LONGEST_LINE);
    while (lines.length > 0) {
      some.writeBytes(lines);
      lines =
          some.size() >= TOGETHER ? new byte[0] : reader.wholeLines(from + some.size(), TOGETHER);
    }
    return some.toByteArray();
  }

  /** How much the server had the last time; 0 where that is not known. */
  private static long noted(Path note) throws IOException {
    try {
      String text = Files.readString(note, StandardCharsets.US_ASCII).strip();
      return text.matches("[0-9]{1,15}") ? Long.parseLong(text) : 0;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private static void write(Path note, long position) throws IOException {
    if (!Files.exists(note)) {
      Files.createFile(note, PrivateFiles.FILE);
    }
    Files.writeString(note, position + "\n", StandardOpenOption.TRUNCATE_EXISTING);
  }
}
