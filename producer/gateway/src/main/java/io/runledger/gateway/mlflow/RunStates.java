package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.gateway.log.StoredLine;
import io.runledger.gateway.log.StreamMark;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The runs as the stored lines left them: those that changed last, as many as fit a bound of
 * memory. Whatever is answered about a run follows from its lines, now and after a restart. Not
 * thread-safe.
 */
final class RunStates {

  /** Characters of parameters and tags, and numbers of points, of all runs in memory. */
  private static final long MOST_WEIGHT = 32L << 20;

  /** What a run takes without any. */
  private static final int WEIGHT_OF_A_RUN = 500;

  /** A call that comes again comes soon. */
  private static final int POINTS = 2_000;

  private static final int WEIGHT_OF_A_POINT = 16;

  /** What is known of one run. */
  private static final class State {
    private MlflowRun run;
    private final Set<Long> points = new LinkedHashSet<>();
    private long weight;

    State(MlflowRun run) {
      this.run = run;
    }
  }

  private final Map<RunId, State> states = new LinkedHashMap<>(16, 0.75f, true);

  /** Of the runs of which something is awaited, those that wait longest first. */
  private final Map<RunId, List<StreamMark>> awaited = new LinkedHashMap<>();

  private long weight;

  Optional<MlflowRun> find(RunId run) {
    return Optional.ofNullable(states.get(run)).map(state -> state.run);
  }

  /** Takes over what the ledger knows of a run that is not remembered. */
  void remember(MlflowRun run) {
    if (!states.containsKey(run.id())) {
      State state = new State(run);
      states.put(run.id(), state);
      weigh(state);
    }
  }

  /** What the database must have before it is up to date with a run. */
  List<StreamMark> awaited(RunId run) {
    return List.copyOf(awaited.getOrDefault(run, List.of()));
  }

  /**
   * The same of all runs, of which something is awaited, in the order of their first such event.
   */
  Map<RunId, List<StreamMark>> awaited() {
    Map<RunId, List<StreamMark>> all = new LinkedHashMap<>();
    awaited.forEach((run, marks) -> all.put(run, List.copyOf(marks)));
    return all;
  }

  void arrived(RunId run, List<StreamMark> marks) {
    List<StreamMark> left = awaited.getOrDefault(run, new ArrayList<>());
    left.removeAll(marks);
    if (left.isEmpty()) {
      awaited.remove(run);
    }
  }

  /** Whether a point with these values was stored lately: MLflow has one of equal ones. */
  boolean hasPoint(RunId run, long point) {
    State state = states.get(run);
    return state != null && state.points.contains(point);
  }

  /** A number for a point by which it is known again. */
  static long point(String metric, long atMillis, long step, double value) {
    long hash = 0xCBF2_9CE4_8422_2325L;
    for (int i = 0; i < metric.length(); i++) {
      hash = (hash ^ metric.charAt(i)) * 0x100_0000_01B3L;
    }
    for (long part : new long[] {atMillis, step, Double.doubleToLongBits(value)}) {
      hash = (hash ^ part) * 0x9E37_79B9_7F4A_7C15L;
      hash ^= hash >>> 29;
    }
    return hash;
  }

  /** Takes note of a line that is stored. */
  void apply(StoredLine stored) {
    JsonNode line = stored.line();
    if (!line.hasNonNull("run_id")) {
      return;
    }
    RunId id = RunId.parse(line.path("run_id").asText());
    State state = states.get(id);
    if (line.path("start").has("project")) {
      MlflowRun started = started(id, stored);
      if (state == null) {
        state = new State(started);
        states.put(id, state);
      } else {
        state.run = started;
      }
    } else if (state == null) {
      // Its beginning is in no file any more: the ledger has it.
      return;
    } else {
      state.run = changed(state, stored);
    }
    List<StreamMark> marks = awaited.computeIfAbsent(id, run -> new ArrayList<>());
    for (StreamMark mark : stored.marks()) {
      marks.removeIf(mark::isOfStreamOf);
      marks.add(mark);
    }
    weigh(state);
  }

