package io.runledger.spool.lines;

import io.runledger.spool.lines.JsonLines.LineEvent;
import java.util.List;

/** A line of a spool file is not valid in the format; the message says why. */
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

  /** The events that report the bad line in its run; none when no run is known. */
  List<LineEvent> events() {
    return events;
  }
}
