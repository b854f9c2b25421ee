package io.runledger.spool.lines;

import io.runledger.config.Configuration;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.spool.values.StoredText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * Turns the lines of one spool file, from its first on, into events: {@code
 * deploy/docs/spool-lines.md} is the grammar. What a line leaves out is taken from the line before
 * it, and what cannot be read is counted in a separate event. Not thread-safe.
 */
public final class JsonLines {

  /** An event, its topic and its key. */
  public record LineEvent(Topics topic, SpecificRecord event) {}

  private record Attempt(RunId run, long id) {}

  private final String fileName;
  private final Configuration configuration;
  private final Map<Attempt, Map<Topics, Long>> nextSeqs = new HashMap<>();
  private Optional<Long> writer = Optional.empty();
  private Optional<Attempt> attempt = Optional.empty();
  private Optional<Instant> at = Optional.empty();

  /**
   * Whether the last line was about a run as a whole, so that its attempt is not one for other
   * lines.
   */
  private boolean isWord;

  private long lastWord;
  private boolean ended;

  public JsonLines(String fileName, Configuration configuration) {
    this.fileName = fileName;
    this.configuration = configuration;
  }

  /** The run that the last good line belongs to. */
  public Optional<RunId> run() {
    return attempt.map(Attempt::run);
  }

  /** What the next line takes from those before it where it leaves something out. */
  String context() {
    return attempt
        .map(
            named ->
                "%s %s %s%n"
                    .formatted(named.run(), Base32.encode(named.id()), at.orElse(Instant.EPOCH)))
        .orElse("");
  }

  /** Restores what {@link #context} returned earlier; does nothing for an empty one. */
  public void goOnFrom(String context) {
    String[] parts = context.strip().split(" ", -1);
    if (parts.length == 3) {
      attempt = Optional.of(new Attempt(RunId.parse(parts[0]), Base32.decode(parts[1])));
      at = Optional.of(Instant.parse(parts[2]));
    }
  }

  /** The notice that a line was too long to be sent; empty when no run is known yet. */
  Optional<SpecificRecord> tooLongNotice(long lineNumber, Topics topic) {
    return attempt.map(
        named ->
            QuarantineNotice.ofLine(
                named.run(), named.id(), fileName, lineNumber, at.orElse(Instant.EPOCH), topic));
  }

  /** Whether the last line said that nothing follows. */
  public boolean isEnded() {
    return ended;
  }

  /**
   * The events of the next line; none for one that only ends the file.
   *
   * @param line its bytes, without the line feed
   * @throws BadLineException when the line as a whole is not valid; the exception holds the events
   *     that report this in its run, if that is known
   */
  public List<LineEvent> events(byte[] line) throws BadLineException {
    BadParts parts = new BadParts();
    LineFields fields;
    try {
      fields = new LineFields(LineTree.of(line, parts), "the line", parts);
    } catch (BadLineException e) {
      throw new BadLineException(
          e.getMessage(), lost(LineOwner.of(line), Optional.empty(), e.getMessage()));
    }
    try {
      LineKind kind = LineKind.of(fields);
      if (kind == LineKind.END) {
        ended = kind.isEnd(fields);
        return List.of();
      }
      return events(fields, kind, new LineDigest(fileName, line));
    } catch (BadLineException e) {
      Optional<Instant> when = Optional.ofNullable(fields.instant("at"));
      throw new BadLineException(e.getMessage(), lost(LineOwner.of(fields), when, e.getMessage()));
    }
  }

  /** Skips a line: what follows it belongs to the run that it meant, and to no other one. */
  void passOver(LineOwner owner) {
    ended = false;
    boolean isSameRun = owner.run().isPresent() && owner.run().equals(run());
    if (!owner.isNamed() || (isSameRun && owner.attempt().isEmpty())) {
      return;
    }
    attempt = owner.run().flatMap(run -> owner.attempt().map(id -> new Attempt(run, id)));
    isWord = isWord && attempt.isEmpty();
  }

  /** A line goes to the dead letters, which its run reports. */
  private List<LineEvent> lost(LineOwner owner, Optional<Instant> when, String why) {
    passOver(owner);
    if (attempt.isPresent()) {
      at = when.or(() -> at);
    }
    if (attempt.isEmpty() || writer.isEmpty()) {
      return List.of();
    }
    Stream stream = new Stream(attempt.get(), writer.get(), at.orElse(Instant.EPOCH));
    stream.runEvent(
        new EventsDropped(
            Topics.RUNS.streamName(),
            1L,
            "a line is kept as a dead letter: " + StoredText.of(why)));
    return stream.events;
  }

