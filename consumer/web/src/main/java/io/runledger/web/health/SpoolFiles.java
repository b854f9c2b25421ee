package io.runledger.web.health;

import io.runledger.query.overview.LedgerState.Position;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of the spool of this machine, looked at from outside and not more often than every two
 * seconds: those that are not applied, or not sent. Thread-safe.
 */
final class SpoolFiles {

  private static final long KEPT_NANOS = 2_000_000_000L;

  /** Files are in the directories of their writers. */
  private static final int DEPTH = 2;

  private static final String QUARANTINE = "quarantine";

  private record Entry(long bytes, long modifiedMillis) {}

  /**
   * What waits.
   *
   * @param files how many files have something that waits
   * @param bytes how much
   * @param seconds for how long something has waited; 0 where nothing does
   */
  record Waiting(long files, long bytes, double seconds) {}

  private final Path directory;
  private Map<String, Entry> entries = Map.of();
  private long readNanos;
  private boolean wasRead;

  SpoolFiles(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  Path directory() {
    return directory;
  }

  /** How long the file of a position is; 0 where it is not there. */
  synchronized long size(Position position) {
    read();
    Entry entry = entries.get(position.topic());
    return entry == null ? 0 : entry.bytes();
  }

  /**
   * Whether these positions can be in this spool: a database may have been made of another one. An
   * empty one can be theirs, because files that are applied may be moved away.
   */
  synchronized boolean isOf(List<Position> positions) {
    read();
    return entries.isEmpty()
        || positions.stream()
            .anyMatch(position -> position.isFile() && entries.containsKey(position.topic()));
  }

  /** What is behind these positions; files without a position wait as a whole. */
  synchronized Waiting waiting(List<Position> positions) {
    read();
    Map<String, Long> applied = new HashMap<>();
    positions.stream()
        .filter(Position::isFile)
        .forEach(position -> applied.put(position.topic(), position.nextOffset()));
    long files = 0;
    long bytes = 0;
    long longest = 0;
    for (Map.Entry<String, Entry> file : entries.entrySet()) {
      long behind = file.getValue().bytes() - applied.getOrDefault(file.getKey(), 0L);
      if (behind > 0) {
        files++;
        bytes += behind;
        longest = Math.max(longest, System.currentTimeMillis() - file.getValue().modifiedMillis());
      }
    }
    return new Waiting(files, bytes, longest / 1e3);
  }

  private void read() {
    if (wasRead && System.nanoTime() - readNanos < KEPT_NANOS) {
      return;
    }
    Map<String, Entry> found = new HashMap<>();
    try {
      Files.walkFileTree(
          directory, EnumSet.noneOf(java.nio.file.FileVisitOption.class), DEPTH, visitor(found));
    } catch (IOException e) {
      // Not there, or somebody else's: then nothing is known to wait.
      found.clear();
    }
    entries = found;
    readNanos = System.nanoTime();
    wasRead = true;
  }

  private SimpleFileVisitor<Path> visitor(Map<String, Entry> found) {
    return new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
        return path.getFileName() != null && path.getFileName().toString().equals(QUARANTINE)
            ? FileVisitResult.SKIP_SUBTREE
            : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
        String name = path.getFileName().toString();
        if (attributes.isRegularFile() && (name.endsWith(".avro") || name.endsWith(".jsonl"))) {
          found.put(
              directory.relativize(path).toString(),
              new Entry(attributes.size(), attributes.lastModifiedTime().toMillis()));
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path path, IOException e) {
        return FileVisitResult.CONTINUE;
      }
    };
  }
}
