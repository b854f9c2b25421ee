package io.runledger.spool.study;

import io.runledger.config.Printable;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Sha256;
import io.runledger.schemas.Topics;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * Verifies a study and unpacks its segments: all of it or nothing, in constant memory. Names in the
 * file are compared with those that a study has, and none of them becomes a path.
 */
final class StudyReader {

  /**
   * Segments are closed at {@link StudyWriter#SEGMENT_BYTES}; the last event may be a large one.
   */
  private static final long LARGEST_FILE = 64L << 20;

  /** Half a million runs have as much. */
  private static final long LARGEST_MANIFEST = 64L << 20;

  /** Events are packed to a tenth or so; what unpacks to so much more is made for that. */
  private static final long MOST_UNPACKED_FOR_A_BYTE = 250;

  /** What is not more than this when unpacked does no harm. */
  private static final long HARMLESS = 64L << 20;

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final Path directory;
  private final LongConsumer progress;
  private final Map<RunId, Long> found = new HashMap<>();

  private StudyReader(Path file, Path directory, LongConsumer progress) {
    this.file = file;
    this.directory = directory;
    this.progress = progress;
  }

  /**
   * What was unpacked.
   *
   * @param sha256 what names the study
   */
  record Unpacked(StudyManifest manifest, String sha256) {}

  /**
   * Verifies a study, whose segments are in a directory afterwards.
   *
   * @param directory an empty one; when this fails, it may hold some of the segments
   * @param progress receives how many bytes were read since the last call
   * @throws StudyRefusedException when anything is not as it was written
   */
  static Unpacked unpack(Path file, Path directory, LongConsumer progress) throws IOException {
    return new StudyReader(file, directory, progress).unpack();
  }

  /**
   * The digest that a study ends with, if it is whole and unchanged.
   *
   * @throws StudyRefusedException when it is not
   */
  static String verifiedDigest(Path file, LongConsumer progress) throws IOException {
    long end = Files.size(file) - Digests.LENGTH;
    String said = end < 0 ? "" : lastCharacters(file, end);
    if (!said.matches("[0-9a-f]{64}")) {
      throw new StudyRefusedException(
          file,
          "it is not a study, or not all of one: a study ends with its SHA-256. Copy it again.");
    }
    String is = Digests.of(file, end, progress);
    if (!is.equals(said)) {
      throw new StudyRefusedException(
          file,
          "it was changed or damaged: its SHA-256 is %s, and it was written with %s. Copy it again."
              .formatted(is, said));
    }
    return said;
  }

