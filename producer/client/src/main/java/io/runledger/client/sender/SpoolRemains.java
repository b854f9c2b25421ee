package io.runledger.client.sender;

import io.runledger.files.HeldLocks;
import io.runledger.schemas.Topics;
import io.runledger.spool.AcknowledgedOffset;
import io.runledger.spool.Acknowledgements;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What is left in a spool after a sender has sent all that it could, as its files show: whoever
 * then removes the directory must know of it.
 */
final class SpoolRemains {

  /** How soon other senders are asked again. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final List<Path> served = new ArrayList<>();
  private final List<Path> half = new ArrayList<>();
  private final List<Path> ignored = new ArrayList<>();

  private SpoolRemains() {}

  /** What is left now. */
  static SpoolRemains of(Path spool) throws IOException {
    SpoolRemains remains = new SpoolRemains();
    SpoolDirectory.forEach(spool, remains::look);
    remains.lookForOtherNames(spool);
    return remains;
  }

  /**
   * What is left once other senders are through with what they have in hand, as far as they are
   * within some time.
   */
  static SpoolRemains afterOthers(Path spool, Duration atMost) throws IOException {
    long end = System.nanoTime() + atMost.toNanos();
    long begun = System.nanoTime();
    SpoolRemains remains = of(spool);
    while (!remains.served.isEmpty() && end - System.nanoTime() > 0) {
      try {
        // A large directory is not read all the time.
        long pause = Math.max(LOOK_AGAIN.toNanos(), 4 * (System.nanoTime() - begun));
        TimeUnit.NANOSECONDS.sleep(Math.min(pause, end - System.nanoTime()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return remains;
      }
      begun = System.nanoTime();
      remains = of(spool);
    }
    return remains;
  }

  private void look(SpoolDirectory.Entry entry) {
    try {
      if (!entry.isOurs()) {
        return;
      }
      if (entry.isWriter()) {
        if (isHeld(WriterDirectory.senderLockOf(entry.path())) && unsent(entry).isPresent()) {
          served.add(entry.path());
        }
        return;
      }
      if (unsent(entry).isEmpty()) {
        return;
      }
      if (isHeld(SpoolDirectory.lockOf(entry.path()))) {
        served.add(entry.path());
      } else if (endsInHalfALine(entry.path())) {
        half.add(entry.path());
      }
    } catch (NoSuchFileException sentMeanwhile) {
      // The other sender has removed it.
      return;
    } catch (IOException unreadable) {
      // SkippedWriters logged why when the sender skipped it.
      return;
    }
  }

  private static boolean isHeld(Path lock) throws IOException {
    try {
      return HeldLocks.isHeld(lock);
    } catch (NoSuchFileException nobody) {
      return false;
    }
  }

  /**
   * How much of a source is not noted as sent, to a broker or to a server.
   *
   * @param since when the oldest file that holds any of it was last appended to
   */
  record Unsent(long bytes, Instant since) {}

  static Optional<Unsent> unsent(SpoolDirectory.Entry entry) throws IOException {
    if (entry.isWriter()) {
      return unsentOfWriter(entry.path());
    }
    long sent =
        Math.max(
            new AcknowledgedOffset(SpoolDirectory.noteOf(entry.path())).read(),
            new AcknowledgedOffset(SpoolDirectory.uploadNoteOf(entry.path())).read());
    return entry.bytes() <= sent
        ? Optional.empty()
        : Optional.of(new Unsent(entry.bytes() - sent, appendedAt(entry.path())));
  }

  private static Optional<Unsent> unsentOfWriter(Path writer) throws IOException {
    Map<Topics, Acknowledgements.Place> sent = Acknowledgements.read(writer);
    long bytes = 0;
    Instant since = Instant.MAX;
    for (Topics topic : Topics.values()) {
      Acknowledgements.Place place = sent.get(topic);
      for (Map.Entry<Integer, Path> segment : SpoolDirectory.segments(writer, topic).entrySet()) {
        long read = segment.getKey() == place.segment() ? place.position() : 0;
        long size = Files.size(segment.getValue());
        if (segment.getKey() >= place.segment() && size > read) {
          bytes += size - read;
          Instant appended = appendedAt(segment.getValue());
          since = appended.isBefore(since) ? appended : since;
        }
      }
    }
    return bytes == 0 ? Optional.empty() : Optional.of(new Unsent(bytes, since));
  }

  private static Instant appendedAt(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }

  private static boolean endsInHalfALine(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return channel.size() > 0
          && channel.read(last, channel.size() - 1) == 1
          && last.get(0) != '\n';
    }
  }

  /** Files and directories that look as if somebody took them for parts of a spool. */
  private void lookForOtherNames(Path spool) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(spool)) {
      for (Path child : children) {
        if (!SpoolDirectory.isSource(child) && (isNamedLikeLines(child) || holdsLines(child))) {
          ignored.add(child);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isNamedLikeLines(Path path) {
    String name = path.getFileName().toString();
    return !name.startsWith(".") && name.toLowerCase(Locale.ROOT).endsWith(".jsonl");
  }

  private static boolean holdsLines(Path path) {
    if (path.getFileName().toString().startsWith(".")
        || Quarantine.isPlace(path)
        || !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(path, "*.jsonl")) {
      return children.iterator().hasNext();
    } catch (IOException | DirectoryIteratorException unreadable) {
      return false;
    }
  }

  /** All of it as a sentence; empty when there is nothing. */
  Optional<String> sentence() {
    List<String> parts = new ArrayList<>();
    add(
        parts,
        served,
        "%s is being sent by another sender, which has not yet recorded all of it as sent (%s)",
        "%s are being sent by other senders, which have not yet recorded all of them as sent (%s)");
    add(
        parts,
        half,
        "%s ends in half a line, which is sent once a line feed ends it (%s)",
        "%s end in half a line, which is sent once a line feed ends it (%s)");
    add(
        parts,
        ignored,
        "%s was left alone: spool files are named NAME.jsonl (letters, digits and ._-), directly in"
            + " the spool and not links (%s)",
        "%s were left alone: spool files are named NAME.jsonl (letters, digits and ._-), directly"
            + " in the spool and not links (%s)");
    return parts.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", parts) + ".");
  }

  private static void add(List<String> parts, List<Path> paths, String one, String many) {
    if (!paths.isEmpty()) {
      String count =
          paths.size() == 1
              ? "1 file or directory"
              : "%,d files or directories".formatted(paths.size());
      parts.add((paths.size() == 1 ? one : many).formatted(count, paths.get(0)));
    }
  }
}
