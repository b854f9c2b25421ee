package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.config.FailPoint;
import io.runledger.config.Setting;
import io.runledger.files.HeldLocks;
import io.runledger.schemas.Topics;
import io.runledger.spool.AcknowledgedOffset;
import io.runledger.spool.FileIdentity;
import io.runledger.spool.LineReader;
import io.runledger.spool.Observer;
import io.runledger.spool.Quarantine;
import io.runledger.spool.lines.JsonLines;
import io.runledger.spool.lines.LineChunk;
import io.runledger.spool.lines.LineHolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** What is held while it is served: the lock against other senders, and the file. */
  private record Opened(HeldLocks.Held lock, LineReader reader) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try (lock) {
        reader.close();
      }
    }
  }

  private final Path path;
  private final Configuration configuration;
  private final Undelivered undelivered;
  private final int longest;
  private final AcknowledgedOffset offset;
  private final InFlight inFlight;
  private Optional<Opened> opened;
  private FileIdentity identity;
  private JsonLines lines;
  private LineHolder holder = LineHolder.UNKNOWN;
  private long lineNumber;
  private long acknowledged;
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
      Path path, Opened opened, Configuration configuration, Undelivered undelivered) {
    this.path = path;
    this.opened = Optional.of(opened);
    this.identity = opened.reader().identity();
    this.configuration = configuration;
    this.undelivered = undelivered;
    this.longest = configuration.integer(Setting.RECORD_MAX_BYTES);
    this.offset = new AcknowledgedOffset(beside(path, "sent"));
    this.inFlight = new InFlight(path, undelivered);
    this.lines = new JsonLines(path.getFileName().toString(), configuration);
  }

  /** The file, locked for this sender; empty when another one serves it, or it is gone. */
  static Optional<JsonLinesFile> open(
      Path path, Configuration configuration, Undelivered undelivered) throws IOException {
    Optional<Opened> opened = take(path, configuration.integer(Setting.RECORD_MAX_BYTES));
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    JsonLinesFile file = new JsonLinesFile(path, opened.get(), configuration, undelivered);
    try {
      file.resumeAt(file.offset.read());
      return Optional.of(file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Optional<Opened> take(Path path, int longest) throws IOException {
    Optional<HeldLocks.Held> lock = HeldLocks.take(beside(path, "lock"));
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Opened(lock.get(), LineReader.open(path, longest)));
    } catch (NoSuchFileException gone) {
      lock.get().close();
      Files.deleteIfExists(beside(path, "lock"));
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
  }

  static Path beside(Path file, String what) {
    return file.resolveSibling("." + file.getFileName() + "." + what);
  }

  private LineReader reader() {
    return opened.orElseThrow().reader();
  }

  /** Reads the acknowledged lines again: what a line omits is in those above it. */
  private void resumeAt(long position) throws IOException {
    while (acknowledged < position) {
      LineChunk chunk = chunk(position - acknowledged);
      if (chunk.isEmpty() || chunk.end() > position) {
        // The note does not belong to these lines: all of them are sent again, and count once.
        startOver();
        return;
      }
      moveTo(chunk);
    }
  }

  private void startOver() {
    lines = new JsonLines(path.getFileName().toString(), configuration);
    holder = LineHolder.UNKNOWN;
    lineNumber = 0;
    acknowledged = 0;
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
      bad.put(line, producer.sendBadLine(lines.run(), line.bytes(), why));
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
      Quarantine.keepLine(path, each.number(), reader().channel(), each.line(), each.context());
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
    moveTo(chunk);
    waiting = Optional.empty();
    isShipped = false;
  }

  private void moveTo(LineChunk chunk) {
    acknowledged = chunk.end();
    lineNumber = chunk.lastLineNumber();
  }

  /** Whether there is a chunk to send. */
  private boolean readOn() throws IOException {
    if (System.nanoTime() - nextLook < 0) {
      return false;
    }
    long size = reader().size();
    if (size < acknowledged) {
      LOG.warn("{} became shorter; reading it from the beginning again.", path);
      startOver();
    }
    LineChunk chunk = chunk(Long.MAX_VALUE);
    if (chunk.isEmpty() && hasEndedForItsProcess(size)) {
      chunk = chunk(Long.MAX_VALUE);
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
    if (size == 0 || lines.isEnded() || isUnobservable || System.nanoTime() - nextObservation < 0) {
      return false;
    }
    nextObservation = System.nanoTime() + OBSERVE_NANOS;
    try {
      if (!holder.isGoneHere(reader().channel()) || !reader().identity().standsAt(path)) {
        return false;
      }
      // The line that it was writing when it was killed is incomplete.
      String torn = acknowledged < reader().size() ? "\n" : "";
      Files.writeString(
          path, torn + Observer.line(holder.pid().orElseThrow()), StandardOpenOption.APPEND);
      return true;
    } catch (IOException notOurs) {
      isUnobservable = true;
      LOG.debug("{} cannot be ended.", path, notOurs);
      return false;
    }
  }

  /** A writer restores a file that was removed, as another file with the same name and lines. */
  private void followName() throws IOException {
    if (reader().identity().standsAt(path) || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    LineReader fresh = LineReader.open(path, longest);
    Opened before = opened.orElseThrow();
    opened = Optional.of(new Opened(before.lock(), fresh));
    identity = fresh.identity();
    before.reader().close();
    startOver();
  }

  /** The next lines: some hundred kilobytes, {@code most} bytes, or one long line. */
  private LineChunk chunk(long most) throws IOException {
    LineChunk chunk = new LineChunk(lines, longest, acknowledged, lineNumber);
    byte[] bytes = reader().wholeLines(acknowledged, most);
    if (bytes.length > 0) {
      if (lineNumber == 0) {
        holder = LineHolder.of(firstLine(bytes));
      }
      chunk.add(bytes);
      return chunk;
    }
    Optional<LineReader.LongLine> tooLong = reader().longLine(acknowledged);
    if (tooLong.isPresent()) {
      long length = tooLong.get().to() - acknowledged;
      byte[] head = reader().bytesAt(acknowledged, LineChunk.HEAD_BYTES);
      if (LineChunk.isCutToFit(length, head)) {
        chunk.add(reader().bytesAt(acknowledged, (int) length + 1));
      } else {
        chunk.addLong(tooLong.get(), head);
      }
    }
    return chunk;
  }

  private static byte[] firstLine(byte[] bytes) {
    int end = 0;
    while (bytes[end] != '\n') {
      end++;
    }
    return Arrays.copyOf(bytes, end);
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
    if (opened.isPresent()) {
      offset.write(acknowledged);
    }
  }

  @Override
  public boolean isDone() throws IOException {
    if (waiting.isPresent()) {
      return false;
    }
    long size = reader().size();
    if (!reader().identity().standsAt(path)) {
      return size == sizeAtLastLook && !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
    return size == acknowledged && size > 0 && (lines.isEnded() || isAbandoned());
  }

  /** Whether nothing came for a long time, by the disk's clock, and no writer is left. */
  private boolean isAbandoned() throws IOException {
    Instant last = Files.getLastModifiedTime(path).toInstant();
    if (System.nanoTime() - askAgain < 0 || last.isAfter(Instant.now().minus(IDLE))) {
      return false;
    }
    askAgain = System.nanoTime() + ASK_AGAIN_NANOS;
    offset.rewrite(acknowledged);
    Instant now = Files.getLastModifiedTime(offset.note()).toInstant();
    return last.isBefore(now.minus(IDLE)) && holder.isDead(reader().channel());
  }

  @Override
  public void remove() throws IOException {
    try (Opened closing = opened.orElseThrow()) {
      opened = Optional.empty();
      FailPoint.hit("segment-sent");
      if (closing.reader().identity().standsAt(path) && !deleted(closing.reader())) {
        return;
      }
      FailPoint.hit("segment-deleted");
      Files.deleteIfExists(offset.note());
    }
    Files.deleteIfExists(beside(path, "lock"));
  }

  /** For a file without an end, checks once more that its writer is gone. */
  private boolean deleted(LineReader reader) throws IOException {
    if (lines.isEnded()) {
      return Files.deleteIfExists(path);
    }
    return holder.isDead(reader.channel()) && Files.deleteIfExists(path);
  }

  @Override
  public long park() throws IOException {
    saveProgress();
    close();
    return sizeAtLastLook;
  }

  @Override
  public boolean resume() throws IOException {
    opened = take(path, longest);
    if (opened.isEmpty()) {
      return false;
    }
    nextLook = System.nanoTime();
    if (!reader().identity().equals(identity)) {
      identity = reader().identity();
      startOver();
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    if (opened.isPresent()) {
      Opened closing = opened.get();
      opened = Optional.empty();
      closing.close();
    }
  }
}
