package io.runledger.client;

import io.runledger.schemas.Base32;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names and places of the files in a spool. */
final class SpoolDirectory {

  private static final Logger log = LoggerFactory.getLogger(SpoolDirectory.class);
  private static final String SUFFIX = ".avro";
  private static final Pattern JSON_LINES_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.jsonl");

  private static final String UNBORN = ".new-";

  /** A writer is made in milliseconds; whatever the clocks of two nodes say, this one is dead. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** Files and directories of others that were told once. */
  private static final Set<Path> TOLD = ConcurrentHashMap.newKeySet();

  private SpoolDirectory() {}

  /** Creates a directory, and its parents, that only its owner may enter. */
  static void createPrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /** Where a writer's directory is made; it gets its real name once it is locked. */
  static Path unborn(Path spool, long writerId) {
    return spool.resolve(UNBORN + Base32.encode(writerId));
  }

  /** Removes what processes left that were killed while they made their writer's directory. */
  static void removeAbandoned(Path spool) throws IOException {
    if (!Files.isDirectory(spool)) {
      return;
    }
    Instant latest = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> unborn = Files.newDirectoryStream(spool, UNBORN + "*")) {
      for (Path directory : unborn) {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
            && isOurs(directory)
            && Files.getLastModifiedTime(directory).toInstant().isBefore(latest)) {
          try {
            Files.deleteIfExists(directory.resolve(SpoolWriter.LOCK_FILE));
            Files.deleteIfExists(directory);
          } catch (DirectoryNotEmptyException e) {
            log.debug("{} holds what no writer has put there and is left alone.", directory);
          }
        }
      }
    }
  }

  /** {@code metrics-000001.avro}. */
  static String segmentName(Topics topic, int number) {
    return "%s-%06d%s".formatted(prefix(topic), number, SUFFIX);
  }

  /** The topic's part of its segments' names. */
  static String prefix(Topics topic) {
    return topic.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The directories of writers, oldest first. A link is not followed; other names, and directories
   * of other users, are left alone.
   */
  static List<Path> writers(Path spool) throws IOException {
    List<Path> writers = new ArrayList<>();
    if (!Files.isDirectory(spool)) {
      return writers;
    }
    try (Stream<Path> children = Files.list(spool)) {
      children
          .filter(child -> Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS))
          .filter(child -> isWriterName(child.getFileName().toString()))
          .filter(SpoolDirectory::isOurs)
          .sorted()
          .forEach(writers::add);
    }
    return writers;
  }

  /** The files of JSON lines, by name. A link is not followed, another user's file left alone. */
  static List<Path> jsonLines(Path spool) throws IOException {
    List<Path> files = new ArrayList<>();
    if (!Files.isDirectory(spool)) {
      return files;
    }
    try (Stream<Path> children = Files.list(spool)) {
      children
          .filter(child -> JSON_LINES_NAME.matcher(child.getFileName().toString()).matches())
          .filter(child -> Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS))
          .filter(SpoolDirectory::isOurs)
          .sorted()
          .forEach(files::add);
    }
    return files;
  }

  /** What another user's directory or file says would count as ours. */
  private static boolean isOurs(Path file) {
    try {
      boolean ours =
          Files.getOwner(file, LinkOption.NOFOLLOW_LINKS)
              .equals(Files.getOwner(Path.of("/proc/self")));
      if (!ours && TOLD.add(file)) {
        log.warn("{} belongs to another user, who must send it with 'runledger sync'.", file);
      }
      return ours;
    } catch (IOException e) {
      // Gone meanwhile, or a system without /proc, where the directory's mode has to do.
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** The segments of a topic by their numbers. */
  static NavigableMap<Integer, Path> segments(Path writer, Topics topic) throws IOException {
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

  /** Bytes of all segments that are in a writer's directory now. */
  static long bytes(Path writer) throws IOException {
    long bytes = 0;
    for (Topics topic : Topics.values()) {
      for (Path segment : segments(writer, topic).values()) {
        // 0 for a segment that the sender has just removed
        bytes += segment.toFile().length();
      }
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

  private static boolean isWriterName(String name) {
    try {
      return name.equals(Base32.encode(Base32.decode(name)));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
