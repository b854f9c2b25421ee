package io.runledger.spool;

import io.runledger.schemas.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** What a test finds in the segments of a spool, read as a sender reads them. */
public final class SpooledEvents {

  private SpooledEvents() {}

  /**
   * All whole events of a topic, writer by writer, each writer's in their order; none of a segment
   * that is being made just now.
   */
  public static List<SpecificRecord> of(Path spool, Topics topic) throws IOException {
    List<SpecificRecord> events = new ArrayList<>();
    for (Path writer : SpoolDirectory.writers(spool)) {
      for (Path segment : SpoolDirectory.segments(writer, topic).values()) {
        events.addAll(wholeEvents(segment, topic));
      }
    }
    return events;
  }

  private static List<SpecificRecord> wholeEvents(Path segment, Topics topic) throws IOException {
    try {
      return ofSegment(segment, topic, false);
    } catch (SegmentReader.NotYetReadableException beingMade) {
      return List.of();
    }
  }

  /** The events of one segment; {@code isComplete} where its writer will not append to it. */
  public static List<SpecificRecord> ofSegment(Path segment, Topics topic, boolean isComplete)
      throws IOException {
    List<SpecificRecord> events = new ArrayList<>();
    try (SegmentReader reader = SegmentReader.open(topic, segment)) {
      SegmentReader.Chunk chunk = reader.read(0, isComplete);
      while (!chunk.isEmpty()) {
        events.addAll(chunk.events());
        chunk = reader.read(chunk.end(), isComplete);
      }
    }
    return events;
  }
}
