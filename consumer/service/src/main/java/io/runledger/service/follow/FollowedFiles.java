package io.runledger.service.follow;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Position;
import io.runledger.service.follow.OpenFiles.Open;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each file of a spool is applied, and what follows there. A file that has not grown costs
 * a look at its size. Not thread-safe.
 */
final class FollowedFiles implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FollowedFiles.class);

  /** A file without an end that was not touched for so long has no writer any more. */
  private static final Duration ABANDONED = Duration.ofDays(7);

  private static final String END_OF_THE_LAST_LINE = "\"end\":true}\n";

  /** A file that had a name, and how far it is applied. */
  private record Place(String name, int partition) {}

  private final SpoolFiles files;
  private final Configuration configuration;
  private final Map<Place, Position> positions = new HashMap<>();
  private final Map<String, Set<Long>> ends = new HashMap<>();
  private final Map<String, SpoolFile> toRead = new LinkedHashMap<>();
  private final Set<String> ended = new HashSet<>();
  private final OpenFiles open = new OpenFiles();
  private boolean isBeginning = true;
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
    isBeginning = true;
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
   * gone. Files in archives do not grow, and are looked at once.
   */
  void lookAtAll() throws IOException {
    Instant abandoned = Instant.now().minus(ABANDONED);
    Consumer<SpoolFile> look =
        file -> {
          boolean mayHaveAWriter =
              file.topic().isEmpty()
                  && file.changed().isAfter(abandoned)
                  && !open.contains(file.name());
          if (!isApplied(file) || (mayHaveAWriter && !isEnded(file))) {
            toRead.put(file.name(), file);
          }
        };
    if (isBeginning) {
      files.forEach(look);
      isBeginning = false;
    } else {
      files.forEachHere(look);
    }
  }

  /** Whether all of a file is applied, and a file of lines has said its end. */
  boolean isDone(SpoolFile file) {
    return isApplied(file) && (file.topic().isPresent() || isEnded(file));
  }

  /** Closes a file that gets another place. */
  void leave(SpoolFile file) throws IOException {
    open.forget(file.name());
    toRead.remove(file.name());
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

  /** Whether a file that is applied has said its end, for which it is opened once as it is. */
  private boolean isEnded(SpoolFile file) {
    return ended.contains(file.name()) || (saysItsEnd(file) && ended.add(file.name()));
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
    Step.Builder step = new Step.Builder();
    Iterator<SpoolFile> left = toRead.values().iterator();
    while (left.hasNext() && !step.isFull()) {
      if (!read(left.next(), step)) {
        left.remove();
      }
    }
    return step.build();
  }

  /** Reads what follows in one file; whether it was anything. */
  private boolean read(SpoolFile file, Step.Builder step) throws IOException {
    try {
      Optional<Open> opened = opened(file, step);
      if (opened.isEmpty()) {
        return false;
      }
      int partition = opened.get().partition();
      Position from = positions.get(new Place(file.name(), partition));
      FileReader.Read read = opened.get().reader().next(partition, FileReader.NO_LIMIT);
      if (read.end() == from.nextOffset()) {
        return false;
      }
      step.read(from, read.records(), read.end());
      ended.remove(file.name());
      return true;
    } catch (NoSuchFileException gone) {
      open.forget(file.name());
    } catch (SegmentReader.ForeignFileException e) {
      open.forget(file.name());
      warnOnce(file, e);
    }
    return false;
  }

  /** The file, open where its position is; empty while it is too short to be told from others. */
  private Optional<Open> opened(SpoolFile file, Step.Builder step) throws IOException {
    Optional<Open> known = open.find(file.name());
    if (known.isPresent()) {
      return known;
    }
    open.forget(file.name());
    FileReader reader = FileReader.open(file, configuration);
    Optional<Open> opened = Optional.empty();
    try {
      opened = resumed(file, reader, step);
    } finally {
      if (opened.isEmpty()) {
        reader.close();
      }
    }
    if (opened.isPresent()) {
      open.add(file.name(), opened.get());
    }
    return opened;
  }

  private Optional<Open> resumed(SpoolFile file, FileReader reader, Step.Builder step)
      throws IOException {
    Optional<String> marker = reader.marker();
    if (marker.isEmpty()) {
      return Optional.empty();
    }
    int partition = FileReader.partition(marker.get());
    Position position = positions.get(new Place(file.name(), partition));
    if (position == null) {
      tellOfReplaced(file);
      Position fresh =
          new Position(
              files.clusterId(), file.name(), marker.get(), partition, 0, OptionalInt.empty());
      keep(fresh);
      step.begin(fresh);
    } else if (!reader.resumeAt(position.nextOffset())) {
      step.lose(shortened(position, reader.size()));
    }
    return Optional.of(new Open(reader, partition));
  }

  private void tellOfReplaced(SpoolFile file) {
    if (ends.containsKey(file.name())) {
      LOG.warn(
          "{} is not the file that was applied under this name; the events of the old file stay in the database, but a rebuild will lack them.",
          file.path());
    }
  }

  private static Step.Lost shortened(Position stored, long size) {
    String why =
        "%s was shortened or rewritten after %d bytes of it were applied; what it holds now was read from its beginning."
            .formatted(stored.topic(), stored.nextOffset());
    LOG.warn("{}", why);
    return new Step.Lost(stored, Math.min(size, stored.nextOffset()), stored.nextOffset(), why);
  }

  private void warnOnce(SpoolFile file, IOException cause) {
    if (toldOf.add(file.name() + " " + file.size())) {
      LOG.warn("{} cannot be read and is skipped: {}", file.path(), cause.getMessage());
    }
  }

  /** Notes that a step is in the database. */
  void applied(Step step) {
    step.batch().advances().forEach(advance -> keep(advance.to()));
  }

  /** The files of lines that are open. */
  List<LinesFileReader> openLines() {
    return open.lines();
  }

  /** Has a file be read on that has grown just now. */
  void readOn(SpoolFile file) {
    toRead.put(file.name(), file);
  }

  @Override
  public void close() {
    open.close();
  }
}
