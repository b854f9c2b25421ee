package io.runledger.client;

import io.runledger.config.Configuration;
import io.runledger.config.FailPoint;
import io.runledger.config.Setting;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of JSON lines in a spool: what is read goes out as one chunk, and only when the broker has
 * acknowledged all of it the position moves on.
 */
final class JsonLinesFile implements SpoolSource {

  private static final Logger log = LoggerFactory.getLogger(JsonLinesFile.class);

  private static final int READ_BYTES = 1 << 20;
  private static final int LONGEST_LINE = 16 << 20;
  private static final Duration IDLE = Duration.ofDays(7);
  private static final long SHORTEST_PAUSE_NANOS = 10_000_000;
  private static final long LONGEST_PAUSE_NANOS = 500_000_000;

  /** What the lines of a chunk say, and the position behind it. */
  private record Chunk(
      Map<Topics, List<SpecificRecord>> events, List<BadLine> badLines, long end) {}

  /** A line that goes to the dead letters as it stands. */
  private static final class BadLine {
    private final long number;
    private final byte[] bytes;
    private final String why;

    BadLine(long number, byte[] bytes, String why) {
      this.number = number;
      this.bytes = bytes;
      this.why = why;
    }
  }

  /** What the broker has not answered yet. */
  private record InFlight(
      Map<Topics, List<EventProducer.Sent>> events, Map<BadLine, Future<?>> badLines) {

    private static final InFlight NOTHING = new InFlight(Map.of(), Map.of());

    boolean isAnswered() {
      return events.values().stream().flatMap(List::stream).allMatch(sent -> sent.future().isDone())
          && badLines.values().stream().allMatch(Future::isDone);
    }

    boolean isEmpty() {
      return events.isEmpty() && badLines.isEmpty();
    }
  }

  private final Path path;
  private final HeldLocks.Held lock;
  private final FileChannel channel;
  private final Configuration configuration;
  private JsonLines lines;
  private long lineNumber;
  private long acknowledged;
  private long noted;
  private Optional<Chunk> waiting = Optional.empty();
  private InFlight inFlight = InFlight.NOTHING;
  private boolean oneByOne;
  private long acknowledgedEvents;
  private long pauseNanos = SHORTEST_PAUSE_NANOS;
  private long nextLook = System.nanoTime();

  private JsonLinesFile(
      Path path, HeldLocks.Held lock, FileChannel channel, Configuration configuration) {
    this.path = path;
    this.lock = lock;
    this.channel = channel;
    this.configuration = configuration;
    this.lines = new JsonLines(path.getFileName().toString(), configuration);
  }

