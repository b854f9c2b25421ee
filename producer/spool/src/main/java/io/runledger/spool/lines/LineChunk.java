package io.runledger.spool.lines;

import io.runledger.schemas.Topics;
import io.runledger.spool.LineReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** The events of some consecutive lines of a file. Not thread-safe. */
public final class LineChunk {

  /** A start is read up to this length, because all that follows it needs it. */
  private static final int LONGEST_START = 8 << 20;

  /** A line that goes to the dead letters unchanged. */
  public static final class BadLine {
    private final long number;
    private final byte[] bytes;
    private final String why;

    private BadLine(long number, byte[] bytes, String why) {
      this.number = number;
      this.bytes = bytes;
      this.why = why;
    }

    public long number() {
      return number;
    }

    public byte[] bytes() {
      return bytes;
    }

    public String why() {
      return why;
    }
  }

  /**
   * A line that is longer than any record may be.
   *
   * @param context what it would have taken from the lines before it
   * @param notice the notice for its run, if one is known
   */
  public record TooLong(
      long number, LineReader.LongLine line, String context, Optional<SpecificRecord> notice) {}

  /** One line by itself. */
  public static final class Line {
    private final long number;
    private final byte[] bytes;
    private final List<JsonLines.LineEvent> events;
    private final Optional<String> why;

    private Line(
        long number, byte[] bytes, List<JsonLines.LineEvent> events, Optional<String> why) {
      this.number = number;
      this.bytes = bytes;
      this.events = List.copyOf(events);
      this.why = why;
    }

    public long number() {
      return number;
    }

    /** Its bytes without the line feed; of a line that is too long, its beginning. */
    public byte[] bytes() {
      return bytes;
    }

    /** What it says, in order; of a line that is not valid, what reports that in its run. */
    public List<JsonLines.LineEvent> events() {
      return events;
    }

    /** Why it is not valid; empty when it is. */
    public Optional<String> why() {
      return why;
    }
  }

  /** How many bytes are read of a line that is too long. */
  public static final int HEAD_BYTES = 4_096;

  private final JsonLines lines;
  private final int longest;
  private final Map<Topics, List<SpecificRecord>> events = new EnumMap<>(Topics.class);
  private final List<BadLine> badLines = new ArrayList<>();
  private final List<TooLong> tooLong = new ArrayList<>();
  private final Optional<List<Line>> each;
  private final long from;
  private long end;
  private long lineNumber;
  private int bytes;

  /**
   * An empty chunk.
   *
   * @param longest bytes of the longest line that is sent
   * @param from position of its first line
   * @param lineNumber number of the line before it
   * @param keepsLines whether {@link #each} is wanted, which takes the memory of all lines
   */
  public LineChunk(JsonLines lines, int longest, long from, long lineNumber, boolean keepsLines) {
    this.lines = lines;
    this.each = keepsLines ? Optional.of(new ArrayList<>()) : Optional.empty();
    this.longest = longest;
    this.from = from;
    this.end = from;
    this.lineNumber = lineNumber;
  }

  /** Adds these complete lines. */
  public void add(byte[] wholeLines) {
    int start = 0;
    for (int i = 0; i < wholeLines.length; i++) {
      if (wholeLines[i] == '\n') {
        addLine(Arrays.copyOfRange(wholeLines, start, i), from + start);
        start = i + 1;
      }
    }
    end = from + wholeLines.length;
    bytes = wholeLines.length;
  }

  private void addLine(byte[] line, long at) {
    if (line.length > longest && !isCutToFit(line.length, line)) {
      addLong(new LineReader.LongLine(at, at + line.length), line);
      return;
    }
    lineNumber++;
    try {
      add(line, lines.events(line), Optional.empty());
    } catch (BadLineException e) {
      badLines.add(new BadLine(lineNumber, line, e.getMessage()));
      add(line, e.events(), Optional.of(e.getMessage()));
    }
  }

  private void add(byte[] line, List<JsonLines.LineEvent> found, Optional<String> why) {
    each.ifPresent(all -> all.add(new Line(lineNumber, line, found, why)));
    for (JsonLines.LineEvent event : found) {
      events.computeIfAbsent(event.topic(), any -> new ArrayList<>()).add(event.event());
    }
  }

  /**
   * Whether a line is too long for a record although its event is not: a start's configuration is
   * cut.
   */
  public static boolean isCutToFit(long length, byte[] head) {
    return length <= LONGEST_START && LineOwner.mayStart(head);
  }

  /** Adds a line that is too long, interpreted by its beginning. */
  public void addLong(LineReader.LongLine line, byte[] head) {
    lineNumber++;
    String context = lines.context();
    lines.passOver(LineOwner.of(head));
    Optional<SpecificRecord> notice = lines.tooLongNotice(lineNumber, likelyTopic(head));
    tooLong.add(new TooLong(lineNumber, line, context, notice));
    each.ifPresent(
        all ->
            all.add(
                new Line(
                    lineNumber,
                    head,
                    notice.map(event -> new JsonLines.LineEvent(Topics.RUNS, event)).stream()
                        .toList(),
                    Optional.empty())));
    end = line.to() + 1;
  }

  /** Its kind can only be guessed: nobody reads such a line to its end. */
  private static Topics likelyTopic(byte[] head) {
    String text =
        new String(head, 0, Math.min(head.length, HEAD_BYTES), StandardCharsets.ISO_8859_1);
    if (text.contains("\"metrics\"")) {
      return Topics.METRICS;
    }
    return text.contains("\"error\"") ? Topics.ERRORS : Topics.RUNS;
  }

  public Map<Topics, List<SpecificRecord>> events() {
    return events;
  }

  /** All lines in their order, where the chunk keeps them. */
  public List<Line> each() {
    return each.orElseThrow(() -> new IllegalStateException("The chunk keeps no lines."));
  }

  public List<BadLine> badLines() {
    return badLines;
  }

  public List<TooLong> tooLong() {
    return tooLong;
  }

  public boolean isEmpty() {
    return end == from;
  }

  public long end() {
    return end;
  }

  public long lastLineNumber() {
    return lineNumber;
  }

  /** Bytes that were read for it. */
  public int bytes() {
    return bytes;
  }
}
