package io.runledger.client;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.runledger.config.Configuration;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStatusChanged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * Turns the lines of one spool file, from its first on, into events: {@code
 * deploy/docs/spool-lines.md} is the grammar. What a line leaves out it takes from the line before.
 * Not thread-safe.
 */
final class JsonLines {

  private static final List<String> KINDS =
      List.of(
          "start",
          "metrics",
          "status",
          "results",
          "error",
          "artifact",
          "annotate",
          "heartbeat",
          "dropped",
          "delete",
          "restore",
          "end");
  private static final TypeReference<Map<String, Object>> VALUES = new TypeReference<>() {};
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final ObjectReader READER = JSON.reader();

  /** An event and where it belongs. */
  record LineEvent(Topics topic, SpecificRecord event) {}

  private record Attempt(RunId run, long id) {}

  private final String fileName;
  private final Configuration configuration;
  private final Map<Attempt, Map<Topics, Long>> nextSeqs = new HashMap<>();
  private Optional<Long> writer = Optional.empty();
  private Optional<Attempt> attempt = Optional.empty();
  private Optional<Instant> at = Optional.empty();
  private boolean ended;

  JsonLines(String fileName, Configuration configuration) {
    this.fileName = fileName;
    this.configuration = configuration;
  }

  /** The run that the last good line belongs to. */
  Optional<RunId> run() {
    return attempt.map(Attempt::run);
  }

  /** What the next line takes from those before it, if it leaves it out. */
  String context() {
    return attempt
        .map(
            named ->
                "%s %s %s%n"
                    .formatted(named.run(), Base32.encode(named.id()), at.orElse(Instant.EPOCH)))
        .orElse("");
  }

  /** The news that a line was too long to be sent; empty when no run is known yet. */
  Optional<SpecificRecord> tooLongNotice(long lineNumber, Topics topic) {
    return attempt.map(
        named ->
            QuarantineNotice.ofLine(
                named.run(), named.id(), fileName, lineNumber, at.orElse(Instant.EPOCH), topic));
  }

  /** Whether the last line said that nothing follows. */
  boolean isEnded() {
    return ended;
  }

  /**
   * The event of the next line; empty for one that only ends the file.
   *
   * @param line its bytes, without the line feed
   * @throws BadLineException when it is none of ours; it leaves nothing behind, then
   */
  Optional<LineEvent> event(byte[] line) throws BadLineException {
    LineFields fields = new LineFields(tree(line), "the line");
    String kind = kind(fields);
    if (kind.equals("end")) {
      if (!fields.node("end").isBoolean() || !fields.node("end").booleanValue()) {
        throw new BadLineException("'end' is not true");
      }
      ended = true;
      return Optional.empty();
    }
    Attempt named = kind.equals("start") ? null : attempt(fields);
    Instant when = time(fields, named);
    LineDigest digest = new LineDigest(fileName, line);
    StartLine start = null;
    if (named == null) {
      start = StartLine.of(fields.object("start"), digest.uuid(), configuration);
      RunId told = fields.has("run_id") ? run(fields.requiredText("run_id")) : start.run();
      if (!told.equals(start.run())) {
        throw new BadLineException("'run_id' is not that of the run that 'start' names");
      }
      String given = fields.text("attempt_id");
      named = new Attempt(start.run(), given == null ? digest.id(when) : id("attempt_id", given));
    }
    long by =
        writer.isPresent()
            ? writer.get()
            : fields.has("writer_id")
                ? id("writer_id", fields.requiredText("writer_id"))
                : digest.id(when);
    LineEvent event = event(fields, kind, start, named, by, when);
    // Only now is the line a good one, and counts for those that follow.
    nextSeqs.get(named).merge(event.topic(), 1L, Long::sum);
    writer = Optional.of(by);
    attempt = Optional.of(named);
    at = Optional.of(when);
    ended = false;
    return Optional.of(event);
  }

  private static JsonNode tree(byte[] line) throws BadLineException {
    try {
      // Decoded first: Jackson would take malformed UTF-8 in some places and not in others.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
      return READER.readTree(text);
    } catch (CharacterCodingException e) {
      throw new BadLineException("the line is not UTF-8");
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      throw new BadLineException("the line is no JSON: " + message.lines().findFirst().orElse(""));
    }
  }

  private static String kind(LineFields fields) throws BadLineException {
    List<String> there = KINDS.stream().filter(fields::has).toList();
    if (there.size() != 1) {
      throw new BadLineException(
          there.isEmpty()
              ? "the line says nothing that happened (" + String.join(", ", KINDS) + ")"
              : "the line says two things: " + String.join(" and ", there));
    }
    return there.get(0);
  }

  private Attempt attempt(LineFields fields) throws BadLineException {
    String run = fields.text("run_id");
    String id = fields.text("attempt_id");
    if (run == null && id == null) {
      return attempt.orElseThrow(
          () -> new BadLineException("neither the line nor one before it names a run"));
    }
    if (run == null || id == null) {
      throw new BadLineException("'run_id' and 'attempt_id' come together");
    }
    return new Attempt(run(run), id("attempt_id", id));
  }

  private static RunId run(String text) throws BadLineException {
    return new RunId(id("run_id", text));
  }

  private static long id(String name, String text) throws BadLineException {
    try {
      long id = Base32.decode(text);
      if (id > 0) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      throw new BadLineException("'" + name + "' is no id: " + e.getMessage());
    }
    throw new BadLineException("'" + name + "' is 0");
  }

