package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import io.runledger.files.PrivateFiles;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.RequestBody;
import io.runledger.http.Route;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What MLflow calls logged models, as far as saving and finding one goes: a document each, in a
 * file of its own. Thread-safe.
 */
final class ModelCalls {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ID = Pattern.compile("m-[0-9a-f]{32}");
  private static final Pattern NAMED =
      Pattern.compile("\\s*(?:name|model_name)\\s*=\\s*'([^']*)'\\s*");
  private static final Pattern OF_RUN = Pattern.compile("\\s*source_run_id\\s*=\\s*'([^']*)'\\s*");
  private static final int MOST_TAGS = 1_000;
  private static final int MOST_FOUND = 1_000;

  /** Each search reads all. */
  private static final int MOST_MODELS = 100_000;

  /** Finds the name of an experiment, or says that there is none. */
  interface Project {
    String of(String number) throws MlflowException;
  }

  private final Path directory;
  private final RunCalls runs;

  ModelCalls(Path directory, RunCalls runs) {
    this.directory = directory;
    this.runs = runs;
  }

  List<Route> routes(
      String prefix,
      Function<MlflowWrites.Answering, Route.Handler> guarded,
      RequestBody bodies,
      Project project) {
    String models = prefix + "mlflow/logged-models";
    String one = models + "/{model}";
    return List.of(
        new Route(
            "POST", models, guarded.apply(call -> created(CallBody.of(call, bodies), project))),
        new Route(
            "POST", models + "/search", guarded.apply(call -> found(CallBody.of(call, bodies)))),
        new Route("GET", one, guarded.apply(call -> answer(model(call)))),
        new Route("PATCH", one, guarded.apply(call -> finished(call, CallBody.of(call, bodies)))),
        new Route("DELETE", one, guarded.apply(this::deleted)),
        new Route(
            "POST",
            one + "/params",
            guarded.apply(call -> parameters(call, CallBody.of(call, bodies)))),
        new Route(
            "PATCH", one + "/tags", guarded.apply(call -> tags(call, CallBody.of(call, bodies)))),
        new Route("DELETE", one + "/tags/{tag}", guarded.apply(this::untagged)));
  }

  private Reply created(CallBody body, Project project) throws MlflowException, IOException {
    String number = body.text("experiment_id").orElse("0");
    project.of(number);
    Optional<String> run = body.text("source_run_id");
    if (run.isPresent()) {
      runs.existing(CallBody.runOf(run.get()));
    }
    SpoolDirectory.createPrivate(directory);
    String[] all = directory.toFile().list();
    if (all != null && all.length >= MOST_MODELS) {
      throw MlflowException.invalid(
          "There are %,d logged models, as many as may be.".formatted(MOST_MODELS));
    }
    long now = System.currentTimeMillis();
    String id = "m-" + UUID.randomUUID().toString().replace("-", "");
    ObjectNode model = JsonNodeFactory.instance.objectNode();
    ObjectNode info =
        model
            .putObject("info")
            .put("model_id", id)
            .put("experiment_id", number)
            .put("name", body.text("name").orElse("model-" + id.substring(2, 10)))
            .put("creation_timestamp_ms", now)
            .put("last_updated_timestamp_ms", now)
            .put("artifact_uri", "mlflow-artifacts:/%s/models/%s/artifacts".formatted(number, id))
            .put("status", "LOGGED_MODEL_PENDING")
            .put("model_type", body.text("model_type").orElse(""));
    run.ifPresent(source -> info.put("source_run_id", source));
    merge(info, "tags", body.list("tags", MOST_TAGS));
    merge(model.putObject("data"), "params", body.list("params", MOST_TAGS));
    return stored(model);
  }

  /** Puts keys and values into a list of such, in place of those with the same keys. */
  private static void merge(ObjectNode into, String name, List<CallBody> entries)
      throws MlflowException {
    ArrayNode merged = JsonNodeFactory.instance.arrayNode();
    Set<String> keys = new HashSet<>();
    for (CallBody entry : entries) {
      keys.add(entry.name());
    }
    into.path(name)
        .forEach(
            before -> {
              if (!keys.contains(before.path("key").asText())) {
                merged.add(before);
              }
            });
    for (CallBody entry : entries) {
      merged.addObject().put("key", entry.name()).put("value", entry.value("value"));
    }
    if (merged.size() > MOST_TAGS) {
      throw MlflowException.invalid("A model has at most %,d %s.".formatted(MOST_TAGS, name));
    }
    if (!merged.isEmpty()) {
      into.set(name, merged);
    }
  }