  private static String lastCharacters(Path file, long from) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(from);
      return new String(in.readNBytes(Digests.LENGTH), StandardCharsets.ISO_8859_1);
    }
  }

  private Unpacked unpack() throws IOException {
    String sha256 = verifiedDigest(file, progress);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      StudyManifest manifest = manifest(zip);
      requireSameFiles(zip, manifest);
      requireRoom(manifest);
      for (StudyEntry entry : manifest.entries()) {
        Optional<Topics> topic = entry.topic();
        if (topic.isPresent()) {
          Path segment = Files.createFile(directory.resolve(segmentName(entry)), PrivateFiles.FILE);
          try (OutputStream out = Files.newOutputStream(segment)) {
            copy(zip, entry, out);
          }
          verifyEvents(entry, topic.get(), segment);
        } else {
          copy(zip, entry, OutputStream.nullOutputStream());
        }
      }
      requireSameRuns(manifest);
      return new Unpacked(manifest, sha256);
    } catch (ZipException e) {
      throw refused("it is not a zip file (%s).".formatted(e.getMessage()));
    }
  }

  private StudyRefusedException refused(String why) {
    return new StudyRefusedException(file, why);
  }

  private StudyManifest manifest(ZipFile zip) throws IOException {
    ZipEntry entry = zip.getEntry(StudyManifest.NAME);
    if (entry == null) {
      throw refused("it has no %s.".formatted(StudyManifest.NAME));
    }
    byte[] json;
    try (InputStream in = zip.getInputStream(entry)) {
      json = in.readNBytes((int) LARGEST_MANIFEST + 1);
    }
    if (json.length > LARGEST_MANIFEST) {
      throw refused("its manifest has more than %,d bytes.".formatted(LARGEST_MANIFEST));
    }
    try {
      return StudyManifest.of(json);
    } catch (IllegalArgumentException e) {
      throw refused(e.getMessage());
    }
  }

  private void requireSameFiles(ZipFile zip, StudyManifest manifest) throws IOException {
    Set<String> expected = new HashSet<>(Set.of(StudyManifest.NAME));
    for (StudyEntry entry : manifest.entries()) {
      boolean isSegment =
          entry.topic().isPresent()
              && entry.name().startsWith(StudyWriter.EVENTS)
              && SpoolDirectory.topicOf(segmentName(entry)).equals(entry.topic());
      boolean isSchema =
          entry.topic().isEmpty()
              && entry.name().matches(StudyWriter.SCHEMAS + "[A-Za-z]{1,100}\\.avsc");
      if (!isSegment && !isSchema) {
        throw refused(
            "its manifest names a file that no study has, '%s'."
                .formatted(Printable.word(entry.name())));
      }
      if (!expected.add(entry.name())) {
        throw refused("its manifest names %s twice.".formatted(entry.name()));
      }
    }
    List<String> names = zip.stream().map(ZipEntry::getName).toList();
    Set<String> there = new HashSet<>();
    for (String name : names) {
      if (!expected.contains(name)) {
        throw refused(
            "it has a file that its manifest does not name, '%s'.".formatted(Printable.word(name)));
      }
      if (!there.add(name)) {
        throw refused("it has %s twice.".formatted(name));
      }
    }
    for (String name : expected) {
      if (!there.contains(name)) {
        throw refused("it lacks %s, which its manifest names.".formatted(name));
      }
    }
  }

  private static String segmentName(StudyEntry entry) {
    return entry.name().substring(Math.min(entry.name().length(), StudyWriter.EVENTS.length()));
  }

  /** Before anything is unpacked: the sizes are those of the manifest, which copying holds to. */
  private void requireRoom(StudyManifest manifest) throws IOException {
    long all = 0;
    for (StudyEntry entry : manifest.entries()) {
      if (entry.bytes() > LARGEST_FILE) {
        throw refused(
            "%s would unpack to %,d bytes, and no file of a study has more than %,d."
                .formatted(entry.name(), entry.bytes(), LARGEST_FILE));
      }
      all += entry.bytes();
    }
    long packed = Files.size(file);
    if (all > HARMLESS && all / MOST_UNPACKED_FOR_A_BYTE > packed) {
      throw refused(
          "its %,d bytes would unpack to %,d, which no study does.".formatted(packed, all));
    }
    long free = Files.getFileStore(directory).getUsableSpace();
    if (all > free) {
      throw refused(
          "it unpacks to %,d bytes, and only %,d are free in %s. Make room, and import it again."
              .formatted(all, free, directory));
    }
  }

  private void copy(ZipFile zip, StudyEntry entry, OutputStream out) throws IOException {
    MessageDigest digest = Sha256.begin();
    byte[] buffer = new byte[BUFFER];
    long bytes = 0;
    try (InputStream in = zip.getInputStream(zip.getEntry(entry.name()))) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
        if (bytes > entry.bytes()) {
          break;
        }
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    }
    if (bytes != entry.bytes()) {
      throw refused(
          "%s has %s than the %,d bytes that its manifest says."
              .formatted(entry.name(), bytes > entry.bytes() ? "more" : "less", entry.bytes()));
    }
    String is = HexFormat.of().formatHex(digest.digest());
    if (!is.equals(entry.sha256())) {
      throw refused(
          "%s was changed: its SHA-256 is %s, and its manifest says %s."
              .formatted(entry.name(), is, Printable.word(entry.sha256())));
    }
  }

  /** All of a segment must be events of the topic, as many as were said. */
  private void verifyEvents(StudyEntry entry, Topics topic, Path segment) throws IOException {
    long events = 0;
    try (SegmentReader reader = SegmentReader.open(topic, segment)) {
      requireNoCodec(entry, reader, segment);
      long position = 0;
      while (position < reader.size()) {
        SegmentReader.Chunk chunk = reader.read(position, true);
        if (chunk.damagedBytes() > 0 || chunk.end() <= position) {
          throw refused(
              "%s has bytes that are no events, before byte %,d."
                  .formatted(entry.name(), chunk.end()));
        }
        for (SpecificRecord event : chunk.events()) {
          events += counted(entry, event);
        }
        position = chunk.end();
      }
    } catch (SegmentReader.ForeignFileException | SegmentReader.NotYetReadableException e) {
      throw refused(
          "%s cannot be read: %s. If a newer Runledger wrote it, import it with that one."
              .formatted(entry.name(), Printable.line(String.valueOf(e.getMessage()))));
    }
    if (events != entry.events()) {
      throw refused(
          "%s has %,d events, and its manifest counts %,d."
              .formatted(entry.name(), events, entry.events()));
    }
    force(segment);
  }

  private long counted(StudyEntry entry, SpecificRecord event) throws IOException {
    long run = Envelope.of(event).run();
    if (run <= 0) {
      throw refused("%s has an event without a run.".formatted(entry.name()));
    }
    long events = StudyWriter.eventsOf(event);
    found.merge(new RunId(run), events, Long::sum);
    return events;
  }

  /** Blocks that unpack once more would have no bound. */
  private void requireNoCodec(StudyEntry entry, SegmentReader reader, Path segment)
      throws IOException {
    // Reads and measures the header.
    String marker = reader.marker();
    try (InputStream in = Files.newInputStream(segment);
        DataFileStream<Object> stream = new DataFileStream<>(in, new GenericDatumReader<>())) {
      String codec = stream.getMetaString(DataFileConstants.CODEC);
      if (codec != null && !codec.equals(DataFileConstants.NULL_CODEC)) {
        throw refused(
            "%s (%s) is compressed, and segments of a study are not."
                .formatted(entry.name(), marker));
      }
    }
  }

  private void requireSameRuns(StudyManifest manifest) throws IOException {
    for (Map.Entry<RunId, Long> run : manifest.runs().entrySet()) {
      long events = found.getOrDefault(run.getKey(), 0L);
      if (events != run.getValue()) {
        throw refused(
            "it has %,d events of run %s, and its manifest counts %,d."
                .formatted(events, run.getKey(), run.getValue()));
      }
    }
    for (RunId run : found.keySet()) {
      if (!manifest.runs().containsKey(run)) {
        throw refused("it has events of run %s, which its manifest does not name.".formatted(run));
      }
    }
  }

  private static void force(Path segment) throws IOException {
    try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