  private static MlflowRun started(RunId id, StoredLine stored) {
    JsonNode line = stored.line();
    JsonNode start = line.path("start");
    Map<String, String> tags = new LinkedHashMap<>();
    start.path("tags").forEach(tag -> TagText.putInto(tags, tag.asText()));
    if (start.hasNonNull("notes")) {
      tags.put(MlflowRun.NOTE_TAG, start.path("notes").asText());
    }
    return new MlflowRun(
        id,
        Base32.decode(line.path("attempt_id").asText()),
        start.path("project").asText(),
        start.path("name").asText(),
        "RUNNING",
        stored.at().toEpochMilli(),
        OptionalLong.empty(),
        false,
        ParameterValue.texts(start.path("config")),
        tags);
  }

  private static MlflowRun changed(State state, StoredLine stored) {
    MlflowRun run = state.run;
    JsonNode line = stored.line();
    long at = stored.at().toEpochMilli();
    if (line.has("start")) {
      Map<String, String> parameters = new LinkedHashMap<>(run.parameters());
      parameters.putAll(ParameterValue.texts(line.path("start").path("config")));
      return with(run, run.isDeleted(), parameters, run.tags());
    }
    if (line.has("annotate")) {
      return annotated(run, line.path("annotate"));
    }
    if (line.has("status")) {
      String status = RunStatusWord.ofLine(line);
      OptionalLong end = RunStatusWord.isEnd(status) ? OptionalLong.of(at) : run.endMillis();
      return run.with(status, end, run.name());
    }
    if (line.has("delete") || line.has("restore")) {
      return with(run, line.has("delete"), run.parameters(), run.tags());
    }
    if (line.has("metrics")) {
      long step = line.path("step").asLong();
      line.path("metrics")
          .properties()
          .forEach(
              metric ->
                  state.points.add(point(metric.getKey(), at, step, real(metric.getValue()))));
      Iterator<Long> oldest = state.points.iterator();
      for (int excess = state.points.size() - POINTS; excess > 0; excess--) {
        oldest.next();
        oldest.remove();
      }
    }
    return run;
  }

  /** NaN and the infinities are texts. */
  private static double real(JsonNode value) {
    return value.isNumber() ? value.doubleValue() : Double.parseDouble(value.textValue());
  }

  private static MlflowRun annotated(MlflowRun run, JsonNode annotation) {
    Map<String, String> tags = new LinkedHashMap<>(run.tags());
    annotation.path("remove_tags").forEach(tag -> tags.remove(TagText.key(tag.asText())));
    annotation.path("add_tags").forEach(tag -> TagText.putInto(tags, tag.asText()));
    if (annotation.has("notes")) {
      String notes = annotation.path("notes").asText();
      tags.remove(MlflowRun.NOTE_TAG);
      if (!notes.isEmpty()) {
        tags.put(MlflowRun.NOTE_TAG, notes);
      }
    }
    MlflowRun tagged = with(run, run.isDeleted(), run.parameters(), tags);
    return annotation.hasNonNull("name")
        ? tagged.with(run.status(), run.endMillis(), annotation.path("name").asText())
        : tagged;
  }

  private static MlflowRun with(
      MlflowRun run, boolean isDeleted, Map<String, String> parameters, Map<String, String> tags) {
    return new MlflowRun(
        run.id(),
        run.attempt(),
        run.experiment(),
        run.name(),
        run.status(),
        run.startMillis(),
        run.endMillis(),
        isDeleted,
        parameters,
        tags);
  }

  private void weigh(State state) {
    long now =
        WEIGHT_OF_A_RUN
            + characters(state.run.parameters())
            + characters(state.run.tags())
            + (long) WEIGHT_OF_A_POINT * state.points.size();
    weight += now - state.weight;
    state.weight = now;
    Iterator<State> oldest = states.values().iterator();
    while (weight > MOST_WEIGHT && states.size() > 1) {
      State first = oldest.next();
      if (first != state) {
        weight -= first.weight;
        oldest.remove();
        awaited.remove(first.run.id());
      }
    }
  }

  private static long characters(Map<String, String> texts) {
    return texts.entrySet().stream()
        .mapToLong(text -> text.getKey().length() + Objects.toString(text.getValue()).length())
        .sum();
  }
}
