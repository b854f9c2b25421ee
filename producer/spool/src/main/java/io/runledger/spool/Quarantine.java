package io.runledger.spool;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a spool keeps what cannot be sent, for people to look at. */
public final class Quarantine {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
  private static final String DIRECTORY = "quarantine";
  private static final String CONTEXT = ".context";

  /** What can be sent once a limit has been raised; the rest is damaged. */
  public static final Pattern REFUSED = Pattern.compile("(.+)-([a-z]+)-refused-([0-9]+)\\.avro");

  /** A line that was too long. */
  static final Pattern LINE = Pattern.compile("(.+\\.jsonl)-line-([0-9]+)");

  private Quarantine() {}

  /** Whether this is the quarantine directory of a spool. */
  public static boolean isPlace(Path path) {
    return path.getFileName().toString().equals(DIRECTORY);
  }

  /**
   * A file next to a quarantined line holds what the line would have taken from those before it.
   */
  public static Path context(Path line) {
    return line.resolveSibling(line.getFileName() + CONTEXT);
  }

  /** The quarantine of the spool that a writer's directory or file lies in. */
  private static Path beside(Path writer) throws IOException {
    Path quarantine = writer.resolveSibling(DIRECTORY);
    SpoolDirectory.createPrivate(quarantine);
    return quarantine;
  }

  /** Moves a writer's file there; returns its new path. */
  public static Path move(Path writer, Path file) throws IOException {
    Path to = beside(writer).resolve(writer.getFileName() + "-" + file.getFileName());
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
    }
    return to;
  }

  /** The files of a spool's quarantine that can be sent when the limits allow it. */
  public static List<Path> sendable(Path spool) throws IOException {
    return files(spool, Quarantine::isSendable);
  }

  /** The files that no higher limit would release: what is damaged or not an event. */
  public static List<Path> damaged(Path spool) throws IOException {
    return files(spool, name -> !isSendable(name) && !name.endsWith(CONTEXT));
  }

  private static boolean isSendable(String name) {
    return REFUSED.matcher(name).matches() || LINE.matcher(name).matches();
  }

  private static List<Path> files(Path spool, Predicate<String> wanted) throws IOException {
    List<Path> files = new ArrayList<>();
    Path quarantine = spool.resolve(DIRECTORY);
    if (Files.isDirectory(quarantine, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(quarantine)) {
        for (Path file : all) {
          if (wanted.test(file.getFileName().toString())
              && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            files.add(file);
          }
        }
      }
    }
    files.sort(null);
    return files;
  }

  /** How much waits there for a higher limit, as a sentence; empty when nothing does. */
  public static Optional<String> sentence(Path spool) {
    try {
      List<Path> waiting = sendable(spool);
      return waiting.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "%s; raise max.message.bytes of the topic or record.max.bytes, then run 'runledger sync --quarantined'."
                  .formatted(
                      waiting.size() == 1
                          ? "1 event is in %s because it is too large"
                              .formatted(spool.resolve(DIRECTORY))
                          : "%,d events are in %s because they are too large"
                              .formatted(waiting.size(), spool.resolve(DIRECTORY))));
    } catch (IOException e) {
      return Optional.of("The quarantine of " + spool + " cannot be read: " + e + ".");
    }
  }

  /** Keeps an event that the broker refused for its size, as a separate segment. */
  public static void keepRefused(Path writer, SpecificRecord refused) throws IOException {
    Topics topic = Topics.of(refused);
    Envelope of = Envelope.of(refused);
    Path kept =
        beside(writer)
            .resolve(
                "%s-%s-refused-%d.avro"
                    .formatted(
                        streamName(writer.getFileName().toString(), of),
                        SpoolDirectory.prefix(topic),
                        of.seq()));
    Files.deleteIfExists(kept);
    try (SegmentWriter segment = SegmentWriter.create(kept, topic)) {
      segment.append(refused);
      segment.sync();
    }
    LOG.warn(
        "An event of {} is larger than the broker accepts and was moved to {}; raise max.message.bytes"
            + " of the topic of {}, then run 'runledger sync --quarantined'.",
        writer,
        kept,
        topic.word());
  }

  /** A file of lines and a study have events of many streams, which have the same numbers. */
  private static String streamName(String file, Envelope of) {
    boolean isItsWriters = of.writer() > 0 && Base32.encode(of.writer()).equals(file);
    return isItsWriters ? file : "%s-%x-%x-%x".formatted(file, of.run(), of.attempt(), of.writer());
  }

  /** Keeps a line that is too long to be sent, with what it takes from the lines before it. */
  public static void keepLine(
      Path file, long number, FileChannel from, LineReader.LongLine line, String context)
      throws IOException {
    Path kept = beside(file).resolve("%s-line-%d".formatted(file.getFileName(), number));
    Files.deleteIfExists(kept);
    try (FileChannel to =
        FileChannel.open(
            kept,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PrivateFiles.FILE)) {
      long at = line.from();
      while (at < line.to()) {
        long moved = from.transferTo(at, line.to() - at, to);
        if (moved <= 0) {
          throw new IOException(file + " shrank while line " + number + " was copied.");
        }
        at += moved;
      }
    }
    Acknowledgements.replace(context(kept), context);
    LOG.warn(
        "Line {} of {} has {} bytes, more than record.max.bytes; it was moved to {} and is not sent.",
        number,
        file,
        line.to() - line.from(),
        kept);
  }

  /** Keeps a line that is not an event and too large for the topic of the dead letters. */
  public static void keepBadLine(Path file, long number, byte[] line, String why)
      throws IOException {
    Path kept = beside(file).resolve("%s-bad-line-%d".formatted(file.getFileName(), number));
    Files.deleteIfExists(kept);
    Files.createFile(kept, PrivateFiles.FILE);
    Files.write(kept, line);
    LOG.warn(
        "Line {} of {} is not an event ({}) and larger than the broker accepts; it was moved to {}.",
        number,
        file,
        why,
        kept);
  }
}
