package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.MaskedJson;
import io.runledger.config.Printable;
import io.runledger.config.Secrets;
import io.runledger.gateway.log.CallLog;
import io.runledger.gateway.log.NotStorableException;
import io.runledger.gateway.log.StoredLine;
import io.runledger.gateway.log.StreamMark;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TimeOrderedId;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Turns what calls say of runs into lines, which are stored before a call is answered. Thread-safe.
 */
final class RunCalls {

  /** The tag that asks for a run that is named by its key. */
  private static final String KEY_TAG = "runledger.key";

  private static final int MOST_METRICS = 1_000;
  private static final int MOST_PARAMETERS = 100;
  private static final int MOST_TAGS = 100;
  private static final int MOST_INPUTS = 1_000;

  /** Of a run, all together. */
  private static final int MOST_OF_A_RUN = 20_000;

  private static final int LONGEST_PARAMETER = 16_000;
  private static final int LONGEST_TAG = 200_000;

  /** Of an id that is ordered by time: milliseconds, and behind them what tells two apart. */
  private static final int TIME_BITS = 42;

  private static final int ID_BITS = 21;

  private final CallLog log;
  private final RunStates states = new RunStates();
  private final KnownRuns known;
  private final Secrets secrets;
  private final TimeOrderedId ids = new TimeOrderedId(Clock.systemUTC());

  RunCalls(CallLog log, KnownRuns known, Secrets secrets) {
    this.log = log;
    this.known = known;
    this.secrets = secrets;
  }

  /** Takes over what the log says of runs. */
  synchronized void load() throws IOException {
    log.replay(states::apply);
  }

  /** A run that is remembered; empty for another one. */
  synchronized Optional<MlflowRun> find(RunId run) {
    return states.find(run);
  }

  synchronized List<StreamMark> awaited(RunId run) {
    return states.awaited(run);
  }

  synchronized Map<RunId, List<StreamMark>> awaited() {
    return states.awaited();
  }

  synchronized void arrived(RunId run, List<StreamMark> marks) {
    states.arrived(run, marks);
  }

  /** The run, from memory or the ledger. */
  MlflowRun existing(RunId id) throws MlflowException {
    Optional<MlflowRun> found = find(id);
    if (found.isPresent()) {
      return found.get();
    }
    MlflowRun run =
        known
            .find(id)
            .orElseThrow(() -> MlflowException.missing("Run with id=%s not found".formatted(id)));
    synchronized (this) {
      states.remember(run);
      return states.find(id).orElse(run);
    }
  }

  private MlflowRun active(RunId id) throws MlflowException {
    MlflowRun run = existing(id);
    if (run.isDeleted()) {
      throw MlflowException.invalid(
          "The run %s must be in the 'active' state. Current state is deleted.".formatted(id));
    }
    return run;
  }

  /** Starts a run. */
  MlflowRun create(String experiment, CallBody body) throws MlflowException, IOException {
    long start = body.millis("start_time").orElseGet(System::currentTimeMillis);
    Map<String, String> tags = tags(body);
    body.text("user_id").ifPresent(user -> tags.putIfAbsent(MlflowRun.USER_TAG, user));
    String tagged = tags.remove(MlflowRun.NAME_TAG);
    Optional<String> given = body.text("run_name").or(() -> Optional.ofNullable(tagged));
    // As its id begins with its time, the time of its start comes back to the millisecond.
    long fresh = ids.next();
    long attempt =
        start > 0 && start < 1L << TIME_BITS
            ? (start << ID_BITS) | (fresh & ((1L << ID_BITS) - 1))
            : fresh;
    ObjectNode named = JsonNodeFactory.instance.objectNode();
    Optional<RunKey> key = key(experiment, tags);
    RunId id;
    if (key.isPresent()) {
      id = RunId.of(key.get());
      named.setAll(parts(key.get()));
      named.put("project", experiment).put("name", given.orElseGet(key.get()::displayName));
    } else {
      UUID instance = UUID.randomUUID();
      String name = given.orElseGet(() -> "run-" + instance.toString().substring(0, 8));
      id = RunId.ofInstance(experiment, name, instance);
      named.put("project", experiment).put("name", name).put("instance_id", instance.toString());
    }
    ObjectNode line = line(id, attempt, start);
    ObjectNode began = line.putObject("start");
    began.setAll(named);
    Optional.ofNullable(tags.get(MlflowRun.USER_TAG)).ifPresent(user -> began.put("user", user));
    Optional.ofNullable(tags.get("mlflow.source.name"))
        .ifPresent(source -> began.put("command", source));
    Optional.ofNullable(tags.get("mlflow.source.git.commit"))
        .ifPresent(commit -> began.put("git_commit", commit));
    Optional.ofNullable(tags.remove(MlflowRun.NOTE_TAG))
        .ifPresent(notes -> began.put("notes", notes));
    ArrayNode texts = began.putArray("tags");
    tags.forEach((tag, value) -> texts.add(TagText.of(tag, value)));
    synchronized (this) {
      store(List.of(line));
      return states.find(id).orElseThrow();
    }
  }

