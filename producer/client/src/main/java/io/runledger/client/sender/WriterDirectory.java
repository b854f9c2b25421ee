package io.runledger.client.sender;

import io.runledger.files.HeldLocks;
import io.runledger.schemas.Topics;
import io.runledger.spool.Acknowledgements;
import io.runledger.spool.DiskReserve;
import io.runledger.spool.FileIdentity;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.LivingProcess;
import io.runledger.spool.Observer;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A writer's directory of Avro segments. */
public final class WriterDirectory implements SpoolSource {

  private static final Logger LOG = LoggerFactory.getLogger(WriterDirectory.class);
  private static final Duration PROBE = Duration.ofMillis(500);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration UNLOCKABLE = Duration.ofDays(7);

  private final Path path;
  private final Undelivered undelivered;
  private final Map<Topics, StreamCursor> cursors = new EnumMap<>(Topics.class);
  private HeldLocks.Held senderLock;
  private FileIdentity identity;
  private boolean unwrittenProgress;
  private long acknowledgedEvents;
  private boolean writerWasGone;
  private boolean isReplaced;
  private boolean hasObserved;
  private long nextProbe = System.nanoTime();
  private long nextLook = System.nanoTime();

  private WriterDirectory(Path path, HeldLocks.Held senderLock, Undelivered undelivered)
      throws IOException {
    this.path = path;
    this.undelivered = undelivered;
    this.senderLock = senderLock;
    begin();
  }

  private void begin() throws IOException {
    identity = FileIdentity.of(path);
    Acknowledgements.read(path)
        .forEach(
            (topic, place) ->
                cursors.put(topic, new StreamCursor(path, topic, place, undelivered)));
  }

