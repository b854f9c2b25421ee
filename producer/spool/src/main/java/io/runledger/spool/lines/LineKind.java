package io.runledger.spool.lines;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.config.Configuration;
import io.runledger.config.MaskedJson;
import io.runledger.config.Secrets;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.Topics;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.values.StoredText;
import io.runledger.spool.values.WideCall;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/** The kinds of lines by what they report, and how the event of each is read. */
enum LineKind {
  START,
  METRICS,
  STATUS,
  RESULTS,
  ERROR,
  ARTIFACT,
  ANNOTATE,
  HEARTBEAT,
  DROPPED,
  DELETE,
  RESTORE,
  END;

  private static final String UNKNOWN_ERROR = "Error";

  private final String word = name().toLowerCase(Locale.ROOT);

  /**
   * The one kind that a line is of.
   *
   * @throws BadLineException when it says nothing, or two things
   */
  static LineKind of(LineFields fields) throws BadLineException {
    List<LineKind> there = Arrays.stream(values()).filter(kind -> fields.has(kind.word)).toList();
    if (there.size() == 1 || there.equals(List.of(START, HEARTBEAT))) {
      return there.get(0);
    }
    throw new BadLineException(
        there.isEmpty()
            ? "the line has none of the expected keys: " + words(List.of(values()), ", ")
            : "the line has more than one event: " + words(there, " and "));
  }

  private static String words(List<LineKind> kinds, String between) {
    return kinds.stream().map(kind -> kind.word).collect(Collectors.joining(between));
  }

  /** The topic that loses a part when something of such a line cannot be read. */
  Topics topic() {
    return switch (this) {
      case METRICS -> Topics.METRICS;
      case ERROR -> Topics.ERRORS;
      default -> Topics.RUNS;
    };
  }

  /** Whether it is about the run as a whole, and not about one of its attempts. */
  boolean needsNoAttempt() {
    return this == DELETE || this == RESTORE || this == ANNOTATE;
  }

  boolean isEnd(LineFields fields) throws BadLineException {
    if (!fields.node(word).isBoolean() || !fields.node(word).booleanValue()) {
      throw new BadLineException("'end' is not true");
    }
    return true;
  }

  /** The seconds of a heartbeat, also of one in the line of a start; or null. */
  Integer interval(LineFields fields) {
    return fields.small(HEARTBEAT.word, 1, Integer.MAX_VALUE);
  }

  /** The log call, in as many rows as records can hold; none when no value of it is left. */
  List<MetricRow> rows(LineFields fields, Instant when) throws BadLineException {
    JsonNode metrics = fields.node(word);
    if (!metrics.isObject() || (metrics.isEmpty() && fields.parts().count() == 0)) {
      throw new BadLineException("'metrics' is not an object with at least one metric");
    }
    Map<String, Double> values = new TreeMap<>();
    for (Map.Entry<String, JsonNode> metric : metrics.properties()) {
      OptionalDouble value = LineNumbers.number(metric.getValue());
      if (value.isPresent()) {
        values.put(WellFormedText.of(metric.getKey()), value.getAsDouble());
      } else if (!(metric.getValue() instanceof LineTree.Lost)) {
        fields
            .parts()
            .add("'%s' is not a number: %s".formatted(metric.getKey(), metric.getValue()));
      }
    }
    Long step = fields.whole("step");
    Double epoch = fields.finite("epoch");
    Double elapsed = fields.finite("elapsed_seconds");
    return WideCall.split(values).stream()
        .map(some -> new MetricRow(when, step, epoch, elapsed, some))
        .toList();
  }

  ErrorLogged.Builder error(LineFields fields) throws BadLineException {
    LineFields error = fields.object(word);
    String type = error.text("type");
    if (type == null) {
      error.parts().add("'error' has no 'type'");
    }
    Long truncated = error.whole("truncated_bytes");
    return ErrorLogged.newBuilder()
        .setExceptionType(type == null ? UNKNOWN_ERROR : type)
        .setMessage(prose(error.text("message")))
        .setTraceback(prose(error.text("traceback")))
        .setTruncatedBytes(truncated == null || truncated < 0 ? 0 : truncated)
        .setSha256(error.text("sha256"))
        .setStep(fields.whole("step"));
  }

