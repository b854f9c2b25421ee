package io.runledger.gateway.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Configuration;
import io.runledger.config.Printable;
import io.runledger.config.Setting;
import io.runledger.files.HeldLocks;
import io.runledger.files.PrivateFiles;
import io.runledger.gateway.log.SpoolFullException;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.RequestBody;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Sha256;
import io.runledger.schemas.Topics;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.lines.LineChunk;
import io.runledger.spool.lines.LineCursor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps copies of the files of other spools, as far as they have come: name and place of a line are
 * its identity, so what comes again adds nothing. Thread-safe.
 */
public final class SpoolIntake implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern LINES = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.jsonl");
  private static final Pattern SEGMENT =
      Pattern.compile("([0-9a-z]{13})/((?:runs|metrics|errors|slurm)-[0-9]{6,9}\\.avro)");

  /** The names of the gateway's own files begin so. */
  private static final String OWN = "calls-";

  private static final int MOST_SENT = 32 << 20;
  private static final int MOST_INFLATED = 64 << 20;
  private static final int AT_ONCE = 4;

  /** Files whose lines so far are remembered; those of others are read again. */
  private static final int CURSORS = 64;

  private static final int REASONS = 100;
  private static final long MOST_READ = 64L << 20;
  private static final long COUNT_AGAIN_NANOS = 1_000_000_000L;

  private final Path spool;
  private final Path incoming;
  private final Configuration configuration;
  private final Runnable appended;
  private final RequestBody bodies = new RequestBody(MOST_SENT, MOST_INFLATED, AT_ONCE);
  private final RefusedBatches refusedBatches;
  private final Map<Path, LineCursor> cursors = new LinkedHashMap<>(16, 0.75f, true);
  private long spooledBytes;
  private long countedNanos = System.nanoTime() - 2 * COUNT_AGAIN_NANOS;

  /**
   * An intake into a spool.
   *
   * @param incoming a directory on the same file system, for files that are not whole yet
   * @param appended called after each append, to wake up who sends
   */
  public SpoolIntake(Path spool, Path incoming, Configuration configuration, Runnable appended) {
    this.spool = spool;
    this.incoming = incoming;
    this.refusedBatches = new RefusedBatches(incoming.resolveSibling("refused-batches.txt"));
    this.configuration = configuration;
    this.appended = appended;
  }

  /** A request makes no sense, or not now. */
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Reply reply;

    RefusedException(Reply reply) {
      super("refused");
      this.reply = reply;
    }
  }

  /**
   * Takes what the parameters say: with {@code file} the lines of that file from byte {@code
   * position} on, or one whole segment; without it a batch that is a file of its own.
   *
   * @throws IOException when it could not be stored
   */
  public Reply take(Call call) throws IOException {
    try {
      byte[] body = bodies.bytes(call);
      if (body.length == 0) {
        throw refused(400, "The body is empty; it has lines of events, each ended by a line feed.");
      }
      refuseWhenFull(body.length);
      Optional<String> file = call.parameter("file");
      if (file.isEmpty()) {
        if (call.parameter("position").isPresent()) {
          throw refused(400, "The parameter position needs a file.");
        }
        return lines(nameOf(body), 0, body, true);
      }
      Matcher segment = SEGMENT.matcher(file.get());
      if (segment.matches() && Base32.isEncoded(segment.group(1))) {
        return segment(segment.group(1), segment.group(2), body);
      }
      if (!LINES.matcher(file.get()).matches() || file.get().startsWith(OWN)) {
        throw refused(
            400,
            "The parameter file is the name of a spool's file, such as host-4711.jsonl or 3ab9k2m0q7d1x/runs-000001.avro, not '%s'."
                .formatted(Printable.word(file.get())));
      }
      return lines(file.get(), position(call), body, false);
    } catch (RequestBody.Refused e) {
      Reply reply = problem(e.status(), e.getMessage(), Optional.empty());
      return e.status() == 503 ? reply.with("Retry-After", "5") : reply;
    } catch (RefusedException e) {
      return e.reply;
    }
  }

  /** The same batch has the same name, and so the same events. */
  private static String nameOf(byte[] body) {
    return "batch-" + HexFormat.of().formatHex(Sha256.of(body), 0, 16) + ".jsonl";
  }

  private static long position(Call call) throws RefusedException {
    Optional<String> text = call.parameter("position");
    if (text.isEmpty()) {
      return 0;
    }
    if (!text.get().matches("[0-9]{1,15}")) {
      throw refused(
          400,
          "The parameter position is the byte of the file at which the lines begin, not '%s'."
              .formatted(Printable.word(text.get())));
    }
    return Long.parseLong(text.get());
  }

  private void refuseWhenFull(int more) throws IOException {
    long most = configuration.number(Setting.SPOOL_MAX_BYTES);
    if (spooledBytes(more) > most) {
      throw new SpoolFullException(
          "The spool %s has all that it may have, %,d bytes (spool.max.bytes)."
              .formatted(spool, most));
    }
  }

  private synchronized long spooledBytes(int more) throws IOException {
    if (System.nanoTime() - countedNanos > COUNT_AGAIN_NANOS) {
      countedNanos = System.nanoTime();
      long[] bytes = {0};
      SpoolDirectory.forEach(spool, entry -> bytes[0] += sizeOf(entry));
      spooledBytes = bytes[0];
    }
    spooledBytes += more;
    return spooledBytes;
  }

  private static long sizeOf(SpoolDirectory.Entry entry) {
    try {
      return entry.size();
    } catch (IOException removedMeanwhile) {
      return 0;
    }
  }

  private synchronized Reply lines(String name, long position, byte[] body, boolean isWhole)
      throws IOException, RefusedException {
    if (body[body.length - 1] != '\n') {
      throw refused(400, "The last line of the body has no line feed, so it is not whole.");
    }
    SpoolDirectory.createPrivate(spool);
    Path path = spool.resolve(name);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (isWhole && refusedBatches.contains(name)) {
        return json(
            200,
            taken(name, body.length, 0)
                .put("lines", 0)
                .put("refused", 0)
                .set("reasons", JsonNodeFactory.instance.arrayNode()));
      }
      // First: whoever sends the spool or follows it would see that its process is not here, and
      // end the file, which then could not grow any more.
      created(SpoolDirectory.copyMarkOf(path));
    }
    created(path);
    if (HeldLocks.isHeld(path)) {
      throw refused(409, "A process of this machine is writing the file " + name + ".");
    }
    long added;
    long from;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      from = file.length();
      added = append(file, name, position, body);
      if (added > 0) {
        file.getFD().sync();
      }
    }
    if (added > 0) {
      appended.run();
    }
    ObjectNode answer = taken(name, from + added, added);
    tell(answer, path, from);
    if (isWhole && added > 0) {
      end(path);
      if (answer.path("refused").asLong() > 0) {
        refusedBatches.add(name);
      }
    }
    return json(200, answer);
  }

  private static ObjectNode taken(String name, long position, long bytes) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("file", name)
        .put("position", position)
        .put("bytes", bytes);
  }

  /** A batch is whole: then its file is removed when all of it has arrived. */
  private static void end(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(file.length());
      file.write("{\"end\":true}\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void created(Path path) throws IOException, RefusedException {
    try {
      Files.createFile(path, PrivateFiles.FILE);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        throw refused(409, path.getFileName() + " is not a regular file here.");
      }
    }
  }

  /** Appends what is new of the body, and returns how many bytes that is. */
  private static long append(RandomAccessFile file, String name, long position, byte[] body)
      throws IOException, RefusedException {
    long size = file.length();
    if (position > size) {
      throw new RefusedException(
          problem(
              409,
              "Of %s there are %,d bytes here; send it from there on.".formatted(name, size),
              Optional.of(size)));
    }
    int known = (int) Math.min(body.length, size - position);
    byte[] before = new byte[known];
    file.seek(position);
    file.readFully(before);
    if (!Arrays.equals(before, 0, known, body, 0, known)) {
      throw refused(
          409,
          "%s has other lines at byte %,d here: it is another file.".formatted(name, position));
    }
    file.seek(size);
    try {
      file.write(body, known, body.length - known);
    } catch (IOException e) {
      file.setLength(size);
      throw e;
    }
    return (long) body.length - known;
  }

  /** Which of the new lines go to the dead letters, and why. */
  private void tell(ObjectNode answer, Path path, long from) throws IOException {
    ArrayNode reasons = JsonNodeFactory.instance.arrayNode();
    long lines = 0;
    long refused = 0;
    try {
      LineCursor cursor = cursor(path, from);
      long before = cursor.lineNumber();
      LineChunk chunk = cursor.next(MOST_READ);
      while (!chunk.isEmpty()) {
        lines = chunk.lastLineNumber() - before;
        for (LineChunk.BadLine bad : chunk.badLines()) {
          refused++;
          if (reasons.size() < REASONS) {
            reasons.addObject().put("line", bad.number()).put("why", bad.why());
          }
        }
        for (LineChunk.TooLong tooLong : chunk.tooLong()) {
          refused++;
          if (reasons.size() < REASONS) {
            reasons
                .addObject()
                .put("line", tooLong.number())
                .put("why", "the line is longer than record.max.bytes and waits in the quarantine");
          }
        }
        cursor.moveTo(chunk);
        chunk = cursor.next(MOST_READ);
      }
    } catch (NoSuchFileException sentAndRemoved) {
      // Its last line ends it, and all of it has arrived already.
      forget(path);
    }
    answer.put("lines", lines).put("refused", refused).set("reasons", reasons);
  }

  private LineCursor cursor(Path path, long from) throws IOException {
    LineCursor known = cursors.get(path);
    if (known != null && known.position() == from && known.standsAtItsName()) {
      return known;
    }
    forget(path);
    LineCursor fresh = LineCursor.open(path, configuration, false);
    cursors.put(path, fresh);
    fresh.resumeAt(from);
    if (cursors.size() > CURSORS) {
      forget(cursors.keySet().iterator().next());
    }
    return fresh;
  }

  private void forget(Path path) throws IOException {
    LineCursor cursor = cursors.remove(path);
    if (cursor != null) {
      cursor.close();
    }
  }

  private Reply segment(String writer, String name, byte[] body)
      throws IOException, RefusedException {
    Topics topic = SpoolDirectory.topicOf(name).orElseThrow();
    SpoolDirectory.createPrivate(incoming);
    Path whole = Files.createTempFile(incoming, "segment", ".avro", PrivateFiles.FILE);
    try {
      Files.write(whole, body);
      long[] found = events(topic, whole);
      ObjectNode answer =
          JsonNodeFactory.instance
              .objectNode()
              .put("file", writer + "/" + name)
              .put("position", body.length)
              .put("bytes", moved(whole, spool.resolve(writer), name, body) ? body.length : 0)
              .put("events", found[0])
              .put("damaged_bytes", found[1]);
      return json(200, answer);
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private static long[] events(Topics topic, Path file) throws IOException, RefusedException {
    long events = 0;
    long damaged = 0;
    try (SegmentReader reader = SegmentReader.open(topic, file)) {
      long position = 0;
      SegmentReader.Chunk chunk = reader.read(position, true);
      while (!chunk.isEmpty()) {
        events += chunk.events().size();
        damaged += chunk.damagedBytes();
        position = chunk.end();
        chunk = reader.read(position, true);
      }
    } catch (SegmentReader.NotYetReadableException | SegmentReader.ForeignFileException e) {
      throw refused(
          400, "The body is not a segment of %s: %s.".formatted(topic.word(), e.getMessage()));
    }
    return new long[] {events, damaged};
  }

  /** Puts it in its place; false when it is there already. */
  private synchronized boolean moved(Path whole, Path directory, String name, byte[] body)
      throws IOException, RefusedException {
    SpoolDirectory.createPrivate(spool);
    SpoolDirectory.createPrivate(directory);
    Path lock = directory.resolve(SpoolWriter.LOCK_FILE);
    if (Files.exists(lock) && HeldLocks.isHeld(lock)) {
      throw refused(409, "A process of this machine is writing " + directory.getFileName() + ".");
    }
    Path target = directory.resolve(name);
    if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      byte[] there = Files.readAllBytes(target);
      int both = Math.min(there.length, body.length);
      if (!Arrays.equals(there, 0, both, body, 0, both)) {
        throw refused(409, name + " has other events here: it is another segment.");
      }
      if (there.length >= body.length) {
        return false;
      }
    }
    try (RandomAccessFile file = new RandomAccessFile(whole.toFile(), "rw")) {
      file.getFD().sync();
    }
    Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
    created(lock);
    // Nobody holds the lock, so whoever follows the spool watches the directory no longer; that it
    // has changed is reported with its own name.
    Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
    appended.run();
    return true;
  }

  private static RefusedException refused(int status, String sentence) {
    return new RefusedException(problem(status, sentence, Optional.empty()));
  }

  private static Reply problem(int status, String sentence, Optional<Long> position) {
    ObjectNode problem =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "about:blank")
            .put("title", title(status))
            .put("status", status)
            .put("detail", sentence);
    position.ifPresent(at -> problem.put("position", at));
    return reply(status, "application/problem+json", problem);
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      default -> "Service Unavailable";
    };
  }

  private static Reply json(int status, ObjectNode document) {
    return reply(status, "application/json", document);
  }

  private static Reply reply(int status, String type, ObjectNode document) {
    try {
      return Reply.of(status, type, JSON.writeValueAsBytes(document));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of texts and numbers always has a JSON form.", e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (LineCursor cursor : cursors.values()) {
      cursor.close();
    }
    cursors.clear();
  }
}
