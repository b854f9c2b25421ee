package io.runledger.service.spool;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.service.log.LogKind;
import io.runledger.service.log.LogReader;
import io.runledger.service.log.LogState;
import io.runledger.service.log.NextOffset;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.WholeLog;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.spool.SegmentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a spool as the log of a database, for commands that read all of it. */
public final class SpoolLog implements WholeLog {

  private static final Logger LOG = LoggerFactory.getLogger(SpoolLog.class);

  /** Of one transaction. */
  private static final long MOST_BYTES = 4 << 20;

  private final SpoolFiles files;
  private final Configuration configuration;

  private SpoolLog(SpoolFiles files, Configuration configuration) {
    this.files = files;
    this.configuration = configuration;
  }

  /**
   * The one of a spool's directory.
   *
   * @throws LogUnreadableException when it cannot be read
   */
  public static SpoolLog of(Path spool, Configuration configuration) {
    if (!Files.isDirectory(spool)) {
      throw new LogUnreadableException(
          "There is no spool %s; specify the directory that jobs append to with --spool."
              .formatted(spool));
    }
    try {
      return new SpoolLog(SpoolFiles.of(spool), configuration);
    } catch (IOException e) {
      throw unreadable(spool, e);
    }
  }

  private static LogUnreadableException unreadable(Path spool, IOException e) {
    return new LogUnreadableException(
        "The spool %s cannot be read: %s. Check its permissions, and run the command again."
            .formatted(spool, e),
        e);
  }

  /** Whether a database with these positions was filled from files. */
  public static boolean filled(List<Position> positions) {
    return positions.stream().anyMatch(each -> each.clusterId().startsWith(PositionCheck.SPOOL));
  }

  /** What a dead letter of a file means now. */
  public static Decoded decode(String file, Optional<byte[]> value) {
    return file.endsWith(".jsonl")
        ? new Decoded.Malformed(
            "a line",
            "What it leaves out is in the lines above it; 'runledger rebuild' reads it again.")
        : SegmentValues.decode(value);
  }

  @Override
  public void requireOwn(ProjectionLocation database, List<Position> stored) {
    requireOwn(database, stored, files);
  }

  /**
   * Refuses a database that was filled from topics, or from another spool.
   *
   * @throws PositionException naming both
   */
  public static void requireOwn(
      ProjectionLocation database, List<Position> stored, SpoolFiles files) {
    if (!stored.isEmpty() && !filled(stored)) {
      throw new PositionException(
          "The database %s was filled from topics, and not from files; continue with 'runledger consume', or specify another database with --db. Nothing was changed."
              .formatted(database));
    }
    for (Position position : stored) {
      if (!position.clusterId().equals(files.clusterId())) {
        throw new PositionException(
            LogKind.FILES.another(position, files.clusterId()) + " Nothing was changed.");
      }
    }
  }

  @Override
  public LogState inspect() {
    Map<TopicPartition, LogState.PartitionLog> partitions = new HashMap<>();
    try {
      List<SpoolFile> all = new ArrayList<>();
      files.forEach(all::add);
      for (SpoolFile file : all) {
        marker(file)
            .ifPresent(
                marker ->
                    partitions.put(
                        new TopicPartition(file.name(), FileReader.partition(marker)),
                        new LogState.PartitionLog(marker, 0, file.size())));
      }
    } catch (IOException e) {
      throw unreadable(files.directory(), e);
    }
    return new LogState(LogKind.FILES, files.clusterId(), partitions);
  }

  private Optional<String> marker(SpoolFile file) throws IOException {
    try (FileReader reader = FileReader.open(file, configuration)) {
      return reader.marker();
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (SegmentReader.ForeignFileException e) {
      LOG.warn("{} cannot be read and is skipped: {}", file.path(), e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public LogReader reader(
      List<Position> from, Map<TopicPartition, Long> ends, Map<Integer, String> schemas) {
    return new Reader(from, ends);
  }

  /** Reads file after file, each up to its end. */
  private final class Reader implements LogReader {
    private final Deque<Position> left;
    private final Map<TopicPartition, Long> ends;
    private Optional<FileReader> open = Optional.empty();
    private volatile boolean ending;

    Reader(List<Position> from, Map<TopicPartition, Long> ends) {
      this.left = new ArrayDeque<>(from);
      this.ends = ends;
    }

    @Override
    public Optional<Chunk> next() {
      List<IncomingRecord> records = new ArrayList<>();
      Map<TopicPartition, NextOffset> next = new HashMap<>();
      long bytes = 0;
      while (!left.isEmpty() && bytes < MOST_BYTES && !ending) {
        Position position = left.element();
        TopicPartition place = PositionCheck.partitionOf(position);
        try {
          FileReader reader = open(position);
          long before = reader.position();
          FileReader.Read read = reader.next(position.partition(), ends.get(place));
          if (read.end() == before) {
            left.remove();
            close();
            continue;
          }
          records.addAll(read.records());
          next.put(place, new NextOffset(read.end(), OptionalInt.empty()));
          bytes += read.end() - before;
        } catch (IOException e) {
          throw unreadable(files.directory().resolve(position.topic()), e);
        }
      }
      return next.isEmpty() || ending
          ? Optional.empty()
          : Optional.of(new Chunk(records, next, Map.of()));
    }

    private FileReader open(Position position) throws IOException {
      if (open.isEmpty()) {
        SpoolFile file =
            files
                .find(position.topic())
                .orElseThrow(() -> new NoSuchFileException(position.topic()));
        open = Optional.of(FileReader.open(file, configuration));
      }
      return open.get();
    }

    @Override
    public void end() {
      ending = true;
    }

    @Override
    public void close() {
      if (open.isPresent()) {
        FileReader closing = open.get();
        open = Optional.empty();
        try {
          closing.close();
        } catch (IOException e) {
          LOG.debug("Cannot close a file of the spool.", e);
        }
      }
    }
  }
}