  /** The event of a line whose kind has none of its own topic. */
  SpecificRecord runEvent(LineFields fields, Configuration configuration) throws BadLineException {
    Secrets secrets = Secrets.of(configuration);
    return switch (this) {
      case STATUS -> status(fields);
      case RESULTS -> new ResultsRecorded(json(fields, word, secrets));
      case ARTIFACT -> artifact(fields.object(word), secrets);
      case ANNOTATE -> annotation(fields.object(word));
      case HEARTBEAT -> heartbeat(fields);
      case DROPPED -> dropped(fields.object(word));
      case DELETE -> new RunDeleted(reason(fields));
      case RESTORE -> new RunRestored(reason(fields));
      default -> throw new IllegalStateException("No reader for lines of the kind " + this);
    };
  }

  private String reason(LineFields fields) throws BadLineException {
    return prose(fields.object(word).text("reason"));
  }

  private Heartbeat heartbeat(LineFields fields) throws BadLineException {
    Integer interval = interval(fields);
    if (interval == null) {
      throw new BadLineException("'heartbeat' is not a number of seconds, at least 1");
    }
    return new Heartbeat(interval);
  }

  /** Sources that may appear in lines; schedulers and operators report in other ways. */
  private static final List<String> SOURCES =
      Stream.of(StatusSource.JOB, StatusSource.WRAPPER, StatusSource.OBSERVER)
          .map(StatusSource::word)
          .toList();

  private static RunStatusChanged status(LineFields fields) throws BadLineException {
    String status = fields.requiredText("status");
    if (RunStatus.ofWord(status).isEmpty()) {
      throw new BadLineException(
          "'" + status + "' is not a status (pending, running, completed, failed, timeout)");
    }
    String source = fields.has("source") ? fields.requiredText("source") : "job";
    if (!SOURCES.contains(source)) {
      throw new BadLineException("'source' is not job, wrapper or observer");
    }
    return new RunStatusChanged(
        status, fields.small("exit_code", 0, 255), prose(fields.text("reason")), source);
  }

  private static ArtifactLogged artifact(LineFields artifact, Secrets secrets)
      throws BadLineException {
    boolean metadata = artifact.has("metadata") && artifact.node("metadata").isObject();
    if (artifact.has("metadata") && !metadata) {
      artifact.parts().add("'metadata' of 'artifact' is not an object");
    }
    return ArtifactLogged.newBuilder()
        .setArtifactType(artifact.requiredText("type"))
        .setFilepath(prose(artifact.requiredText("path")))
        .setSizeBytes(artifact.whole("size_bytes"))
        .setSha256(artifact.text("sha256"))
        .setMetadata(metadata ? json(artifact, "metadata", secrets) : null)
        .build();
  }

  private static RunAnnotated annotation(LineFields annotation) {
    String name = annotation.text("name");
    if (name != null && name.isBlank()) {
      annotation.lost("name", "a name");
      name = null;
    }
    return new RunAnnotated(
        prose(annotation.text("notes")),
        annotation.texts("add_tags").stream().map(LineKind::prose).toList(),
        annotation.texts("remove_tags").stream().map(LineKind::prose).toList(),
        prose(name));
  }

  private static EventsDropped dropped(LineFields dropped) throws BadLineException {
    String topicWord = dropped.requiredText("topic");
    Long count = dropped.whole("count");
    for (Topics topic : Topics.values()) {
      if (SpoolDirectory.prefix(topic).equals(topicWord) && count != null && count > 0) {
        return new EventsDropped(topic.streamName(), count, prose(dropped.requiredText("reason")));
      }
    }
    throw new BadLineException("'dropped' needs a topic and a count of at least 1");
  }

  private static String json(LineFields fields, String name, Secrets secrets)
      throws BadLineException {
    if (!fields.node(name).isObject()) {
      throw new BadLineException("'" + name + "' is not an object");
    }
    return WellFormedText.of(MaskedJson.of(fields.node(name), secrets).tree().toString());
  }

  private static String prose(String text) {
    return text == null ? null : StoredText.of(text);
  }
}
