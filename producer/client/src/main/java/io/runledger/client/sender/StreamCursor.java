package io.runledger.client.sender;

import io.runledger.config.FailPoint;
import io.runledger.schemas.Topics;
import io.runledger.spool.Acknowledgements.Place;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far one stream of a spool is sent: what is read goes out as one chunk, and the position
 * advances only when the broker has acknowledged all of it. Not thread-safe.
 */
final class StreamCursor implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamCursor.class);
  private static final long NAME_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path writer;
  private final Topics topic;
  private Place acknowledged;
  private Optional<SegmentReader> reader = Optional.empty();
  private int openSegment;
  private final InFlight inFlight;
  private Place afterInFlight;
  private long bytesInFlight;
  private boolean damaged;
  private long nextNameCheck = System.nanoTime();

  StreamCursor(Path writer, Topics topic, Place acknowledged, Undelivered undelivered) {
    this.writer = writer;
    this.topic = topic;
    this.acknowledged = acknowledged;
    this.afterInFlight = acknowledged;
    this.inFlight = new InFlight(writer, undelivered);
  }

  Topics topic() {
    return topic;
  }

  Place acknowledged() {
    return acknowledged;
  }

  boolean isWaitingForBroker() {
    return !inFlight.isEmpty();
  }

  /** Bytes of its segment that were read and are not acknowledged. */
  long bytesWaiting() {
    return inFlight.isEmpty() ? 0 : bytesInFlight;
  }

  /** Whether each event must go as a separate record, because the broker refused several as one. */
  boolean isOneByOne() {
    return inFlight.isOneByOne();
  }

  /**
   * Checks whether the chunk in flight has been acknowledged; a failed one will be read again.
   *
   * @return how many events were acknowledged by this call
   * @throws IOException when the broker did not take one of them
   */
  long settle(EventProducer producer) throws IOException {
    if (inFlight.isEmpty() || !inFlight.isAnswered()) {
      return 0;
    }
    Optional<Long> events = inFlight.settle(producer);
    if (events.isPresent()) {
      acknowledged = afterInFlight;
    }
    return events.orElse(0L);
  }

  /**
   * Reads the next chunk after what is acknowledged.
   *
   * @param writerIsGone whether nothing will be appended any more
   * @return the events; empty when there are none now
   */
  List<SpecificRecord> next(boolean writerIsGone) throws IOException {
    if (!writerIsGone && nothingCame()) {
      return List.of();
    }
    while (true) {
      NavigableMap<Integer, Path> segments = SpoolDirectory.segments(writer, topic);
      // The lowest one, not the one that is due: what a writer put back may be before it. Where
      // what is sent stays, all of it is before it.
      Map.Entry<Integer, Path> entry =
          keepsFiles() ? segments.ceilingEntry(acknowledged.segment()) : segments.firstEntry();
      if (entry == null) {
        return List.of();
      }
      int number = entry.getKey();
      Path file = entry.getValue();
      if (number != acknowledged.segment()) {
        acknowledged = new Place(number, 0);
      }
      boolean closed = writerIsGone || segments.higherKey(number) != null;
      Optional<SegmentReader.Chunk> chunk = read(number, file, closed);
      if (chunk.isPresent() && !chunk.get().events().isEmpty()) {
        afterInFlight = new Place(number, chunk.get().end());
        bytesInFlight = chunk.get().end() - acknowledged.position();
        return chunk.get().events();
      }
      if (chunk.isPresent()) {
        acknowledged = new Place(number, chunk.get().end());
      }
      if (!closed && (chunk.isPresent() || Files.exists(file))) {
        return List.of();
      }
      if (chunk.isEmpty() || chunk.get().end() >= reader.orElseThrow().size()) {
        leave(file);
        acknowledged = new Place(number + 1, 0);
      }
    }
  }

  /**
   * A look at two files instead of the directory: a living writer numbers segments without gaps.
   */
  private boolean nothingCame() throws IOException {
    int number = acknowledged.segment();
    if (reader.isEmpty() || openSegment != number) {
      return acknowledged.position() == 0 && !Files.exists(segment(number));
    }
    if (reader.get().size() > acknowledged.position() || Files.exists(segment(number + 1))) {
      return false;
    }
    followName(number);
    return true;
  }

  /** A writer restores a segment that was removed, as another file with the same name and bytes. */
  private void followName(int number) throws IOException {
    if (System.nanoTime() - nextNameCheck < 0) {
      return;
    }
    nextNameCheck = System.nanoTime() + NAME_CHECK_NANOS;
    Path file = segment(number);
    if (Files.exists(file) && !reader.orElseThrow().identity().standsAt(file)) {
      close();
    }
  }

  private Path segment(int number) {
    return writer.resolve(SpoolDirectory.segmentName(topic, number));
  }

  /** Whether a follower takes the files for its log. */
  private boolean keepsFiles() {
    return FollowedSpool.keeps(writer.getParent());
  }

  /** All of the segment is acknowledged; what was damaged in it is kept for inspection. */
  private void leave(Path file) throws IOException {
    close();
    if (keepsFiles()) {
      damaged = false;
    } else if (damaged) {
      Quarantine.move(writer, file);
      damaged = false;
    } else {
      FailPoint.hit("segment-sent");
      Files.deleteIfExists(file);
      FailPoint.hit("segment-deleted");
    }
  }

  /** What follows in the segment; empty when not even its header can be read. */
  private Optional<SegmentReader.Chunk> read(int number, Path file, boolean closed)
      throws IOException {
    try {
      if (reader.isEmpty() || openSegment != number) {
        close();
        reader = Optional.of(SegmentReader.open(topic, file));
        openSegment = number;
      }
      if (reader.get().size() < acknowledged.position()) {
        LOG.warn("{} became shorter; reading it from the beginning again.", file);
        acknowledged = new Place(number, 0);
      }
      SegmentReader.Chunk chunk = reader.get().read(acknowledged.position(), closed);
      if (chunk.damagedBytes() > 0) {
        damaged = true;
        LOG.warn(
            "{} bytes of {} before byte {} are damaged and were skipped; the file is kept in"
                + " quarantine, and the run will show the missing events.",
            chunk.damagedBytes(),
            file,
            chunk.end());
      }
      return Optional.of(chunk);
    } catch (SegmentReader.NotYetReadableException e) {
      // A writer that died while it created the file left at most half a header.
      if (closed && Files.size(file) > 0) {
        quarantine(file, e);
      }
      return Optional.empty();
    } catch (SegmentReader.ForeignFileException e) {
      quarantine(file, e);
      return Optional.empty();
    }
  }

  /**
   * Quarantines what is not a segment of Runledger, so that it blocks nothing and nothing of it is
   * lost.
   */
  private void quarantine(Path file, IOException cause) throws IOException {
    close();
    if (keepsFiles()) {
      LOG.warn("{} cannot be read and is skipped: {}", file, cause.getMessage());
      return;
    }
    Path to = Quarantine.move(writer, file);
    LOG.warn("{} cannot be read and was moved to {}: {}", file, to, cause.getMessage());
  }

  /** The chunk that {@link #next} gave is on its way. */
  void sent(List<EventProducer.Sent> records) {
    inFlight.carry(records);
  }

  @Override
  public void close() throws IOException {
    if (reader.isPresent()) {
      SegmentReader closing = reader.get();
      reader = Optional.empty();
      closing.close();
    }
  }
}
