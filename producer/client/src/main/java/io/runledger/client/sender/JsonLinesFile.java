package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.config.FailPoint;
import io.runledger.files.HeldLocks;
import io.runledger.schemas.Topics;
import io.runledger.spool.AcknowledgedOffset;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.LineChunk;
import io.runledger.spool.lines.LineCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of JSON lines in a spool: what is read goes out as one chunk, and the position advances
 * only when the broker has acknowledged all of it.
 */
final class JsonLinesFile implements SpoolSource {

  private static final Logger LOG = LoggerFactory.getLogger(JsonLinesFile.class);

  private static final Duration IDLE = Duration.ofDays(7);
  private static final long ASK_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long OBSERVE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long SHORTEST_PAUSE_NANOS = 10_000_000;
  private static final long LONGEST_PAUSE_NANOS = 500_000_000;

  private final Path path;
  private final Undelivered undelivered;
  private final AcknowledgedOffset offset;
  private final InFlight inFlight;

  /** Behind what is acknowledged; open while the lock against other senders is held. */
  private final LineCursor cursor;

  private Optional<HeldLocks.Held> lock;
  private long sizeAtLastLook = -1;
  private Optional<LineChunk> waiting = Optional.empty();
  private Map<LineChunk.BadLine, Future<?>> badLines = Map.of();
  private boolean isShipped;
  private long acknowledgedEvents;
  private long pauseNanos = SHORTEST_PAUSE_NANOS;
  private long nextLook = System.nanoTime();
  private long askAgain = System.nanoTime();
  private long nextObservation = System.nanoTime();
  private boolean isUnobservable;

  private JsonLinesFile(
      Path path, HeldLocks.Held lock, LineCursor cursor, Undelivered undelivered) {
    this.path = path;
    this.lock = Optional.of(lock);
    this.cursor = cursor;
    this.undelivered = undelivered;
    this.offset = new AcknowledgedOffset(SpoolDirectory.noteOf(path));
    this.inFlight = new InFlight(path, undelivered);
  }

