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
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A writer's directory of Avro segments. */
final class WriterDirectory implements SpoolSource {

  private static final Logger log = LoggerFactory.getLogger(WriterDirectory.class);
  private static final Duration PROBE = Duration.ofMillis(500);
  private static final String SENDER_LOCK = "sender.lock";

  private final Path path;
  private final HeldLocks.Held senderLock;
  private final Map<Topics, StreamCursor> cursors = new EnumMap<>(Topics.class);
  private boolean unwrittenProgress;
  private long acknowledgedEvents;
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

  @Override
  public Path path() {
    return path;
  }

  @Override
  public boolean send(EventProducer producer) throws IOException {
    boolean gone = writerIsGone();
    boolean waiting = false;
    for (StreamCursor cursor : cursors.values()) {
      waiting |= send(producer, cursor, gone);
    }
    return waiting;
  }

  private boolean send(EventProducer producer, StreamCursor cursor, boolean writerIsGone)
      throws IOException {
    if (cursor.isWaitingForBroker()) {
      long acknowledged = cursor.settle();
      if (acknowledged == 0) {
        return true;
      }
      unwrittenProgress = true;
      acknowledgedEvents += acknowledged;
    }
    List<SpecificRecord> events = cursor.next(writerIsGone);
    if (events.isEmpty()) {
      return false;
    }
    cursor.sent(
        cursor.isOneByOne()
            ? producer.sendEach(cursor.topic(), events)
            : producer.send(cursor.topic(), events));
    return true;
  }

  @Override
  public long takeAcknowledged() {
    long taken = acknowledgedEvents;
    acknowledgedEvents = 0;
    return taken;
  }

  @Override
  public boolean isDone() throws IOException {
    return writerWasGone && !holdsSegments();
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

  @Override
  public void saveProgress() throws IOException {
    if (unwrittenProgress) {
      Acknowledgements.write(path, cursors.values());
      unwrittenProgress = false;
    }
  }

  /** Whether a segment is left, acknowledged or not. */
  private boolean holdsSegments() throws IOException {
    for (Topics topic : Topics.values()) {
      if (!SpoolDirectory.segments(path, topic).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void remove() throws IOException {
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
