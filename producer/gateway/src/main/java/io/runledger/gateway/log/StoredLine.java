package io.runledger.gateway.log;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;

/**
 * A line that is in a file.
 *
 * @param line what it says
 * @param at the time that it names
 * @param marks the numbers of its events
 */
public record StoredLine(JsonNode line, Instant at, List<StreamMark> marks) {
  public StoredLine {
    marks = List.copyOf(marks);
  }
}