  private Instant time(LineFields fields, Attempt named) throws BadLineException {
    Instant told = fields.instant("at");
    if (told != null) {
      return told;
    }
    if (at.isPresent()) {
      return at.get();
    }
    if (named != null) {
      return TimeOrderedId.timeOf(named.id());
    }
    if (fields.has("attempt_id")) {
      return TimeOrderedId.timeOf(id("attempt_id", fields.requiredText("attempt_id")));
    }
    throw new BadLineException("the first line has neither 'at' nor 'attempt_id'");
  }

  private LineEvent event(
      LineFields fields, String kind, StartLine start, Attempt of, long by, Instant when)
      throws BadLineException {
    Map<Topics, Long> seqs =
        nextSeqs.computeIfAbsent(
            of,
            any -> {
              Map<Topics, Long> fresh = new EnumMap<>(Topics.class);
              for (Topics topic : Topics.values()) {
                fresh.put(topic, 0L);
              }
              return fresh;
            });
    long run = of.run().value();
    if (kind.equals("metrics")) {
      MetricRow row = row(fields, when);
      long seq = seqs.get(Topics.METRICS);
      return new LineEvent(
          Topics.METRICS, new MetricsLogged(run, of.id(), by, seq, new ArrayList<>(List.of(row))));
    }
    if (kind.equals("error")) {
      LineFields error = fields.object("error");
      Long truncated = error.whole("truncated_bytes");
      return new LineEvent(
          Topics.ERRORS,
          ErrorLogged.newBuilder()
              .setRunId(run)
              .setAttemptId(of.id())
              .setWriterId(by)
              .setSeq(seqs.get(Topics.ERRORS))
              .setAt(when)
              .setExceptionType(error.requiredText("type"))
              .setMessage(error.text("message"))
              .setTraceback(error.text("traceback"))
              .setTruncatedBytes(truncated == null ? 0 : truncated)
              .setSha256(error.text("sha256"))
              .setStep(fields.whole("step"))
              .build());
    }
    SpecificRecord what = kind.equals("start") ? start.started() : runEvent(fields, kind);
    return new LineEvent(
        Topics.RUNS, new RunEvent(run, of.id(), by, seqs.get(Topics.RUNS), when, what));
  }

  private static MetricRow row(LineFields fields, Instant when) throws BadLineException {
    JsonNode metrics = fields.node("metrics");
    if (!metrics.isObject() || metrics.isEmpty()) {
      throw new BadLineException("'metrics' is no object with a metric in it");
    }
    Map<String, Double> values = new TreeMap<>();
    for (Map.Entry<String, JsonNode> metric : metrics.properties()) {
      values.put(
          WellFormedText.of(metric.getKey()),
          LineFields.number(metric.getKey(), metric.getValue()));
    }
    return new MetricRow(
        when,
        fields.whole("step"),
        fields.number("epoch"),
        fields.number("elapsed_seconds"),
        values);
  }

  private static SpecificRecord runEvent(LineFields fields, String kind) throws BadLineException {
    return switch (kind) {
      case "status" -> status(fields);
      case "results" -> new ResultsRecorded(json(fields, "results"));
      case "artifact" -> artifact(fields.object("artifact"));
      case "annotate" -> {
        LineFields annotation = fields.object("annotate");
        yield new RunAnnotated(
            annotation.text("notes"),
            annotation.texts("add_tags"),
            annotation.texts("remove_tags"));
      }
      case "heartbeat" -> new Heartbeat(fields.small("heartbeat", 1, Integer.MAX_VALUE));
      case "dropped" -> dropped(fields.object("dropped"));
      case "delete" -> new RunDeleted(fields.object("delete").text("reason"));
      case "restore" -> new RunRestored(fields.object("restore").text("reason"));
      default -> throw new IllegalStateException("A kind of line without a reader: " + kind);
    };
  }

  private static RunStatusChanged status(LineFields fields) throws BadLineException {
    String status = fields.requiredText("status");
    if (RunStatus.ofWord(status).isEmpty()) {
      throw new BadLineException("'" + status + "' is none of the five statuses");
    }
    String source = fields.has("source") ? fields.requiredText("source") : "job";
    if (!source.equals(StatusSource.JOB.word()) && !source.equals(StatusSource.WRAPPER.word())) {
      throw new BadLineException("'source' is neither job nor wrapper");
    }
    return new RunStatusChanged(
        status, fields.small("exit_code", 0, 255), fields.text("reason"), source);
  }

  private static ArtifactLogged artifact(LineFields artifact) throws BadLineException {
    return ArtifactLogged.newBuilder()
        .setArtifactType(artifact.requiredText("type"))
        .setFilepath(artifact.requiredText("path"))
        .setSizeBytes(artifact.whole("size_bytes"))
        .setSha256(artifact.text("sha256"))
        .setMetadata(artifact.has("metadata") ? json(artifact, "metadata") : null)
        .build();
  }

  private static EventsDropped dropped(LineFields dropped) throws BadLineException {
    String word = dropped.requiredText("topic");
    Long count = dropped.whole("count");
    for (Topics topic : Topics.values()) {
      if (SpoolDirectory.prefix(topic).equals(word) && count != null && count > 0) {
        return new EventsDropped(topic.topic(), count, dropped.requiredText("reason"));
      }
    }
    throw new BadLineException("'dropped' needs a topic and a count of at least 1");
  }

  private static String json(LineFields fields, String name) throws BadLineException {
    if (!fields.node(name).isObject()) {
      throw new BadLineException("'" + name + "' is no object");
    }
    return WellFormedText.of(JsonText.of(JSON.convertValue(fields.node(name), VALUES)));
  }
}
