package io.runledger.spool;

import io.runledger.config.FailPoint;
import io.runledger.files.HeldLocks;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends the events of one writer to its directory of the spool. When {@link #append} returns, the
 * event is in a file and survives the process; {@link #sync} makes it survive the machine.
 * Thread-safe.
 */
public final class SpoolWriter implements AutoCloseable {

  public static final String LOCK_FILE = "writer.lock";

  private static final Logger LOG = LoggerFactory.getLogger(SpoolWriter.class);

  /** Bytes that metrics leave to the other events when the spool is nearly full. */
  private static final long RESERVE_BYTES = 1 << 20;

  private static final long COUNT_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path directory;
  private Optional<WriterLockFile> lock;
  private Optional<DiskReserve> reserve;
  private final long segmentBytes;
  private final long maxBytes;
  private final int recordMaxBytes;
  private final Map<Topics, Stream> streams = new EnumMap<>(Topics.class);

  /** Full segments that the next sync makes durable and closes. */
  private final List<SegmentWriter> rolled = new ArrayList<>();

  /** Taken before this object's lock when syncing; appending never waits for it. */
  private final Object syncing = new Object();

  private IOException unusable;
  private long storedBytes;
  private long countAgain;
  private boolean closed;

  /** The segments of one topic, and how many events of it were stored. */
  private static final class Stream {
    private int segment;
    private SegmentWriter open;
    private boolean isOpenEmpty;
    private long nextSeq;
    private boolean dirty;
  }

  /** A spool may not hold the event; free room on the disk would not change that. */
  private static final class NotStorableException extends IOException {
    private static final long serialVersionUID = 1L;

    NotStorableException(String message) {
      super(message);
    }
  }

  private SpoolWriter(
      Path directory,
      Optional<WriterLockFile> lock,
      Optional<DiskReserve> reserve,
      long segmentBytes,
      long maxBytes,
      int recordMaxBytes) {
    this.directory = directory;
    this.lock = lock;
    this.reserve = reserve;
    this.segmentBytes = segmentBytes;
    this.maxBytes = maxBytes;
    this.recordMaxBytes = recordMaxBytes;
    for (Topics topic : Topics.values()) {
      streams.put(topic, new Stream());
    }
  }

  private SpoolWriter(Path spool, IOException why) {
    this(spool, Optional.empty(), Optional.empty(), 0, Long.MAX_VALUE, Integer.MAX_VALUE);
    this.unusable = why;
  }

  /** Creates the writer's directory and takes its lock. */
  public static SpoolWriter create(
      Path spool, long writerId, long segmentBytes, long maxBytes, int recordMaxBytes)
      throws IOException {
    SpoolDirectory.createPrivate(spool);
    Path made = SpoolDirectory.unborn(spool, writerId);
    SpoolDirectory.createPrivate(made);
    HeldLocks.Held lock =
        HeldLocks.take(made.resolve(LOCK_FILE))
            .orElseThrow(() -> new IOException("Another process holds the lock of " + made + "."));
    try {
      FailPoint.hit("writer-made");
      // It gets its final name only once it is locked: a sender must not take it for a dead
      // writer's.
      Path directory = spool.resolve(Base32.encode(writerId));
      lock = HeldLocks.moved(lock, made, directory);
      return new SpoolWriter(
          directory,
          Optional.of(WriterLockFile.of(lock, directory.resolve(LOCK_FILE))),
          Optional.of(DiskReserve.take(directory)),
          segmentBytes,
          maxBytes,
          recordMaxBytes);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** A writer that stores nothing: every append throws the reason. */
  public static SpoolWriter unusable(Path spool, IOException why) {
    return new SpoolWriter(spool, why);
  }

  public Path directory() {
    return directory;
  }

  /**
   * Appends the event that {@code record} makes for the next seq of the topic.
   *
   * @throws IOException when it could not be stored; then no seq is used up
   */
  public synchronized void append(Topics topic, LongFunction<SpecificRecord> record)
      throws IOException {
    if (closed || unusable != null) {
      throw new IOException(
          unusable == null ? "The tracker is closed." : "The spool cannot be written: " + unusable);
    }
    refuseWhenFull(topic);
    try {
      store(topic, record);
    } catch (SegmentWriter.UnusableException | NotStorableException e) {
      throw e;
    } catch (IOException diskFull) {
      if (topic == Topics.METRICS || reserve.isEmpty() || !reserve.get().give()) {
        throw diskFull;
      }
      store(topic, record);
    }
    FailPoint.hit("appended");
  }

  private void store(Topics topic, LongFunction<SpecificRecord> record) throws IOException {
    Stream stream = streams.get(topic);
    if (stream.open == null || stream.open.bytes() >= segmentBytes) {
      roll(topic, stream);
    }
    SpecificRecord event = record.apply(stream.nextSeq);
    if (EncodedSize.mayExceed(event, recordMaxBytes)) {
      throw new NotStorableException(
          "The event is larger than record.max.bytes (" + recordMaxBytes + ").");
    }
    try {
      storedBytes += stream.open.append(event);
    } catch (SegmentWriter.UnusableException e) {
      // Half of the event may be at the segment's end, so its seq is not given to another.
      stream.nextSeq++;
      leave(stream);
      throw e;
    }
    stream.nextSeq++;
    stream.isOpenEmpty = false;
    stream.dirty = true;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /** What the sender has removed is counted by listing the directory, once it begins to matter. */
  private void refuseWhenFull(Topics topic) throws IOException {
    long room = maxBytes - (topic == Topics.METRICS ? RESERVE_BYTES : 0);
    if (storedBytes >= room && System.nanoTime() - countAgain >= 0) {
      storedBytes = SpoolDirectory.bytes(directory);
      countAgain = System.nanoTime() + COUNT_AGAIN_NANOS;
    }
    if (storedBytes >= room) {
      throw new IOException(
          "The spool of this writer has reached its limit of " + maxBytes + " bytes.");
    }
    if (topic == Topics.METRICS && reserve.isPresent() && reserve.get().isGiven()) {
      throw new IOException("The disk of the spool is full.");
    }
  }

  private void roll(Topics topic, Stream stream) throws IOException {
    if (stream.open != null) {
      leave(stream);
    }
    stream.open =
        SegmentWriter.create(
            directory.resolve(SpoolDirectory.segmentName(topic, stream.segment + 1)), topic);
    stream.segment++;
    stream.isOpenEmpty = true;
    storedBytes += stream.open.bytes();
  }

  private void leave(Stream stream) {
    rolled.add(stream.open);
    stream.open = null;
    stream.dirty = false;
  }

  /**
   * Ends the segments that have events, so that all that was appended so far is in segments which
   * do not grow any more, for a sender that takes whole ones. The next event begins another.
   */
  public synchronized void endSegments() {
    streams.values().stream()
        .filter(stream -> stream.open != null && !stream.isOpenEmpty)
        .forEach(this::leave);
  }

  /**
   * Whether a segment may still grow.
   *
   * @param segment the name of a segment of this writer
   */
  public synchronized boolean appendsTo(String segment) {
    return streams.entrySet().stream()
        .anyMatch(
            each ->
                each.getValue().open != null
                    && segment.equals(
                        SpoolDirectory.segmentName(each.getKey(), each.getValue().segment)));
  }

  /** Makes everything appended so far survive a failure of the machine; appending continues. */
  public void sync() throws IOException {
    synchronized (syncing) {
      List<SegmentWriter> left;
      List<SegmentWriter> open = new ArrayList<>();
      synchronized (this) {
        left = List.copyOf(rolled);
        rolled.clear();
        for (Stream stream : streams.values()) {
          if (stream.dirty && stream.open != null) {
            open.add(stream.open);
            stream.dirty = false;
          }
        }
      }
      for (SegmentWriter segment : open) {
        segment.sync();
        FailPoint.hit("synced");
      }
      for (SegmentWriter segment : left) {
        try (segment) {
          segment.sync();
        }
      }
    }
  }

  /**
   * Restores what was removed while this writer had it open: its directory, its lock, the segments
   * that it appends to. Names and numbers are the events' identity, so nothing counts twice. Checks
   * only a few names; to be called about once a second.
   */
  public void restoreIfRemoved() throws IOException {
    synchronized (syncing) {
      synchronized (this) {
        if (closed || lock.isEmpty()) {
          return;
        }
        List<SegmentWriter> displaced = displacedSegments();
        if (displaced.isEmpty() && !lock.get().isDisplaced()) {
          return;
        }
        SpoolDirectory.createPrivate(directory);
        lock = Optional.of(lock.get().restored());
        for (SegmentWriter segment : displaced) {
          segment.restore();
        }
        reserve.get().takeAgain();
        LOG.warn(
            "Files of {} were removed or replaced while in use; what was still open has been"
                + " restored.",
            directory);
      }
    }
  }

  /** Restores full segments only with their directory: a single one was removed by the sender. */
  private List<SegmentWriter> displacedSegments() throws IOException {
    List<SegmentWriter> mine = new ArrayList<>();
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      mine.addAll(rolled);
    }
    streams.values().stream().filter(s -> s.open != null).forEach(s -> mine.add(s.open));
    List<SegmentWriter> displaced = new ArrayList<>();
    for (SegmentWriter segment : mine) {
      if (segment.isDisplaced()) {
        displaced.add(segment);
      }
    }
    return displaced;
  }

  /** Leaves the directory to the sender that finishes it. */
  @Override
  public void close() throws IOException {
    synchronized (syncing) {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
        streams.values().stream().filter(stream -> stream.open != null).forEach(this::leave);
      }
      try {
        sync();
      } finally {
        if (reserve.isPresent()) {
          reserve.get().close();
        }
        if (lock.isPresent()) {
          lock.get().close();
        }
      }
    }
  }
}
