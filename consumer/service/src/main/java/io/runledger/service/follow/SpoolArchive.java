package io.runledger.service.follow;

import io.runledger.files.HeldLocks;
import io.runledger.files.PrivateFiles;
import io.runledger.service.spool.SpoolFile;
import io.runledger.service.spool.SpoolFiles;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves to another directory what nobody appends to any more and what is applied, so that a spool
 * stays small. It belongs to the same log there, which the spool notes before anything is moved. A
 * move that is interrupted leaves the file where it was, or in both places. Not thread-safe.
 */
final class SpoolArchive {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolArchive.class);

  /** A process that has written its last line may take a moment to leave the file. */
  private static final Duration REST = Duration.ofSeconds(10);

  private static final String UNFINISHED = ".archiving-";

  private final SpoolFiles files;
  private final FollowedFiles followed;
  private final Path archive;
  private final Set<Path> toldOf = new HashSet<>();

  private SpoolArchive(SpoolFiles files, FollowedFiles followed, Path archive) {
    this.files = files;
    this.followed = followed;
    this.archive = archive;
  }

  /**
   * The archive of a spool in a directory, which is created if need be.
   *
   * @throws LogUnreadableException when it cannot be one
   */
  static SpoolArchive of(SpoolFiles files, FollowedFiles followed, Path directory) {
    Path archive = directory.toAbsolutePath().normalize();
    try {
      if (archive.startsWith(files.directory()) || files.directory().startsWith(archive)) {
        throw new IOException("one of them is inside the other");
      }
      FollowedSpool.addArchive(files.directory(), archive);
      return new SpoolArchive(files, followed, archive);
    } catch (IOException e) {
      throw new LogUnreadableException(
          "Files of %s cannot be archived to %s: %s. Specify another directory with --archive-to."
              .formatted(files.directory(), archive, e.getMessage()),
          e);
    }
  }

  /** Moves what is done. What cannot be moved stays where it is. */
  void moveWhatIsDone() throws IOException {
    Instant latest = Instant.now().minus(REST);
    List<SpoolFile> done = new ArrayList<>();
    files.forEachHere(
        file -> {
          if (file.topic().isEmpty() && file.changed().isBefore(latest) && followed.isDone(file)) {
            done.add(file);
          }
        });
    for (SpoolFile lines : done) {
      attempt(lines.path(), () -> moveLines(lines));
    }
    for (Path writer : files.writers()) {
      attempt(writer, () -> moveWriter(writer, latest));
    }
  }

  private interface Move {
    void run() throws IOException;
  }

  private void attempt(Path source, Move move) {
    try {
      move.run();
    } catch (IOException e) {
      if (toldOf.add(source)) {
        LOG.warn(
            "{} cannot be moved to {} and stays where it is: {}", source, archive, e.toString());
      }
    }
  }

  /** Unless a sender serves the file. */
  private void moveLines(SpoolFile lines) throws IOException {
    Path lockFile = SpoolDirectory.lockOf(lines.path());
    Optional<HeldLocks.Held> lock = HeldLocks.take(lockFile);
    if (lock.isEmpty()) {
      return;
    }
    HeldLocks.Held held = lock.get();
    try (held) {
      followed.leave(lines);
      Path note = SpoolDirectory.noteOf(lines.path());
      if (Files.exists(note, LinkOption.NOFOLLOW_LINKS)) {
        move(note, archive.resolve(note.getFileName()));
      }
      move(lines.path(), archive.resolve(lines.path().getFileName()));
      Files.deleteIfExists(lockFile);
    }
  }

  /** Unless its process lives, or a sender serves the directory. */
  private void moveWriter(Path writer, Instant latest) throws IOException {
    List<SpoolFile> segments = new ArrayList<>();
    files.forEachSegment(writer, segments::add);
    boolean isDone =
        !segments.isEmpty()
            && segments.stream()
                .allMatch(each -> each.changed().isBefore(latest) && followed.isDone(each));
    if (!isDone || HeldLocks.isHeld(writer.resolve(SpoolWriter.LOCK_FILE))) {
      return;
    }
    Optional<HeldLocks.Held> lock = HeldLocks.take(writer.resolve(SpoolDirectory.SENDER_LOCK));
    if (lock.isEmpty()) {
      return;
    }
    HeldLocks.Held held = lock.get();
    try (held) {
      for (SpoolFile segment : segments) {
        followed.leave(segment);
      }
      move(writer, archive.resolve(writer.getFileName()));
    }
  }

  private void move(Path from, Path to) throws IOException {
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      if (!isCopy(from, to)) {
        throw new IOException(to + " exists there already, with different content");
      }
      delete(from);
      return;
    }
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException anotherFileSystem) {
      Path unfinished = archive.resolve(UNFINISHED + from.getFileName());
      delete(unfinished);
      copy(from, unfinished);
      Files.move(unfinished, to, StandardCopyOption.ATOMIC_MOVE);
      delete(from);
    }
  }

  private static boolean isCopy(Path from, Path to) throws IOException {
    for (Path file : tree(from)) {
      Path copy = to.resolve(from.relativize(file).toString());
      if (Files.isRegularFile(file) && (!Files.exists(copy) || Files.mismatch(file, copy) >= 0)) {
        return false;
      }
    }
    return true;
  }

  private static void copy(Path from, Path to) throws IOException {
    for (Path file : tree(from)) {
      Path copy = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectory(copy, PrivateFiles.DIRECTORY);
      } else {
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
  }

  private static void delete(Path path) throws IOException {
    List<Path> all = new ArrayList<>(tree(path));
    for (int i = all.size() - 1; i >= 0; i--) {
      Files.delete(all.get(i));
    }
  }

  /** A file, or a directory and all that is in it, parents first. */
  private static List<Path> tree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(path)) {
      return all.toList();
    }
  }
}
