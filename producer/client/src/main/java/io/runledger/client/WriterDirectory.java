package io.runledger.client;

import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A writer's directory as its sender sees it: locked against other senders. Not thread-safe. */
final class WriterDirectory implements AutoCloseable {

  private static final String SENDER_LOCK = "sender.lock";

  private final Path path;
  private final FileChannel senderLock;
  private final Map<Topics, StreamCursor> cursors = new EnumMap<>(Topics.class);
  private boolean unwrittenProgress;

  private WriterDirectory(
      Path path, FileChannel senderLock, Map<Topics, StreamCursor.Place> places) {
    this.path = path;
    this.senderLock = senderLock;
    places.forEach((topic, place) -> cursors.put(topic, new StreamCursor(path, topic, place)));
  }

  /** The directory, locked for this sender; empty when another one serves it, or it is gone. */
  static Optional<WriterDirectory> open(Path path) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              path.resolve(SENDER_LOCK),
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
    try {
      if (tryLock(channel).isPresent()) {
        return Optional.of(new WriterDirectory(path, channel, Acknowledgements.read(path)));
      }
      channel.close();
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException heldInThisProcess) {
      return Optional.empty();
    }
  }

  Path path() {
    return path;
  }

  List<StreamCursor> cursors() {
    return List.copyOf(cursors.values());
  }

  /** Whether the writer has ended, one way or another: nobody holds its lock. */
  boolean writerIsGone() throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path.resolve(SpoolWriter.LOCK_FILE),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return tryLock(channel).isPresent();
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  void progressed() {
    unwrittenProgress = true;
  }

  /** Notes how far the broker has acknowledged, so that the next sender need not start over. */
  void saveProgress() throws IOException {
    if (unwrittenProgress) {
      Acknowledgements.write(path, cursors.values());
      unwrittenProgress = false;
    }
  }

  /** Whether a segment is left, acknowledged or not. */
  boolean holdsSegments() throws IOException {
    for (Topics topic : Topics.values()) {
      if (!SpoolDirectory.segments(path, topic).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Removes the directory: its writer is gone and all of it is acknowledged. */
  void remove() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      for (Path file :
          files.filter(f -> !f.getFileName().toString().equals(SENDER_LOCK)).toList()) {
        Files.deleteIfExists(file);
      }
    } finally {
      close();
    }
    Files.deleteIfExists(path.resolve(SENDER_LOCK));
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException somebodyElseCameBy) {
      // another sender has just put its lock file there; it will remove the directory itself
    }
  }

  @Override
  public void close() throws IOException {
    try (senderLock) {
      for (StreamCursor cursor : cursors.values()) {
        cursor.close();
      }
    }
  }
}