  /** The file, locked for this sender; empty when another one serves it, or it is gone. */
  static Optional<JsonLinesFile> open(Path path, Configuration configuration) throws IOException {
    Optional<HeldLocks.Held> lock = HeldLocks.take(beside(path, "lock"));
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try {
      FileChannel channel =
          FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
      JsonLinesFile file = new JsonLinesFile(path, lock.get(), channel, configuration);
      try {
        file.goOn(noted(path));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      return Optional.of(file);
    } catch (NoSuchFileException gone) {
      lock.get().close();
      Files.deleteIfExists(beside(path, "lock"));
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
  }

  private static Path beside(Path file, String what) {
    return file.resolveSibling("." + file.getFileName() + "." + what);
  }

  /** Reads what was acknowledged before once more: what a line leaves out stands above it. */
  private void goOn(long position) throws IOException {
    while (acknowledged < position) {
      Chunk chunk = chunk(position - acknowledged);
      if (chunk.end() == acknowledged) {
        // A note that does not belong to these lines: all of it is sent again, and counts once.
        startOver();
        return;
      }
      acknowledged = chunk.end();
    }
    noted = acknowledged;
  }

  private void startOver() {
    lines = new JsonLines(path.getFileName().toString(), configuration);
    lineNumber = 0;
    acknowledged = 0;
    waiting = Optional.empty();
    inFlight = InFlight.NOTHING;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public boolean send(EventProducer producer) throws IOException {
    if (!inFlight.isEmpty() && !settle()) {
      return true;
    }
    if (waiting.isEmpty() && !readOn()) {
      return false;
    }
    Chunk chunk = waiting.orElseThrow();
    Map<Topics, List<EventProducer.Sent>> events = new EnumMap<>(Topics.class);
    for (Map.Entry<Topics, List<SpecificRecord>> each : chunk.events().entrySet()) {
      Topics topic = each.getKey();
      events.put(
          topic,
          oneByOne
              ? producer.sendEach(topic, each.getValue())
              : producer.send(topic, each.getValue()));
    }
    Map<BadLine, Future<?>> badLines = new LinkedHashMap<>();
    for (BadLine bad : chunk.badLines()) {
      badLines.put(bad, producer.sendBadLine(lines.run(), bad.bytes, told(bad)));
    }
    FailPoint.hit("sent");
    inFlight = new InFlight(events, badLines);
    if (inFlight.isEmpty()) {
      acknowledge(chunk);
      return false;
    }
    return true;
  }

  private String told(BadLine bad) {
    return "%s line %d: %s.".formatted(path.getFileName(), bad.number, bad.why);
  }

  /** Whether the broker has answered; what it did not take is sent again. */
  private boolean settle() throws IOException {
    if (!inFlight.isAnswered()) {
      return false;
    }
    InFlight settled = inFlight;
    inFlight = InFlight.NOTHING;
    try {
      long events = 0;
      for (Map.Entry<Topics, List<EventProducer.Sent>> each : settled.events().entrySet()) {
        for (EventProducer.Sent sent : each.getValue()) {
          if (!sent.isTooLarge()) {
            sent.future().get();
            events += sent.events();
          } else if (oneByOne) {
            Quarantine.keepRefused(path, each.getKey(), sent);
          } else {
            oneByOne = true;
            return true;
          }
        }
      }
      for (Map.Entry<BadLine, Future<?>> each : settled.badLines().entrySet()) {
        if (EventProducer.isTooLarge(each.getValue())) {
          Quarantine.keepLine(path, each.getKey().number, each.getKey().bytes);
        } else {
          each.getValue().get();
        }
      }
      acknowledgedEvents += events;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new BrokerException("The broker did not take events of " + path + ".", e.getCause());
    }
    FailPoint.hit("acknowledged");
    acknowledge(waiting.orElseThrow());
    return true;
  }

  private void acknowledge(Chunk chunk) {
    oneByOne = false;
    acknowledged = chunk.end();
    waiting = Optional.empty();
    inFlight = InFlight.NOTHING;
  }

  /** Whether there is a chunk to send. */
  private boolean readOn() throws IOException {
    if (System.nanoTime() - nextLook < 0) {
      return false;
    }
    if (channel.size() < acknowledged) {
      log.warn("{} got shorter; it is read from its beginning again.", path);
      startOver();
    }
    Chunk chunk = chunk(Long.MAX_VALUE);
    if (chunk.end() > acknowledged) {
      waiting = Optional.of(chunk);
      pauseNanos = SHORTEST_PAUSE_NANOS;
      return true;
    }
    pauseNanos = Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
    nextLook = System.nanoTime() + pauseNanos;
    return false;
  }

  /** The whole lines that follow, a megabyte of them or {@code most} bytes. */
  private Chunk chunk(long most) throws IOException {
    Map<Topics, List<SpecificRecord>> events = new EnumMap<>(Topics.class);
    List<BadLine> badLines = new ArrayList<>();
    byte[] bytes = wholeLines(most);
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        line(Arrays.copyOfRange(bytes, from, i), events, badLines);
        from = i + 1;
      }
    }
    return new Chunk(events, badLines, acknowledged + bytes.length);
  }

  private void line(byte[] line, Map<Topics, List<SpecificRecord>> events, List<BadLine> badLines)
      throws IOException {
    lineNumber++;
    if (line.length > configuration.integer(Setting.RECORD_MAX_BYTES)) {
      Quarantine.keepLine(path, lineNumber, line);
      return;
    }
    try {
      lines
          .event(line)
          .ifPresent(
              found ->
                  events
                      .computeIfAbsent(found.topic(), any -> new ArrayList<>())
                      .add(found.event()));
    } catch (BadLineException e) {
      badLines.add(new BadLine(lineNumber, line, e.getMessage()));
    }
  }

  private byte[] wholeLines(long most) throws IOException {
    long available = Math.min(most, channel.size() - acknowledged);
    for (int wanted = READ_BYTES; ; wanted *= 4) {
      byte[] bytes = bytesAt(acknowledged, (int) Math.min(available, wanted));
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      if (end > 0 || bytes.length == available) {
        return Arrays.copyOf(bytes, end);
      }
      if (wanted >= LONGEST_LINE) {
        throw new IOException(
            "Line %d of %s is longer than %d bytes.".formatted(lineNumber + 1, path, wanted));
      }
    }
  }

  private byte[] bytesAt(long position, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.max(0, count));
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        break;
      }
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  @Override
  public long takeAcknowledged() {
    long taken = acknowledgedEvents;
    acknowledgedEvents = 0;
    return taken;
  }

  private static long noted(Path path) throws IOException {
    Path note = beside(path, "sent");
    if (!Files.isRegularFile(note, LinkOption.NOFOLLOW_LINKS) || Files.size(note) > 100) {
      return 0;
    }
    String text = new String(Files.readAllBytes(note), StandardCharsets.ISO_8859_1);
    Matcher line = Pattern.compile("(lines ([0-9]{1,18})) ([0-9a-f]+)\n").matcher(text);
    return line.matches() && Acknowledgements.checksum(line.group(1)).equals(line.group(3))
        ? Long.parseLong(line.group(2))
        : 0;
  }

  @Override
  public void saveProgress() throws IOException {
    if (noted == acknowledged) {
      return;
    }
    String line = "lines " + acknowledged;
    Acknowledgements.replace(
        beside(path, "sent"), line + " " + Acknowledgements.checksum(line) + "\n");
    noted = acknowledged;
  }

  @Override
  public boolean isDone() throws IOException {
    if (waiting.isPresent() || !inFlight.isEmpty()) {
      return false;
    }
    if (!Files.exists(path)) {
      return true;
    }
    if (channel.size() != acknowledged || acknowledged == 0) {
      return false;
    }
    return lines.isEnded()
        || Files.getLastModifiedTime(path).toInstant().isBefore(Instant.now().minus(IDLE));
  }

  @Override
  public void remove() throws IOException {
    try (lock;
        channel) {
      FailPoint.hit("segment-sent");
      Files.deleteIfExists(path);
      FailPoint.hit("segment-deleted");
      Files.deleteIfExists(beside(path, "sent"));
    }
    Files.deleteIfExists(beside(path, "lock"));
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      channel.close();
    }
  }
}
