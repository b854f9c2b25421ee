package io.runledger.spool.study;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Sha256;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.EventModel;
import io.runledger.spool.SpoolDirectory;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes a study: a zip file of
 *
 * <pre>
 * events/metrics-000001.avro   segments as in a spool, of each topic, without a codec
 * schemas/MetricsLogged.avsc   the schemas of the four topics
 * manifest.json                {@link StudyManifest}: each file with size, SHA-256 and count
 * </pre>
 *
 * whose comment, its last 64 bytes, is the SHA-256 of all bytes before it. The file is there when
 * {@link #complete} returns, and not before. Keeps at most one segment of each topic in memory. Not
 * thread-safe.
 */
public final class StudyWriter implements AutoCloseable {

  static final String EVENTS = "events/";
  static final String SCHEMAS = "schemas/";

  /** Bytes after which a segment takes no further event; four are in memory at a time. */
  static final int SEGMENT_BYTES = 4 << 20;

  /**
   * Entries have no time of their own: two studies of the same events differ as little as they can.
   */
  private static final LocalDateTime TIMELESS = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final Path place;
  private final Path written;
  private final Instant created;
  private final ZipOutputStream zip;
  private final Map<Topics, Segment> open = new EnumMap<>(Topics.class);
  private final Map<Topics, Integer> numbers = new EnumMap<>(Topics.class);
  private final List<StudyEntry> entries = new ArrayList<>();
  private final SortedMap<RunId, Long> runs = new TreeMap<>();
  private boolean isComplete;

  private StudyWriter(Path place, Path written, Instant created) throws IOException {
    this.place = place;
    this.written = written;
    this.created = created;
    Files.createFile(written, PrivateFiles.FILE);
    this.zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(written)));
    zip.setComment("0".repeat(Digests.LENGTH));
  }

  /** The events of a topic that are not in the zip file yet. */
  private static final class Segment {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataFileWriter<SpecificRecord> encoder;
    private long events;

    Segment(Topics topic) throws IOException {
      encoder = new DataFileWriter<>(EventModel.writer(topic));
      encoder.create(topic.schema(), bytes);
    }
  }

  /**
   * What was written.
   *
   * @param bytes size of the file
   * @param sha256 its last 64 characters, which name it
   */
  public record Written(StudyManifest manifest, long bytes, String sha256) {}

  /**
   * Begins a study; what is at its place stays until it is complete.
   *
   * @throws IOException when nothing can be written there
   */
  public static StudyWriter create(Path place, Instant created) throws IOException {
    if (Files.exists(place) && !Files.isRegularFile(place)) {
      throw new FileSystemException(place.toString(), null, "it is not a regular file");
    }
    Path directory = place.toAbsolutePath().getParent();
    if (!Files.isDirectory(directory)) {
      throw new FileSystemException(place.toString(), null, "there is no directory " + directory);
    }
    Path written =
        place.resolveSibling(place.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    Files.deleteIfExists(written);
    return new StudyWriter(place, written, created);
  }

  /** Adds an event, behind those that were added before of its topic. */
  public void add(SpecificRecord event) throws IOException {
    Topics topic = Topics.of(event);
    Segment segment = open.get(topic);
    if (segment == null) {
      segment = new Segment(topic);
      open.put(topic, segment);
    }
    long events = eventsOf(event);
    segment.encoder.append(event);
    segment.events += events;
    runs.merge(new RunId(Envelope.of(event).run()), events, Long::sum);
    if (segment.bytes.size() >= SEGMENT_BYTES) {
      close(topic);
    }
  }

  /** A record of metrics is as many events as it has log calls. */
  static long eventsOf(SpecificRecord event) {
    return event instanceof MetricsLogged metrics ? metrics.getRows().size() : 1;
  }

  private void close(Topics topic) throws IOException {
    Segment segment = open.remove(topic);
    segment.encoder.close();
    int number = numbers.merge(topic, 1, Integer::sum);
    byte[] bytes = segment.bytes.toByteArray();
    String name = EVENTS + SpoolDirectory.segmentName(topic, number);
    put(name, bytes);
    entries.add(
        new StudyEntry(name, bytes.length, Sha256.hex(bytes), Optional.of(topic), segment.events));
  }

  private void put(String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIMELESS);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  /**
   * Ends the study, and puts it in its place.
   *
   * @param gaps what the log had lost, a sentence each
   */
  public Written complete(List<String> gaps) throws IOException {
    for (Topics topic : Topics.values()) {
      if (open.containsKey(topic)) {
        close(topic);
      }
    }
    for (Topics topic : Topics.values()) {
      byte[] schema = (topic.schema().toString() + "\n").getBytes(StandardCharsets.UTF_8);
      String name = SCHEMAS + topic.schema().getName() + ".avsc";
      put(name, schema);
      entries.add(new StudyEntry(name, schema.length, Sha256.hex(schema), Optional.empty(), 0));
    }
    StudyManifest manifest = new StudyManifest(created, entries, runs, gaps);
    put(StudyManifest.NAME, manifest.toJson());
    zip.close();
    String sha256 = sign();
    isComplete = true;
    Files.move(written, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    return new Written(manifest, Files.size(place), sha256);
  }

  /** Writes the digest of all before it over the comment. */
  private String sign() throws IOException {
    long end = Files.size(written) - Digests.LENGTH;
    String sha256 = Digests.of(written, end, bytes -> {});
    try (RandomAccessFile file = new RandomAccessFile(written.toFile(), "rw")) {
      file.seek(end);
      file.write(sha256.getBytes(StandardCharsets.US_ASCII));
      file.getFD().sync();
    }
    return sha256;
  }

  /** What is not complete leaves nothing. */
  @Override
  public void close() throws IOException {
    if (isComplete) {
      return;
    }
    try {
      zip.close();
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