  /** The run key that the tags ask for. */
  private static Optional<RunKey> key(String experiment, Map<String, String> tags)
      throws MlflowException {
    String asked = tags.get(KEY_TAG);
    if (asked == null || asked.equalsIgnoreCase("false")) {
      return Optional.empty();
    }
    String seed = tags.get("seed");
    if (seed != null && !seed.matches("-?[0-9]{1,18}")) {
      throw MlflowException.invalid(
          "The tag %s asks for a run key, of which the seed is a whole number, not '%s'."
              .formatted(KEY_TAG, Printable.word(seed)));
    }
    return Optional.of(
        RunKey.of(
            experiment,
            tags.get("dataset"),
            tags.get("method"),
            tags.get("subject"),
            tags.get("cl_info"),
            seed == null ? null : Long.valueOf(seed)));
  }

  private static ObjectNode parts(RunKey key) {
    ObjectNode parts = JsonNodeFactory.instance.objectNode();
    key.experiment().ifPresent(text -> parts.put("experiment", text));
    key.dataset().ifPresent(text -> parts.put("dataset", text));
    key.method().ifPresent(text -> parts.put("method", text));
    key.subject().ifPresent(text -> parts.put("subject", text));
    key.clInfo().ifPresent(text -> parts.put("cl_info", text));
    key.seed().ifPresent(number -> parts.put("seed", number));
    return parts;
  }

  private static Map<String, String> tags(CallBody body) throws MlflowException {
    Map<String, String> tags = new LinkedHashMap<>();
    for (CallBody tag : body.list("tags", MOST_TAGS)) {
      tags.put(tag.name(), tagValue(tag));
    }
    return tags;
  }

  private static String tagValue(CallBody tag) throws MlflowException {
    String value = tag.value("value");
    if (value.length() > LONGEST_TAG) {
      throw MlflowException.invalid(
          "Tag value '%s...' had length %d, which exceeded length limit of %d"
              .formatted(Printable.word(value.substring(0, 20)), value.length(), LONGEST_TAG));
    }
    return value;
  }

  /** Changes the status, the end or the name of a run. */
  MlflowRun update(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    long now = System.currentTimeMillis();
    List<ObjectNode> lines = new ArrayList<>();
    Optional<String> status = body.text("status");
    OptionalLong end = body.millis("end_time");
    if (status.isPresent()) {
      ObjectNode line = line(run, end.orElse(now));
      RunStatusWord.put(line, status.get());
      if (!isKnownStatus(run, line, end)) {
        lines.add(line);
      }
    }
    Optional<String> name = body.text("run_name").filter(text -> !text.equals(run.name()));
    name.ifPresent(text -> lines.add(renamed(run, text)));
    synchronized (this) {
      store(lines);
      return states.find(run.id()).orElse(run);
    }
  }

  /** Clients repeat the status with each change of the name. */
  private static boolean isKnownStatus(MlflowRun run, ObjectNode line, OptionalLong end) {
    return RunStatusWord.ofLine(line).equals(run.status())
        && (end.isEmpty() || end.equals(run.endMillis()));
  }

  private static ObjectNode renamed(MlflowRun run, String name) {
    ObjectNode line = line(run, System.currentTimeMillis());
    line.putObject("annotate").put("name", name);
    return line;
  }

  /** Hides a run, or shows it again. */
  void hide(CallBody body, boolean isDeleted) throws MlflowException, IOException {
    MlflowRun run = existing(body.run());
    if (run.isDeleted() == isDeleted) {
      return;
    }
    // A word on the run as a whole: of two the later one counts, whoever said it.
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("run_id", run.id().toString());
    line.putObject(isDeleted ? "delete" : "restore");
    synchronized (this) {
      store(List.of(line));
    }
  }

  void metric(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    log(run, List.of(body), Map.of(), Map.of());
  }

  void parameter(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    log(run, List.of(), parameters(List.of(body), run.id()), Map.of());
  }

