package io.runledger.service.follow;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.service.spool.FileReader;
import io.runledger.service.spool.LinesFileReader;
import io.runledger.service.spool.SpoolFile;
import io.runledger.service.spool.SpoolFiles;
import io.runledger.spool.SegmentReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each file of a spool is applied, and what follows there. A file that has not grown costs
 * a look at its size. Not thread-safe.
 */
final class FollowedFiles implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FollowedFiles.class);

  /** Of one transaction: well under a second of writing. */
  private static final long MOST_BYTES = 1 << 20;

  /** Files that are kept open: what is known of their lines is not read again when they grow. */
  private static final int MOST_OPEN = 512;

  /** A file without an end that was not touched for so long has no writer any more. */
  private static final Duration ABANDONED = Duration.ofDays(7);

  private static final String END_OF_THE_LAST_LINE = "\"end\":true}\n";

  /** A file that had a name, and how far it is applied. */
  private record Place(String name, int partition) {}

  private static final class Open {
    private final FileReader reader;
    private final int partition;

    Open(FileReader reader, int partition) {
      this.reader = reader;
      this.partition = partition;
    }
  }

  /**
   * What one transaction applies.
   *
   * @param fresh positions to be added before it, of files that were not known
   * @param lost what files no longer hold that were shortened
   */
  record Step(Batch batch, List<Position> fresh, List<Lost> lost) {}

  /** Bytes that a file no longer holds. */
  record Lost(Position at, long from, long to, String why) {}

  private final SpoolFiles files;
  private final Configuration configuration;
  private final Map<Place, Position> positions = new HashMap<>();
  private final Map<String, Set<Long>> ends = new HashMap<>();
  private final Map<String, SpoolFile> toRead = new LinkedHashMap<>();
  private final Map<String, Open> open = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> toldOf = new HashSet<>();

  FollowedFiles(SpoolFiles files, Configuration configuration) {
    this.files = files;
    this.configuration = configuration;
  }

  /** Begins at the stored positions, whatever was read before. */
  void begin(List<Position> stored) {
    close();
    toRead.clear();
    positions.clear();
    ends.clear();
    stored.forEach(this::keep);
  }

  private void keep(Position position) {
    Place place = new Place(position.topic(), position.partition());
    Position before = positions.put(place, position);
    Set<Long> all = ends.computeIfAbsent(position.topic(), any -> new HashSet<>(2));
    if (before != null) {
      all.remove(before.nextOffset());
    }
    all.add(position.nextOffset());
  }

  /**
   * Takes note of all files that hold more than is applied, and of those whose process may be found
   * gone.
   */
  void lookAtAll() throws IOException {
    Instant abandoned = Instant.now().minus(ABANDONED);
    files.forEach(
        file -> {
          boolean mayHaveAWriter =
              file.topic().isEmpty()
                  && file.changed().isAfter(abandoned)
                  && !open.containsKey(file.name());
          if (!isApplied(file) || (mayHaveAWriter && !saysItsEnd(file))) {
            toRead.put(file.name(), file);
          }
        });
  }

  /** Takes note of a file if it may hold more than is applied. */
  void lookAt(SpoolFile file) {
    if (!isApplied(file)) {
      toRead.put(file.name(), file);
    }
  }

  private boolean isApplied(SpoolFile file) {
    return ends.getOrDefault(file.name(), Set.of()).contains(file.size());
  }

  /** Whether the last line says that nothing follows, as libraries write it. */
  private static boolean saysItsEnd(SpoolFile file) {
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(END_OF_THE_LAST_LINE.length());
      channel.read(last, Math.max(0, channel.size() - last.capacity()));
      return new String(last.array(), StandardCharsets.ISO_8859_1).equals(END_OF_THE_LAST_LINE);
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * Reads what follows in all files, as much as one transaction takes; empty when that is nothing.
   */
  Optional<Step> next() throws IOException {
    List<IncomingRecord> records = new ArrayList<>();
    Map<Place, Advance> advances = new LinkedHashMap<>();
    List<Position> fresh = new ArrayList<>();
    List<Lost> lost = new ArrayList<>();
    long bytes = 0;
    Iterator<SpoolFile> left = toRead.values().iterator();
    while (left.hasNext() && bytes < MOST_BYTES) {
      SpoolFile file = left.next();
      try {
        Optional<Open> found = opened(file, fresh, lost);
        if (found.isEmpty()) {
          left.remove();
          continue;
        }
        Open opened = found.get();
        Place place = new Place(file.name(), opened.partition);
        Position from = positions.get(place);
        FileReader.Read read = opened.reader.next(opened.partition, FileReader.NO_LIMIT);
        if (read.end() == from.nextOffset()) {
          left.remove();
          continue;
        }
        records.addAll(read.records());
        advances.put(place, new Advance(from, at(from, read.end())));
        bytes += Math.max(1, read.end() - from.nextOffset());
      } catch (NoSuchFileException gone) {
        left.remove();
        forget(file.name());
      } catch (SegmentReader.ForeignFileException e) {
        left.remove();
        forget(file.name());
        warnOnce(file, e);
      }
    }
    return advances.isEmpty()
        ? Optional.empty()
        : Optional.of(new Step(new Batch(records, List.copyOf(advances.values())), fresh, lost));
  }

  private static Position at(Position from, long offset) {
    return new Position(
        from.clusterId(),
        from.topic(),
        from.topicId(),
        from.partition(),
        offset,
        OptionalInt.empty());
  }

  /** The file, open where its position is; empty while it is too short to be told from others. */
  private Optional<Open> opened(SpoolFile file, List<Position> fresh, List<Lost> lost)
      throws IOException {
    Open known = open.get(file.name());
    if (known != null && isStillThere(known)) {
      return Optional.of(known);
    }
    forget(file.name());
    FileReader reader = FileReader.open(file, configuration);
    boolean isKept = false;
    try {
      String marker = reader.marker().orElse("");
      if (marker.isEmpty()) {
        return Optional.empty();
      }
      int partition = FileReader.partition(marker);
      Place place = new Place(file.name(), partition);
      Position position = positions.get(place);
      if (position == null) {
        tellOfReplaced(file);
        position =
            new Position(files.clusterId(), file.name(), marker, partition, 0, OptionalInt.empty());
        keep(position);
        fresh.add(position);
      } else if (!reader.resumeAt(position.nextOffset())) {
        lost.add(shortened(position, reader.size()));
      }
      Open opened = new Open(reader, partition);
      makeRoom();
      open.put(file.name(), opened);
      isKept = true;
      return Optional.of(opened);
    } finally {
      if (!isKept) {
        reader.close();
      }
    }
  }

  private static boolean isStillThere(Open known) throws IOException {
    return known.reader.position() <= known.reader.size()
        && (!(known.reader instanceof LinesFileReader lines) || lines.standsAtItsName());
  }

  private void tellOfReplaced(SpoolFile file) {
    if (ends.containsKey(file.name())) {
      LOG.warn(
          "{} is another file than the one that was applied under this name; the events of the old one stay in the database, and a rebuild will lack them.",
          file.path());
    }
  }

  private static Lost shortened(Position stored, long size) {
    String why =
        "%s was shortened or rewritten after %d bytes of it were applied; what it holds now was read from its beginning."
            .formatted(stored.topic(), stored.nextOffset());
    LOG.warn("{}", why);
    return new Lost(stored, Math.min(size, stored.nextOffset()), stored.nextOffset(), why);
  }

  private void makeRoom() throws IOException {
    Iterator<Map.Entry<String, Open>> oldest = open.entrySet().iterator();
    while (open.size() >= MOST_OPEN && oldest.hasNext()) {
      Map.Entry<String, Open> entry = oldest.next();
      oldest.remove();
      entry.getValue().reader.close();
    }
  }

  private void warnOnce(SpoolFile file, IOException cause) {
    if (toldOf.add(file.name() + " " + file.size())) {
      LOG.warn("{} cannot be read and is left out: {}", file.path(), cause.getMessage());
    }
  }

  /** Notes that a step is in the database. */
  void applied(Step step) {
    step.batch().advances().forEach(advance -> keep(advance.to()));
  }

  /** The files of lines that are open. */
  List<LinesFileReader> openLines() {
    List<LinesFileReader> lines = new ArrayList<>();
    for (Open each : open.values()) {
      if (each.reader instanceof LinesFileReader reader) {
        lines.add(reader);
      }
    }
    return lines;
  }

  /** Has a file be read on that has grown just now. */
  void readOn(SpoolFile file) {
    toRead.put(file.name(), file);
  }

  private void forget(String name) throws IOException {
    Open closing = open.remove(name);
    if (closing != null) {
      closing.reader.close();
    }
  }

  @Override
  public void close() {
    for (Open each : List.copyOf(open.values())) {
      try {
        each.reader.close();
      } catch (IOException e) {
        LOG.debug("A file of the spool could not be closed.", e);
      }
    }
    open.clear();
  }
}