  private List<LineEvent> events(LineFields fields, LineKind kind, LineDigest digest)
      throws BadLineException {
    Attempt named = kind == LineKind.START ? null : attempt(fields, kind).orElse(null);
    Instant when = time(fields, named);
    boolean word = false;
    StartLine start = null;
    if (kind == LineKind.START) {
      Long given = id(fields, "attempt_id");
      Long run = id(fields, "run_id");
      Optional<RunId> joined =
          run == null || given == null ? Optional.empty() : Optional.of(new RunId(run));
      start = StartLine.of(fields.object("start"), joined, digest.uuid(), fileName, configuration);
      named = new Attempt(start.run(), given == null ? digest.id(when) : given);
      if (run != null && run != start.run().value()) {
        fields.parts().add("'run_id' is not the id of the run that 'start' names, " + start.run());
      }
    } else if (named == null) {
      // A line on a run as a whole: its attempt is one that nobody started.
      if (when.equals(Instant.EPOCH)) {
        throw new BadLineException(
            "a line about a whole run needs 'at', because the latest one counts");
      }
      // Later than what started in its millisecond, and than such lines before it in this file.
      long id = Math.max(digest.id(when.plusMillis(1)), lastWord + 1);
      boolean names = fields.has("run_id") || fields.has("run");
      named = new Attempt(names ? run(fields) : attempt.orElseThrow().run(), id);
      word = true;
    }
    Long given = writer.isPresent() ? writer.get() : id(fields, "writer_id");
    long by = given == null ? digest.id(when) : given;
    Stream stream = new Stream(named, by, when);
    switch (kind) {
      case START -> {
        Integer interval = kind.interval(fields);
        stream.runEvent(start.started());
        if (interval != null) {
          stream.runEvent(new Heartbeat(interval));
        }
      }
      case METRICS -> kind.rows(fields, when).forEach(stream::metrics);
      case ERROR -> stream.error(kind.error(fields));
      default -> stream.runEvent(kind.runEvent(fields, configuration));
    }
    if (fields.parts().count() > 0) {
      stream.runEvent(
          new EventsDropped(
              kind.topic().streamName(), fields.parts().count(), fields.parts().reason()));
    }
    // Only now is the line known to be valid, so that later lines may build on it.
    isWord = word;
    lastWord = word ? named.id() : lastWord;
    writer = Optional.of(by);
    attempt = Optional.of(named);
    at = Optional.of(when);
    ended = false;
    return stream.events;
  }

  private Optional<Attempt> attempt(LineFields fields, LineKind kind) throws BadLineException {
    if (!fields.has("run_id") && !fields.has("run") && !fields.has("attempt_id")) {
      if (attempt.isEmpty()) {
        throw new BadLineException("neither the line nor an earlier one identifies a run");
      }
      if (isWord && !kind.needsNoAttempt()) {
        throw new BadLineException("neither the line nor an earlier one identifies an attempt");
      }
      return isWord ? Optional.empty() : attempt;
    }
    RunId run = run(fields);
    Long id = id(fields, "attempt_id");
    if (id != null) {
      return Optional.of(new Attempt(run, id));
    }
    if (!fields.has("attempt_id")) {
      if (!isWord && attempt.isPresent() && attempt.get().run().equals(run)) {
        return attempt;
      }
      if (kind.needsNoAttempt()) {
        return Optional.empty();
      }
    }
    throw new BadLineException("the line's 'attempt_id' is missing or not a valid id");
  }

  /** The run that the line names by its id, or by what a start would name it. */
  static RunId run(LineFields fields) throws BadLineException {
    Long id = id(fields, "run_id");
    if (!fields.has("run")) {
      if (id == null) {
        throw new BadLineException("the line's 'run_id' is missing or not a valid id");
      }
      return new RunId(id);
    }
    RunId named = StartLine.named(fields.object("run"));
    if (fields.has("run_id") && (id == null || id != named.value())) {
      throw new BadLineException("'run_id' is not the id of the run that 'run' names, " + named);
    }
    return named;
  }

  /** An id of the line, or null. */
  private static Long id(LineFields fields, String name) {
    String text = fields.text(name);
    if (text == null) {
      return null;
    }
    try {
      long id = Base32.decode(text);
      if (id > 0) {
        return id;
      }
    } catch (IllegalArgumentException notOne) {
      // said below
    }
    fields.lost(name, "a valid id of 13 characters");
    return null;
  }

  /**
   * The line's time; where it is missing or cannot be read, that of the line before, or of the
   * attempt.
   */
  private Instant time(LineFields fields, Attempt named) {
    Instant told = fields.instant("at");
    if (told != null) {
      return told;
    }
    if (at.isPresent()) {
      return at.get();
    }
    Long id = named != null ? Long.valueOf(named.id()) : id(fields, "attempt_id");
    if (id != null) {
      return TimeOrderedId.timeOf(id);
    }
    if (!fields.has("at")) {
      fields.parts().add("the first line has neither 'at' nor 'attempt_id': its time is unknown");
    }
    return Instant.EPOCH;
  }

  /** Numbers the events of a line. */
  private final class Stream {
    private final List<LineEvent> events = new ArrayList<>();
    private final Attempt of;
    private final long by;
    private final Instant when;

    Stream(Attempt of, long by, Instant when) {
      this.of = of;
      this.by = by;
      this.when = when;
    }

    private Envelope next(Topics topic) {
      long seq =
          nextSeqs
                  .computeIfAbsent(of, any -> new EnumMap<>(Topics.class))
                  .merge(topic, 1L, Long::sum)
              - 1;
      return new Envelope(of.run().value(), of.id(), by, seq, when);
    }

    void runEvent(SpecificRecord what) {
      events.add(new LineEvent(Topics.RUNS, next(Topics.RUNS).runEvent(what)));
    }

    void metrics(MetricRow row) {
      events.add(
          new LineEvent(
              Topics.METRICS, next(Topics.METRICS).metrics(new ArrayList<>(List.of(row)))));
    }

    void error(ErrorLogged.Builder error) {
      events.add(new LineEvent(Topics.ERRORS, next(Topics.ERRORS).error(error)));
    }
  }
}