  void tag(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    log(run, List.of(), Map.of(), Map.of(body.name(), tagValue(body)));
  }

  void batch(CallBody body) throws MlflowException, IOException {
    RunId id = body.run();
    List<CallBody> metrics = body.list("metrics", MOST_METRICS);
    List<CallBody> given = body.list("params", MOST_PARAMETERS);
    Map<String, String> tags = tags(body);
    MlflowRun run = active(id);
    log(run, metrics, parameters(given, id), tags);
  }

  private static Map<String, String> parameters(List<CallBody> given, RunId run)
      throws MlflowException {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (CallBody one : given) {
      String value = one.value("value");
      if (value.length() > LONGEST_PARAMETER) {
        throw MlflowException.invalid(
            "Param value '%s...' had length %d, which exceeded length limit of %d"
                .formatted(
                    Printable.word(value.substring(0, 20)), value.length(), LONGEST_PARAMETER));
      }
      String before = parameters.putIfAbsent(one.name(), value);
      if (before != null && !before.equals(value)) {
        throw changed(one.name(), before, value, run);
      }
    }
    return parameters;
  }

  private static MlflowException changed(String key, String before, String now, RunId run) {
    return MlflowException.invalid(
        "Changing param values is not allowed. Param with key='%s' was already logged with value='%s' for run ID='%s'. Attempted logging new value '%s'."
            .formatted(key, before, run, now));
  }

  private void log(
      MlflowRun run,
      List<CallBody> metrics,
      Map<String, String> parameters,
      Map<String, String> tags)
      throws MlflowException, IOException {
    long now = System.currentTimeMillis();
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    parameters.forEach((key, value) -> ParameterValue.put(config, key, value));
    JsonNode masked = MaskedJson.of(config, secrets).tree();
    synchronized (this) {
      states.remember(run);
      MlflowRun current = states.find(run.id()).orElse(run);
      List<ObjectNode> lines = new ArrayList<>();
      ObjectNode fresh = fresh(current, ParameterValue.texts(masked), masked);
      if (!fresh.isEmpty()) {
        ObjectNode line = line(run, now);
        line.putObject("start").set("config", fresh);
        lines.add(line);
      }
      points(run, metrics, lines::add);
      tagged(current, tags, now, lines::add);
      store(lines);
    }
  }

