package io.runledger.spool;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names and places of the files in a spool. */
public final class SpoolDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);
  private static final String SUFFIX = ".avro";
  private static final Pattern JSON_LINES_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.jsonl");

  /** The file in a writer's directory that a sender locks as long as it serves it. */
  public static final String SENDER_LOCK = "sender.lock";

  private static final String UNBORN = ".new-";

  /**
   * Creating a writer takes milliseconds: after this time it is dead, however much the clocks of
   * two nodes differ.
   */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** On a system without /proc, where the modes must suffice. */
  private static final Object ANYBODY = "anybody";

  /** Whose files are ours. */
  private static final Object US = us();

  private SpoolDirectory() {}

  /** Creates a directory that only its owner may enter, and its parents. */
  public static void createPrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(directory, PrivateFiles.DIRECTORY);
    }
  }

  /** Where a writer's directory is created; it gets its final name once it is locked. */
  public static Path unborn(Path spool, long writerId) {
    return spool.resolve(UNBORN + Base32.encode(writerId));
  }

  /**
   * Removes what is left of processes that were killed while they created their writer's directory.
   */
  public static void removeAbandoned(Path spool) throws IOException {
    if (!Files.isDirectory(spool)) {
      return;
    }
    Instant latest = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> unborn = Files.newDirectoryStream(spool, UNBORN + "*")) {
      for (Path directory : unborn) {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
            && uid(directory).equals(US)
            && Files.getLastModifiedTime(directory).toInstant().isBefore(latest)) {
          try {
            Files.deleteIfExists(directory.resolve(SpoolWriter.LOCK_FILE));
            Files.deleteIfExists(directory);
          } catch (DirectoryNotEmptyException e) {
            LOG.debug("{} contains files that no writer created; leaving it alone.", directory);
          }
        }
      }
    }
  }

  /** {@code metrics-000001.avro}. */
  public static String segmentName(Topics topic, int number) {
    return "%s-%06d%s".formatted(prefix(topic), number, SUFFIX);
  }

  /** The topic's part of its segments' names. */
  public static String prefix(Topics topic) {
    return topic.name().toLowerCase(Locale.ROOT);
  }

  /** The directories of writers that are ours, oldest first. */
  public static List<Path> writers(Path spool) throws IOException {
    return sources(spool, true);
  }

  /** The files of JSON lines that are ours, by name. */
  public static List<Path> jsonLines(Path spool) throws IOException {
    return sources(spool, false);
  }

  private static List<Path> sources(Path spool, boolean directories) throws IOException {
    List<Path> found = new ArrayList<>();
    forEach(
        spool,
        entry -> {
          if (entry.isOurs() && entry.isWriter() == directories) {
            found.add(entry.path());
          }
        });
    found.sort(null);
    return found;
  }

  /**
   * A writer's directory, or a file of JSON lines.
   *
   * @param bytes of the file; of a directory nothing is known before it is listed
   * @param isOurs whether it belongs to this user: what another user's says would count as ours
   */
  public record Entry(Path path, boolean isWriter, long bytes, boolean isOurs) {

    /** A measure of how much was appended to it; grows with each event. */
    public long size() throws IOException {
      return isWriter ? SpoolDirectory.bytes(path) : bytes;
    }
  }

  /** Shows all sources of a spool, in any order. Links are not followed, other names left alone. */
  public static void forEach(Path spool, Consumer<Entry> each) throws IOException {
    if (!Files.isDirectory(spool)) {
      return;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(spool)) {
      for (Path child : children) {
        source(child).ifPresent(each);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** Whether it is a source by its name and kind, whoever it belongs to. */
  public static boolean isSource(Path path) throws IOException {
    return source(path).isPresent();
  }

  /** What it is as a source; empty when it is not one. */
  public static Optional<Entry> source(Path path) {
    String name = path.getFileName().toString();
    boolean isWriter = Base32.isEncoded(name);
    return isWriter || JSON_LINES_NAME.matcher(name).matches()
        ? entry(path, isWriter)
        : Optional.empty();
  }

  /** The file next to a file of lines that a sender locks as long as it serves that. */
  public static Path lockOf(Path lines) {
    return beside(lines, ".lock");
  }

  /** The file next to a file of lines that says how far it is sent. */
  public static Path noteOf(Path lines) {
    return beside(lines, ".sent");
  }

  /** The file next to a file of lines that says how far a server has it. */
  public static Path uploadNoteOf(Path lines) {
    return beside(lines, ".uploaded");
  }

  /**
   * The file next to a file of lines that says that it is a copy, whose process is one of another
   * machine, whatever host its first line names.
   */
  public static Path copyMarkOf(Path lines) {
    return beside(lines, ".copy");
  }

  private static Path beside(Path lines, String ending) {
    return lines.resolveSibling("." + lines.getFileName() + ending);
  }

  private static Optional<Entry> entry(Path path, boolean isWriter) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (isWriter ? !found.isDirectory() : !found.isRegularFile()) {
        return Optional.empty();
      }
      return Optional.of(new Entry(path, isWriter, found.size(), uid(path).equals(US)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static Object uid(Path path) throws IOException {
    return US.equals(ANYBODY)
        ? ANYBODY
        : Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /** The user as whom this process creates files: /proc/self itself is a link of root's. */
  private static Object us() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("Uid:"))
          .map(line -> line.substring(line.lastIndexOf('\t') + 1))
          .map(uid -> (Object) Integer.parseUnsignedInt(uid))
          .findFirst()
          .orElse(ANYBODY);
    } catch (IOException e) {
      return ANYBODY;
    }
  }

  /** The segments of a topic by their numbers. */
  public static NavigableMap<Integer, Path> segments(Path writer, Topics topic) throws IOException {
    NavigableMap<Integer, Path> segments = new TreeMap<>();
    try (Stream<Path> files = Files.list(writer)) {
      files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .forEach(
              file -> {
                OptionalInt number = segmentNumber(topic, file.getFileName().toString());
                if (number.isPresent()) {
                  segments.put(number.getAsInt(), file);
                }
              });
    }
    return segments;
  }

  /** The topic of the segment with this name in a writer's directory; empty for other files. */
  public static Optional<Topics> topicOf(String segment) {
    return Arrays.stream(Topics.values())
        .filter(topic -> segmentNumber(topic, segment).isPresent())
        .findFirst();
  }

  /** Bytes of all segments that are in a writer's directory now. */
  public static long bytes(Path writer) throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(writer)) {
      for (Path file : files) {
        if (topicOf(file.getFileName().toString()).isPresent()) {
          // 0 for a segment that the sender has just removed
          bytes += file.toFile().length();
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return bytes;
  }

  private static OptionalInt segmentNumber(Topics topic, String name) {
    String head = prefix(topic) + "-";
    if (!name.startsWith(head) || !name.endsWith(SUFFIX)) {
      return OptionalInt.empty();
    }
    String digits = name.substring(head.length(), name.length() - SUFFIX.length());
    return digits.matches("[0-9]{6,9}")
        ? OptionalInt.of(Integer.parseInt(digits))
        : OptionalInt.empty();
  }
}