  private ObjectNode model(Call call) throws MlflowException, IOException {
    String id = call.variable("model");
    if (ID.matcher(id).matches()) {
      try {
        return (ObjectNode) JSON.readTree(Files.readAllBytes(file(id)));
      } catch (NoSuchFileException e) {
        // The sentence below says that there is none.
      }
    }
    throw MlflowException.missing(
        "Logged model with ID '%s' not found.".formatted(Printable.word(id)));
  }

  private Path file(String id) {
    return directory.resolve(id + ".json");
  }

  private static Reply answer(ObjectNode model) {
    return MlflowWrites.json(200, JsonNodeFactory.instance.objectNode().set("model", model));
  }

  private synchronized Reply finished(Call call, CallBody body)
      throws MlflowException, IOException {
    ObjectNode model = model(call);
    String status = body.needed("status");
    if (!Set.of("LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED")
        .contains(status)) {
      throw MlflowException.invalid(
          "'%s' is not a status of a logged model.".formatted(Printable.word(status)));
    }
    ((ObjectNode) model.path("info")).put("status", status);
    return stored(model);
  }

  private synchronized Reply parameters(Call call, CallBody body)
      throws MlflowException, IOException {
    ObjectNode model = model(call);
    merge((ObjectNode) model.path("data"), "params", body.list("params", MOST_TAGS));
    stored(model);
    return MlflowWrites.json(200, JsonNodeFactory.instance.objectNode());
  }

  private synchronized Reply tags(Call call, CallBody body) throws MlflowException, IOException {
    ObjectNode model = model(call);
    merge((ObjectNode) model.path("info"), "tags", body.list("tags", MOST_TAGS));
    return stored(model);
  }

  private synchronized Reply untagged(Call call) throws MlflowException, IOException {
    ObjectNode model = model(call);
    ArrayNode tags = JsonNodeFactory.instance.arrayNode();
    model
        .path("info")
        .path("tags")
        .forEach(
            tag -> {
              if (!tag.path("key").asText().equals(call.variable("tag"))) {
                tags.add(tag);
              }
            });
    ((ObjectNode) model.path("info")).set("tags", tags);
    stored(model);
    return MlflowWrites.json(200, JsonNodeFactory.instance.objectNode());
  }

  private synchronized Reply deleted(Call call) throws MlflowException, IOException {
    ObjectNode model = model(call);
    Files.deleteIfExists(file(model.path("info").path("model_id").asText()));
    return MlflowWrites.json(200, JsonNodeFactory.instance.objectNode());
  }

  private Reply stored(ObjectNode model) throws IOException {
    ObjectNode info = (ObjectNode) model.path("info");
    info.put("last_updated_timestamp_ms", System.currentTimeMillis());
    Path written = Files.createTempFile(directory, "model", ".new", PrivateFiles.FILE);
    try {
      Files.write(written, JSON.writeValueAsBytes(model));
      Files.move(
          written,
          file(info.path("model_id").asText()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
    return answer(model);
  }

  /** Models of some experiments, the newest first; of filters, those by name or run. */
  private Reply found(CallBody body) throws MlflowException, IOException {
    Set<String> numbers = new HashSet<>();
    body.node().path("experiment_ids").forEach(number -> numbers.add(number.asText()));
    Optional<String> filter = body.text("filter").filter(text -> !text.isBlank());
    Optional<String> name = filter.flatMap(text -> value(NAMED, text));
    Optional<String> run = filter.flatMap(text -> value(OF_RUN, text));
    if (filter.isPresent() && name.isEmpty() && run.isEmpty()) {
      throw MlflowException.invalid(
          "Logged models are searched here by name = '...' or source_run_id = '...', not by: %s"
              .formatted(Printable.word(filter.get())));
    }
    long most = body.number("max_results").orElse(MOST_FOUND);
    List<JsonNode> models = new ArrayList<>();
    for (Path file : files()) {
      try {
        JsonNode model = JSON.readTree(Files.readAllBytes(file));
        JsonNode info = model.path("info");
        if (numbers.contains(info.path("experiment_id").asText())
            && name.map(info.path("name").asText()::equals).orElse(true)
            && run.map(info.path("source_run_id").asText()::equals).orElse(true)) {
          models.add(model);
        }
      } catch (NoSuchFileException deletedMeanwhile) {
        // Whoever deleted it does not look for it.
      }
    }
    models.sort(
        Comparator.comparingLong(
                (JsonNode model) -> model.path("info").path("creation_timestamp_ms").asLong())
            .reversed());
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    if (!models.isEmpty()) {
      ArrayNode array = answer.putArray("models");
      models.stream().limit(Math.max(0, Math.min(most, MOST_FOUND))).forEach(array::add);
    }
    return MlflowWrites.json(200, answer);
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> file.getFileName().toString().endsWith(".json")).toList();
    }
  }

  private static Optional<String> value(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