  /** What is new of some parameters; one that has another value already is refused. */
  private static ObjectNode fresh(MlflowRun run, Map<String, String> texts, JsonNode values)
      throws MlflowException {
    ObjectNode fresh = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, String> each : texts.entrySet()) {
      String before = run.parameters().get(each.getKey());
      if (before == null) {
        fresh.set(each.getKey(), values.get(each.getKey()));
      } else if (!before.equals(each.getValue())) {
        throw changed(each.getKey(), before, each.getValue(), run.id());
      }
    }
    if (run.parameters().size() + fresh.size() > MOST_OF_A_RUN) {
      throw MlflowException.invalid("A run has at most %,d parameters.".formatted(MOST_OF_A_RUN));
    }
    return fresh;
  }

  /** A line for the metrics of each moment and step; one that is stored already is left out. */
  private void points(MlflowRun run, List<CallBody> metrics, Consumer<ObjectNode> lines)
      throws MlflowException {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    long lastAt = -1;
    long lastStep = 0;
    Set<Long> seen = new HashSet<>();
    for (CallBody metric : metrics) {
      String name = metric.name();
      double value = metric.real("value");
      long at = metric.millis("timestamp").orElseThrow(() -> MlflowException.lacking("timestamp"));
      long step = metric.number("step").orElse(0);
      long point = RunStates.point(name, at, step, value);
      if (states.hasPoint(run.id(), point) || !seen.add(point)) {
        continue;
      }
      if (values.isEmpty() || at != lastAt || step != lastStep || values.has(name)) {
        values = JsonNodeFactory.instance.objectNode();
        ObjectNode line = line(run, at);
        line.set("metrics", values);
        line.put("step", step);
        lines.accept(line);
        lastAt = at;
        lastStep = step;
      }
      if (Double.isFinite(value)) {
        values.put(name, value);
      } else {
        values.put(name, Double.toString(value));
      }
    }
  }

  private static void tagged(
      MlflowRun run, Map<String, String> tags, long now, Consumer<ObjectNode> lines)
      throws MlflowException {
    ObjectNode annotation = JsonNodeFactory.instance.objectNode();
    ArrayNode removed = JsonNodeFactory.instance.arrayNode();
    ArrayNode added = JsonNodeFactory.instance.arrayNode();
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      String before = run.tags().get(tag.getKey());
      if (tag.getKey().equals(MlflowRun.NAME_TAG)) {
        if (!tag.getValue().isBlank()) {
          annotation.put("name", tag.getValue());
        }
      } else if (tag.getKey().equals(MlflowRun.NOTE_TAG)) {
        annotation.put("notes", tag.getValue());
      } else if (!tag.getValue().equals(before)) {
        if (before != null) {
          removed.add(TagText.of(tag.getKey(), before));
        }
        added.add(TagText.of(tag.getKey(), tag.getValue()));
      }
    }
    if (run.tags().size() + added.size() > MOST_OF_A_RUN) {
      throw MlflowException.invalid("A run has at most %,d tags.".formatted(MOST_OF_A_RUN));
    }
    if (!removed.isEmpty()) {
      annotation.set("remove_tags", removed);
    }
    if (!added.isEmpty()) {
      annotation.set("add_tags", added);
    }
    if (!annotation.isEmpty()) {
      ObjectNode line = line(run, now);
      line.set("annotate", annotation);
      lines.accept(line);
    }
  }

  void deleteTag(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    String key = body.name();
    synchronized (this) {
      String before = states.find(run.id()).orElse(run).tags().get(key);
      if (before == null) {
        throw MlflowException.missing(
            "No tag with name: %s in run with id %s".formatted(key, run.id()));
      }
      ObjectNode line = line(run, System.currentTimeMillis());
      ObjectNode annotation = line.putObject("annotate");
      if (key.equals(MlflowRun.NOTE_TAG)) {
        annotation.put("notes", "");
      } else {
        annotation.putArray("remove_tags").add(TagText.of(key, before));
      }
      store(List.of(line));
    }
  }

  /** Data sets that a run reads, each an artifact that has what was said of it. */
  void inputs(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    List<ObjectNode> lines = new ArrayList<>();
    for (CallBody input : body.list("datasets", MOST_INPUTS)) {
      JsonNode dataset = input.node().path("dataset");
      String name = dataset.path("name").asText();
      if (name.isEmpty()) {
        throw MlflowException.lacking("dataset.name");
      }
      lines.add(
          artifact(
              run, "mlflow.dataset", name + "#" + dataset.path("digest").asText(), input.node()));
    }
    for (CallBody model : body.list("models", MOST_INPUTS)) {
      lines.add(artifact(run, "mlflow.model-input", model.needed("model_id"), model.node()));
    }
    storeAll(lines);
  }

  /** Models that a run made. */
  void outputs(CallBody body) throws MlflowException, IOException {
    MlflowRun run = active(body.run());
    List<ObjectNode> lines = new ArrayList<>();
    for (CallBody model : body.list("models", MOST_INPUTS)) {
      lines.add(artifact(run, "mlflow.model", model.needed("model_id"), model.node()));
    }
    storeAll(lines);
  }

  /** A file that was uploaded for a run. */
  void uploaded(MlflowRun run, String path, long bytes, String sha256)
      throws MlflowException, IOException {
    ObjectNode line = artifact(run, "file", path, JsonNodeFactory.instance.objectNode());
    ((ObjectNode) line.path("artifact")).put("size_bytes", bytes).put("sha256", sha256);
    storeAll(List.of(line));
  }

  private static ObjectNode artifact(MlflowRun run, String type, String path, JsonNode metadata) {
    ObjectNode line = line(run, System.currentTimeMillis());
    ObjectNode artifact = line.putObject("artifact").put("type", type).put("path", path);
    if (!metadata.isEmpty()) {
      artifact.set("metadata", metadata);
    }
    return line;
  }

  private static ObjectNode line(MlflowRun run, long millis) {
    return line(run.id(), run.attempt(), millis);
  }

  private static ObjectNode line(RunId run, long attempt, long millis) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("at", Instant.ofEpochMilli(millis).toString())
        .put("run_id", run.toString())
        .put("attempt_id", Base32.encode(attempt));
  }

  private synchronized void storeAll(List<ObjectNode> lines) throws MlflowException, IOException {
    store(lines);
  }

  private void store(List<ObjectNode> lines) throws MlflowException, IOException {
    if (lines.isEmpty()) {
      return;
    }
    try {
      for (StoredLine stored : log.append(lines)) {
        states.apply(stored);
      }
    } catch (NotStorableException e) {
      throw MlflowException.invalid("The call cannot be stored: " + e.getMessage() + ".");
    }
  }
}
