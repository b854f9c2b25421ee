package io.runledger.client;

import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A writer's directory as its sender sees it: locked against other senders. Not thread-safe. */
final class WriterDirectory implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WriterDirectory.class);
  private static final Duration PROBE = Duration.ofMillis(500);
  private static final String SENDER_LOCK = "sender.lock";

  private final Path path;
  private final HeldLocks.Held senderLock;
  private final Map<Topics, StreamCursor> cursors = new EnumMap<>(Topics.class);
  private boolean unwrittenProgress;
  private boolean writerWasGone;
  private long nextProbe = System.nanoTime();

  private WriterDirectory(
      Path path, HeldLocks.Held senderLock, Map<Topics, StreamCursor.Place> places) {
    this.path = path;
    this.senderLock = senderLock;
    places.forEach((topic, place) -> cursors.put(topic, new StreamCursor(path, topic, place)));
  }

  /** The directory, locked for this sender; empty when another one serves it, or it is gone. */
  static Optional<WriterDirectory> open(Path path) throws IOException {
    Optional<HeldLocks.Held> lock;
    try {
      lock = HeldLocks.take(path.resolve(SENDER_LOCK));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new WriterDirectory(path, lock.get(), Acknowledgements.read(path)));
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
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
    if (!writerWasGone && System.nanoTime() - nextProbe >= 0) {
      nextProbe = System.nanoTime() + PROBE.toNanos();
      Path lockFile = path.resolve(SpoolWriter.LOCK_FILE);
      Optional<HeldLocks.Held> probe = HeldLocks.take(lockFile);
      writerWasGone = probe.isPresent();
      if (probe.isPresent()) {
        probe.get().close();
      }
    }
    return writerWasGone;
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
    try {
      Acknowledgements.delete(path);
      Files.deleteIfExists(path.resolve(DiskReserve.FILE));
      Files.deleteIfExists(path.resolve(SpoolWriter.LOCK_FILE));
    } finally {
      close();
    }
    Files.deleteIfExists(path.resolve(SENDER_LOCK));
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException notOurs) {
      log.debug("{} holds files that are not of the spool, or another sender came by.", path);
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
