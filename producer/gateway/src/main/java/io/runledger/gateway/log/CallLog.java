package io.runledger.gateway.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.spool.LineReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.BadLineException;
import io.runledger.spool.lines.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends lines of all runs to one file of the spool, and to a new one when that is full. The last
 * files stay until newer ones are full: what they say of runs is read from them after a restart.
 * Thread-safe.
 */
public final class CallLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CallLog.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "calls-";
  private static final String SUFFIX = ".jsonl";
  private static final byte[] END = "{\"end\":true}\n".getBytes(StandardCharsets.US_ASCII);

  /** Files without an end, which no sender removes. */
  private static final int KEPT = 2;

  /** As much is read again after a restart. */
  private static final int REPLAYED = 8;

  /** No line that was stored is longer. */
  private static final int LONGEST_REPLAYED = 16 << 20;

  private final Path spool;
  private final Configuration configuration;
  private final DelayedSync sync;
  private final Runnable appended;
  private final TimeOrderedId ids = new TimeOrderedId(Clock.systemUTC());
  private final int longest;
  private final long fullBytes;
  private Optional<Open> open = Optional.empty();
  private boolean closed;

  /** The file that is appended to. */
  private static final class Open {
    private final Path path;
    private final RandomAccessFile file;
    private final JsonLines lines;
    private final long writer;
    private long bytes;

    Open(Path path, RandomAccessFile file, JsonLines lines, long writer) {
      this.path = path;
      this.file = file;
      this.lines = lines;
      this.writer = writer;
    }
  }

  /**
   * A log in this spool, of which no file is there yet.
   *
   * @param appended called after each append, to wake up who sends
   */
  public CallLog(Path spool, Configuration configuration, DelayedSync sync, Runnable appended) {
    this.spool = spool;
    this.configuration = configuration;
    this.sync = sync;
    this.appended = appended;
    this.longest = configuration.integer(Setting.RECORD_MAX_BYTES);
    this.fullBytes = configuration.number(Setting.SPOOL_SEGMENT_BYTES);
  }

  /**
   * Reads what the last files say, oldest first, and leaves them to the sender but for the newest.
   * Half a line at the end of one, which nobody was told is stored, is cut off.
   */
  public synchronized void replay(Consumer<StoredLine> each) throws IOException {
    List<Path> files = files();
    for (Path file : files.subList(Math.max(0, files.size() - REPLAYED), files.size())) {
      cutTornLine(file);
      replay(file, each);
    }
    endAllBut(KEPT);
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(spool)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(spool)) {
      return all.filter(
              file ->
                  file.getFileName().toString().startsWith(PREFIX)
                      && file.getFileName().toString().endsWith(SUFFIX))
          .sorted()
          .toList();
    }
  }

  private static void cutTornLine(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long end = file.length();
      while (end > 0) {
        file.seek(end - 1);
        if (file.read() == '\n') {
          break;
        }
        end--;
      }
      if (end < file.length()) {
        file.setLength(end);
      }
    }
  }

  private void replay(Path path, Consumer<StoredLine> each) throws IOException {
    JsonLines lines = new JsonLines(path.getFileName().toString(), configuration);
    try (LineReader reader = LineReader.open(path, LONGEST_REPLAYED)) {
      long position = 0;
      while (true) {
        byte[] some = reader.wholeLines(position, LONGEST_REPLAYED);
        if (some.length == 0) {
          return;
        }
        position += some.length;
        int from = 0;
        for (int i = 0; i < some.length; i++) {
          if (some[i] == '\n') {
            replay(Arrays.copyOfRange(some, from, i), lines, path, each);
            from = i + 1;
          }
        }
      }
    }
  }

  private static void replay(byte[] line, JsonLines lines, Path path, Consumer<StoredLine> each)
      throws IOException {
    try {
      List<JsonLines.LineEvent> events = lines.events(line);
      if (!lines.isEnded()) {
        each.accept(stored(JSON.readTree(line), events));
      }
    } catch (BadLineException e) {
      LOG.warn("A line of {} cannot be read again: {}", path, e.getMessage());
    }
  }

  private static StoredLine stored(JsonNode line, List<JsonLines.LineEvent> events) {
    List<StreamMark> marks = new ArrayList<>();
    Instant at = Instant.EPOCH;
    for (JsonLines.LineEvent event : events) {
      Envelope envelope = Envelope.of(event.event());
      at = envelope.at();
      StreamMark mark =
          new StreamMark(
              new RunId(envelope.run()),
              envelope.attempt(),
              envelope.writer(),
              event.topic().streamName(),
              envelope.seq());
      marks.removeIf(mark::isOfStreamOf);
      marks.add(mark);
    }
    return new StoredLine(line, at, marks);
  }

  /**
   * Appends lines, all of them or none. When this returns they are in a file.
   *
   * @return the lines in their order, with the numbers of their events
   * @throws NotStorableException when one of them is too long, or not one that can be read
   * @throws IOException when the disk or the spool is full
   */
  public synchronized List<StoredLine> append(List<ObjectNode> lines)
      throws IOException, NotStorableException {
    if (closed) {
      throw new IOException("The gateway is being stopped.");
    }
    Open file = openFile();
    List<byte[]> texts = new ArrayList<>();
    for (ObjectNode line : lines) {
      if (file.bytes == 0 && texts.isEmpty()) {
        line.put("writer_id", Base32.encode(file.writer));
      }
      texts.add(bytes(line));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<StoredLine> stored = new ArrayList<>();
    boolean isStored = false;
    try {
      for (int i = 0; i < texts.size(); i++) {
        stored.add(stored(lines.get(i), file.lines.events(texts.get(i))));
        bytes.writeBytes(texts.get(i));
        bytes.write('\n');
      }
      file.file.seek(file.bytes);
      file.file.write(bytes.toByteArray());
      isStored = true;
    } catch (BadLineException e) {
      throw new NotStorableException(e.getMessage());
    } finally {
      if (!isStored) {
        // Its events were numbered, and the numbers belong to what the file has.
        abandon(file);
      }
    }
    file.bytes += bytes.size();
    sync.isDue(file, () -> file.file.getFD().sync());
    appended.run();
    return stored;
  }

  private byte[] bytes(ObjectNode line) throws NotStorableException {
    byte[] text;
    try {
      text = JSON.writeValueAsBytes(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of texts and numbers always has a JSON form.", e);
    }
    if (text.length > longest) {
      throw new NotStorableException(
          "it takes %,d bytes, and an event may have %,d (record.max.bytes)"
              .formatted(text.length, longest));
    }
    return text;
  }

  private Open openFile() throws IOException {
    if (open.isPresent() && open.get().bytes < fullBytes) {
      return open.get();
    }
    if (open.isPresent()) {
      leave(open.get());
    }
    refuseWhenFull();
    SpoolDirectory.createPrivate(spool);
    long writer = ids.next();
    String name = PREFIX + Base32.encode(writer) + SUFFIX;
    Path path = Files.createFile(spool.resolve(name), PrivateFiles.FILE);
    open =
        Optional.of(
            new Open(
                path,
                new RandomAccessFile(path.toFile(), "rw"),
                new JsonLines(name, configuration),
                writer));
    endAllBut(KEPT + 1);
    return open.get();
  }

  private void refuseWhenFull() throws IOException {
    long most = configuration.number(Setting.SPOOL_MAX_BYTES);
    long bytes = 0;
    for (Path file : files()) {
      bytes += file.toFile().length();
    }
    if (bytes > most) {
      throw new SpoolFullException(
          "The spool %s has %,d bytes that are not sent, and may have %,d (spool.max.bytes)."
              .formatted(spool, bytes, most));
    }
  }

  private void abandon(Open file) {
    try {
      file.file.setLength(file.bytes);
      leave(file);
      if (file.bytes == 0) {
        Files.deleteIfExists(file.path);
      }
    } catch (IOException e) {
      LOG.warn("What could not be stored whole cannot be cut off {}: {}", file.path, e.toString());
      open = Optional.empty();
    }
  }

  private void leave(Open file) throws IOException {
    open = Optional.empty();
    sync.isDone(file);
    try (file.file) {
      file.file.getFD().sync();
    }
  }

  /** Files before the newest get their end: then a sender removes them when all is delivered. */
  private void endAllBut(int newest) throws IOException {
    List<Path> files = files();
    for (Path path : files.subList(0, Math.max(0, files.size() - newest))) {
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        byte[] last = new byte[END.length];
        long from = file.length() - last.length;
        if (from >= 0) {
          file.seek(from);
          file.readFully(last);
        }
        if (!Arrays.equals(last, END)) {
          file.seek(file.length());
          file.write(END);
        }
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (open.isPresent()) {
      leave(open.get());
    }
  }
}
