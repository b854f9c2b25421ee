package io.runledger.spool.lines;

import io.runledger.spool.lines.JsonLines.LineEvent;
import java.util.List;

/** A line of a spool file is not one that the format knows; the message says why. */
public final class BadLineException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<LineEvent> events;

  BadLineException(String why) {
    this(why, List.of());
  }

  BadLineException(String why, List<LineEvent> events) {
    super(why);
    this.events = events;
  }

  /** What the line's run says of it, as events of the file; none when no run is known. */
  List<LineEvent> events() {
    return events;
  }
}
