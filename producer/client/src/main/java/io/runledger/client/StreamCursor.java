package io.runledger.client;

import io.runledger.config.FailPoint;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far one stream of a spool is sent: what is read goes out as one chunk, and only when the
 * broker has acknowledged all of it the position moves on. Not thread-safe.
 */
final class StreamCursor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StreamCursor.class);

  /**
   * A place in a stream: bytes before it in its segment, and all earlier segments, are
   * acknowledged.
   */
  record Place(int segment, long position) {}

  private final Path writer;
  private final Topics topic;
  private Place acknowledged;
  private Optional<SegmentReader> reader = Optional.empty();
  private int openSegment;
  private List<EventProducer.Sent> inFlight = List.of();
  private Place afterInFlight;
  private boolean oneByOne;
  private boolean damaged;

  StreamCursor(Path writer, Topics topic, Place acknowledged) {
    this.writer = writer;
    this.topic = topic;
    this.acknowledged = acknowledged;
    this.afterInFlight = acknowledged;
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

  /**
   * Whether each event must go as a record of its own, because the broker refused several as one.
   */
  boolean isOneByOne() {
    return oneByOne;
  }

  /**
   * Looks whether the chunk in flight has been acknowledged; a failed one will be read again.
   *
   * @return how many events were acknowledged by this call
   * @throws IOException when the broker did not take one of them
   */
  long settle() throws IOException {
    if (inFlight.isEmpty() || !inFlight.stream().allMatch(sent -> sent.future().isDone())) {
      return 0;
    }
    List<EventProducer.Sent> done = inFlight;
    inFlight = List.of();
    List<EventProducer.Sent> tooLarge = new ArrayList<>();
    long events = 0;
    try {
      for (EventProducer.Sent sent : done) {
        if (sent.isTooLarge()) {
          tooLarge.add(sent);
        } else {
          sent.future().get();
          events += sent.events();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (ExecutionException e) {
      throw new BrokerException("The broker did not take events of " + writer + ".", e.getCause());
    }
    if (!tooLarge.isEmpty() && !oneByOne) {
      oneByOne = true;
      return 0;
    }
    for (EventProducer.Sent sent : tooLarge) {
      Quarantine.keepRefused(writer, topic, sent);
    }
    FailPoint.hit("acknowledged");
    oneByOne = false;
    acknowledged = afterInFlight;
    return events;
  }

  /**
   * Reads the next chunk behind what is acknowledged.
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
      Map.Entry<Integer, Path> entry = segments.ceilingEntry(acknowledged.segment());
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
        return chunk.get().events();
      }
      if (chunk.isPresent()) {
        acknowledged = new Place(number, chunk.get().end());
      }
      if (!closed && Files.exists(file)) {
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
    return reader.get().size() <= acknowledged.position() && !Files.exists(segment(number + 1));
  }

  private Path segment(int number) {
    return writer.resolve(SpoolDirectory.segmentName(topic, number));
  }

  /** All of the segment is acknowledged; what was damaged in it is kept for who wants to look. */
  private void leave(Path file) throws IOException {
    close();
    if (damaged) {
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
      SegmentReader.Chunk chunk = reader.get().read(acknowledged.position(), closed);
      if (chunk.damagedBytes() > 0) {
        damaged = true;
        log.warn(
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

  /** Puts aside what is no segment of ours, so that it stops nobody and nothing of it is lost. */
  private void quarantine(Path file, IOException cause) throws IOException {
    close();
    Path to = Quarantine.move(writer, file);
    log.warn("{} cannot be read and was moved to {}: {}", file, to, cause.getMessage());
  }

  /** The chunk that {@link #next} gave is on its way. */
  void sent(List<EventProducer.Sent> records) {
    FailPoint.hit("sent");
    inFlight = List.copyOf(records);
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