  /** The directory, locked for this sender; empty when another one serves it, or it is gone. */
  public static Optional<WriterDirectory> open(Path path, Undelivered undelivered)
      throws IOException {
    Optional<HeldLocks.Held> lock = senderLock(path);
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new WriterDirectory(path, lock.get(), undelivered));
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
  }

  /** The file that a sender locks as long as it sends what the directory holds. */
  static Path senderLockOf(Path path) {
    return path.resolve(SpoolDirectory.SENDER_LOCK);
  }

  private static Optional<HeldLocks.Held> senderLock(Path path) throws IOException {
    try {
      return HeldLocks.take(senderLockOf(path));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
  }

  /** Whether the writer is this process. */
  static boolean isWrittenHere(Path path) {
    return HeldLocks.isHeldHere(path.resolve(SpoolWriter.LOCK_FILE));
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
      try {
        waiting |= send(producer, cursor, gone);
      } catch (NoSuchFileException e) {
        if (identity.standsAt(path)) {
          throw e;
        }
        isReplaced = true;
      }
    }
    return waiting;
  }

  private boolean send(EventProducer producer, StreamCursor cursor, boolean writerIsGone)
      throws IOException {
    if (cursor.isWaitingForBroker()) {
      long acknowledged = cursor.settle(producer);
      if (acknowledged == 0) {
        return true;
      }
      unwrittenProgress = true;
      acknowledgedEvents += acknowledged;
    }
    if (isReplaced) {
      return false;
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
  public long bytesWaiting() {
    return cursors.values().stream().mapToLong(StreamCursor::bytesWaiting).sum();
  }

  @Override
  public boolean isDone() throws IOException {
    return isReplaced || (writerWasGone && !holdsSegments() && isEndKnown());
  }

  @Override
  public boolean hasObserved() {
    return hasObserved;
  }

  /**
   * Whether there is nothing left to observe of the process whose end is the attempt's: its end was
   * reported, or it runs on another machine, or it is gone, which is then reported here. A wrapper
   * may be killed before its command.
   */
  private boolean isEndKnown() throws IOException {
    if (System.nanoTime() - nextLook < 0) {
      return false;
    }
    nextLook = System.nanoTime() + LOOK.toNanos();
    Observer.Sight sight = Observer.look(path);
    hasObserved |= sight == Observer.Sight.REPORTED_GONE;
    return sight != Observer.Sight.ALIVE;
  }

  /** Whether the writer has ended, one way or another: nobody holds its lock. */
  public boolean writerIsGone() throws IOException {
    if (!writerWasGone && System.nanoTime() - nextProbe >= 0) {
      nextProbe = System.nanoTime() + PROBE.toNanos();
      // What is under the name now has its own sender's lock to take, if it is anything.
      isReplaced = !identity.standsAt(path);
      writerWasGone = !isReplaced && isUnlocked();
    }
    return writerWasGone;
  }

  private boolean isUnlocked() throws IOException {
    try {
      return !HeldLocks.isHeld(path.resolve(SpoolWriter.LOCK_FILE));
    } catch (NoSuchFileException lockIsGone) {
      // Cleaned away under a living writer, which puts it back within a second; or a sender died
      // while it removed the directory.
      return !holdsSegments() || isUntouched();
    }
  }

  /** Whether no segment was appended to for a long time, by the disk's clock. */
  private boolean isUntouched() throws IOException {
    Acknowledgements.write(path, acknowledged());
    Instant last = Instant.EPOCH;
    for (Topics topic : Topics.values()) {
      for (Path segment : SpoolDirectory.segments(path, topic).values()) {
        Instant touched = Files.getLastModifiedTime(segment).toInstant();
        last = touched.isAfter(last) ? touched : last;
      }
    }
    return last.isBefore(Acknowledgements.writtenAt(path).minus(UNLOCKABLE));
  }

  @Override
  public void saveProgress() throws IOException {
    if (unwrittenProgress && !isReplaced) {
      Acknowledgements.write(path, acknowledged());
      unwrittenProgress = false;
    }
  }

  private Map<Topics, Acknowledgements.Place> acknowledged() {
    Map<Topics, Acknowledgements.Place> places = new EnumMap<>(Topics.class);
    cursors.forEach((topic, cursor) -> places.put(topic, cursor.acknowledged()));
    return places;
  }

  /** Whether a segment is left, acknowledged or not; where they stay, one that is not. */
  private boolean holdsSegments() throws IOException {
    boolean keeps = FollowedSpool.keeps(path.getParent());
    for (Topics topic : Topics.values()) {
      int first = keeps ? cursors.get(topic).acknowledged().segment() : 0;
      if (SpoolDirectory.segments(path, topic).ceilingKey(first) != null) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void remove() throws IOException {
    if (isReplaced) {
      close();
      return;
    }
    if (FollowedSpool.keeps(path.getParent())) {
      unwrittenProgress = true;
      saveProgress();
      close();
      return;
    }
    try {
      Acknowledgements.delete(path);
      LivingProcess.forget(path);
      Files.deleteIfExists(path.resolve(DiskReserve.FILE));
      Files.deleteIfExists(path.resolve(SpoolWriter.LOCK_FILE));
    } finally {
      close();
    }
    Files.deleteIfExists(senderLockOf(path));
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException notOurs) {
      LOG.debug(
          "{} holds files that do not belong to the spool, or another sender is using it.", path);
    }
  }

  @Override
  public long park() throws IOException {
    saveProgress();
    close();
    // What has been sent is deleted, so that an open segment is all that each topic has.
    return cursors.values().stream().mapToLong(cursor -> cursor.acknowledged().position()).sum();
  }

  @Override
  public boolean resume() throws IOException {
    Optional<HeldLocks.Held> lock = senderLock(path);
    if (lock.isEmpty()) {
      return false;
    }
    senderLock = lock.get();
    // Another sender may have sent more meanwhile.
    begin();
    isReplaced = false;
    nextProbe = System.nanoTime();
    return true;
  }

  @Override
  public void close() throws IOException {
    HeldLocks.Held lock = senderLock;
    try (lock) {
      for (StreamCursor cursor : cursors.values()) {
        cursor.close();
      }
    }
  }
}