  /** The file, locked for this sender; empty when another one serves it, or it is gone. */
  static Optional<JsonLinesFile> open(
      Path path, Configuration configuration, Undelivered undelivered) throws IOException {
    Optional<HeldLocks.Held> lock = HeldLocks.take(SpoolDirectory.lockOf(path));
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    LineCursor cursor;
    try {
      cursor = LineCursor.open(path, configuration, false);
    } catch (NoSuchFileException gone) {
      release(lock.get(), path);
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
    JsonLinesFile file = new JsonLinesFile(path, lock.get(), cursor, undelivered);
    try {
      // A note that does not belong to these lines: all of them are sent again, and count once.
      cursor.resumeAt(file.offset.read());
      return Optional.of(file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void release(HeldLocks.Held lock, Path gone) throws IOException {
    lock.close();
    Files.deleteIfExists(SpoolDirectory.lockOf(gone));
  }

  private void startOver() {
    cursor.startOver();
    forgetWhatIsInFlight();
  }

  private void forgetWhatIsInFlight() {
    sizeAtLastLook = -1;
    waiting = Optional.empty();
    isShipped = false;
    inFlight.drop();
    badLines = Map.of();
    nextLook = System.nanoTime();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public boolean send(EventProducer producer) throws IOException {
    if (isShipped && !settle(producer)) {
      return true;
    }
    if (waiting.isEmpty() && !readOn()) {
      return false;
    }
    return ship(waiting.orElseThrow(), producer);
  }

  private boolean ship(LineChunk chunk, EventProducer producer) throws IOException {
    List<EventProducer.Sent> sent = new ArrayList<>();
    for (Map.Entry<Topics, List<SpecificRecord>> each : chunk.events().entrySet()) {
      sent.addAll(
          inFlight.isOneByOne()
              ? producer.sendEach(each.getKey(), each.getValue())
              : producer.send(each.getKey(), each.getValue()));
    }
    sent.addAll(producer.sendNotices(keepLongLines(chunk)));
    Map<LineChunk.BadLine, Future<?>> bad = new LinkedHashMap<>();
    for (LineChunk.BadLine line : chunk.badLines()) {
      String why = "%s line %d: %s.".formatted(path.getFileName(), line.number(), line.why());
      bad.put(line, producer.sendBadLine(cursor.lines().run(), line.bytes(), why));
    }
    badLines = bad;
    inFlight.carry(sent);
    if (inFlight.isEmpty() && badLines.isEmpty()) {
      acknowledge(chunk);
      return false;
    }
    isShipped = true;
    return true;
  }

  /** Quarantines the lines that are too long; returns the notice for their run, if one is known. */
  private List<SpecificRecord> keepLongLines(LineChunk chunk) throws IOException {
    List<SpecificRecord> notices = new ArrayList<>();
    for (LineChunk.TooLong each : chunk.tooLong()) {
      Quarantine.keepLine(path, each.number(), cursor.channel(), each.line(), each.context());
      each.notice().ifPresent(notices::add);
    }
    return notices;
  }

  /** Whether the broker has taken the chunk; what it did not take is sent again. */
  private boolean settle(EventProducer producer) throws IOException {
    if (!inFlight.isAnswered() || !badLines.values().stream().allMatch(Future::isDone)) {
      return false;
    }
    try {
      takeBadLines();
      Optional<Long> events = inFlight.settle(producer);
      if (events.isPresent()) {
        acknowledgedEvents += events.get();
        acknowledge(waiting.orElseThrow());
        return true;
      }
      isShipped = !inFlight.isEmpty();
      return !isShipped;
    } catch (IOException e) {
      isShipped = false;
      inFlight.drop();
      throw e;
    }
  }

  /** A bad line that arrived is not sent again with its chunk: it would be a second dead letter. */
  private void takeBadLines() throws IOException {
    Map<LineChunk.BadLine, Future<?>> answered = badLines;
    badLines = Map.of();
    for (Map.Entry<LineChunk.BadLine, Future<?>> each : answered.entrySet()) {
      try {
        each.getValue().get();
        undelivered.badLines(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BrokerException("Interrupted while sending " + path + ".", e);
      } catch (ExecutionException e) {
        if (!EventProducer.isTooLarge(e)) {
          throw new BrokerException(
              "The broker did not accept a line of " + path + ".", e.getCause());
        }
        LineChunk.BadLine line = each.getKey();
        Quarantine.keepBadLine(path, line.number(), line.bytes(), line.why());
        undelivered.quarantined(1);
      }
      waiting.orElseThrow().badLines().remove(each.getKey());
    }
  }

  private void acknowledge(LineChunk chunk) {
    undelivered.quarantined(chunk.tooLong().size());
    cursor.moveTo(chunk);
    waiting = Optional.empty();
    isShipped = false;
  }

  /** Whether there is a chunk to send. */
  private boolean readOn() throws IOException {
    if (System.nanoTime() - nextLook < 0) {
      return false;
    }
    long size = cursor.size();
    if (size < cursor.position()) {
      LOG.warn("{} became shorter; reading it from the beginning again.", path);
      startOver();
    }
    LineChunk chunk = cursor.next(Long.MAX_VALUE);
    if (chunk.isEmpty() && hasEndedForItsProcess(size)) {
      chunk = cursor.next(Long.MAX_VALUE);
    }
    if (!chunk.isEmpty()) {
      waiting = Optional.of(chunk);
      pauseNanos = SHORTEST_PAUSE_NANOS;
      return true;
    }
    sizeAtLastLook = size;
    pauseNanos = Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
    nextLook = System.nanoTime() + pauseNanos;
    followName();
    return false;
  }

  /**
   * Ends the file of a process of this machine that is gone without having reported an end; returns
   * whether it did.
   */
  private boolean hasEndedForItsProcess(long size) {
    if (size == 0 || isUnobservable || System.nanoTime() - nextObservation < 0) {
      return false;
    }
    nextObservation = System.nanoTime() + OBSERVE_NANOS;
    try {
      return cursor.endForItsProcess();
    } catch (IOException notOurs) {
      isUnobservable = true;
      LOG.debug("Cannot append an end to {}.", path, notOurs);
      return false;
    }
  }

  /** A writer restores a file that was removed, as another file with the same name and lines. */
  private void followName() throws IOException {
    if (!cursor.standsAtItsName()
        && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && cursor.reopen()) {
      forgetWhatIsInFlight();
    }
  }

  @Override
  public long takeAcknowledged() {
    long taken = acknowledgedEvents;
    acknowledgedEvents = 0;
    return taken;
  }

  @Override
  public long bytesWaiting() {
    return waiting.map(LineChunk::bytes).orElse(0);
  }

  @Override
  public void saveProgress() throws IOException {
    if (lock.isPresent()) {
      offset.write(cursor.position());
    }
  }

  @Override
  public boolean isDone() throws IOException {
    if (waiting.isPresent()) {
      return false;
    }
    long size = cursor.size();
    if (!cursor.standsAtItsName()) {
      return size == sizeAtLastLook && !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
    return size == cursor.position() && size > 0 && (cursor.lines().isEnded() || isAbandoned());
  }

  /** Whether nothing came for a long time, by the disk's clock, and no writer is left. */
  private boolean isAbandoned() throws IOException {
    Instant last = Files.getLastModifiedTime(path).toInstant();
    if (System.nanoTime() - askAgain < 0 || last.isAfter(Instant.now().minus(IDLE))) {
      return false;
    }
    askAgain = System.nanoTime() + ASK_AGAIN_NANOS;
    offset.rewrite(cursor.position());
    Instant now = Files.getLastModifiedTime(offset.note()).toInstant();
    return last.isBefore(now.minus(IDLE)) && cursor.holder().isDead(cursor.channel());
  }

  @Override
  public void remove() throws IOException {
    if (FollowedSpool.keeps(path.getParent())) {
      saveProgress();
      close();
      return;
    }
    try {
      FailPoint.hit("segment-sent");
      if (cursor.standsAtItsName() && !deleted()) {
        return;
      }
      FailPoint.hit("segment-deleted");
      Files.deleteIfExists(offset.note());
      Files.deleteIfExists(SpoolDirectory.copyMarkOf(path));
    } finally {
      close();
    }
    Files.deleteIfExists(SpoolDirectory.lockOf(path));
  }

  /** For a file without an end, checks once more that its writer is gone. */
  private boolean deleted() throws IOException {
    return (cursor.lines().isEnded() || cursor.holder().isDead(cursor.channel()))
        && Files.deleteIfExists(path);
  }

  @Override
  public long park() throws IOException {
    saveProgress();
    close();
    return sizeAtLastLook;
  }

  @Override
  public boolean resume() throws IOException {
    lock = HeldLocks.take(SpoolDirectory.lockOf(path));
    if (lock.isEmpty()) {
      return false;
    }
    nextLook = System.nanoTime();
    try {
      if (cursor.reopen()) {
        forgetWhatIsInFlight();
      }
      return true;
    } catch (NoSuchFileException gone) {
      release(lock.get(), path);
      lock = Optional.empty();
      return false;
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    if (lock.isPresent()) {
      HeldLocks.Held held = lock.get();
      lock = Optional.empty();
      try (held) {
        cursor.close();
      }
    }
  }
}
