package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Configuration;
import io.runledger.config.Printable;
import io.runledger.config.Secrets;
import io.runledger.gateway.log.CallLog;
import io.runledger.gateway.log.SpoolFullException;
import io.runledger.gateway.log.StreamMark;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.RequestBody;
import io.runledger.http.Route;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of MLflow's clients that write. What is answered with 200 is in a file of the spool.
 * Thread-safe.
 */
public final class MlflowWrites {

  private static final Logger LOG = LoggerFactory.getLogger(MlflowWrites.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where the same calls are answered: for programs, and for MLflow's own page. */
  private static final List<String> PREFIXES = List.of("/api/2.0/", "/ajax-api/2.0/");

  private static final int MOST_BYTES = 8 << 20;
  private static final int AT_ONCE = 24;
  private static final int LONGEST_NAME = 500;

  /** What a call does, and what it answers. */
  interface Action {
    JsonNode answer(CallBody body) throws MlflowException, IOException;
  }

  private final RequestBody bodies = new RequestBody(MOST_BYTES, MOST_BYTES, AT_ONCE);
  private final KnownRuns known;
  private final Experiments experiments;
  private final RunCalls runs;
  private final ArtifactCalls artifacts;
  private final ModelCalls models;

  /**
   * Names of projects by their numbers, which never change; to find one, all runs are looked at.
   */
  private final Map<String, String> projects = new ConcurrentHashMap<>();

  /**
   * Calls that go to this log; nothing is read before {@link #load}.
   *
   * @param directory where experiments, models and artifacts are kept
   */
  public MlflowWrites(Path directory, CallLog log, KnownRuns known, Configuration configuration) {
    this.known = known;
    this.experiments = new Experiments(directory.resolve("experiments.jsonl"));
    this.runs = new RunCalls(log, known, Secrets.of(configuration));
    this.artifacts =
        new ArtifactCalls(directory.resolve("artifacts"), directory.resolve("incoming"), runs);
    this.models = new ModelCalls(directory.resolve("models"), runs);
  }

  /** Takes over what the files say. */
  public void load() throws IOException {
    experiments.load();
    runs.load();
  }

  /** A run that is remembered; empty for another one. */
  public Optional<MlflowRun> run(RunId run) {
    return runs.find(run);
  }

  /** What the database must have before it is up to date with a run. */
  public List<StreamMark> awaited(RunId run) {
    return runs.awaited(run);
  }

  /** The same of all runs of which something is awaited. */
  public Map<RunId, List<StreamMark>> awaited() {
    return runs.awaited();
  }

  /** The database has these. */
  public void arrived(RunId run, List<StreamMark> marks) {
    runs.arrived(run, marks);
  }

  /** The experiments that are known here. */
  public List<Experiments.Experiment> experiments() {
    return experiments.all();
  }

  /** The calls, under both prefixes. */
  public List<Route> routes() {
    Map<String, Action> actions = new LinkedHashMap<>();
    actions.put("POST mlflow/experiments/create", this::createExperiment);
    actions.put("POST mlflow/experiments/delete", body -> hideExperiment(body, true));
    actions.put("POST mlflow/experiments/restore", body -> hideExperiment(body, false));
    actions.put("POST mlflow/experiments/set-experiment-tag", this::tagExperiment);
    actions.put("POST mlflow/experiments/delete-experiment-tag", this::untagExperiment);
    actions.put("POST mlflow/runs/create", this::createRun);
    actions.put("POST mlflow/runs/update", body -> runInfo(runs.update(body)));
    actions.put("POST mlflow/runs/delete", done(body -> runs.hide(body, true)));
    actions.put("POST mlflow/runs/restore", done(body -> runs.hide(body, false)));
    actions.put("POST mlflow/runs/log-metric", done(runs::metric));
    actions.put("POST mlflow/runs/log-parameter", done(runs::parameter));
    actions.put("POST mlflow/runs/log-batch", done(runs::batch));
    actions.put("POST mlflow/runs/set-tag", done(runs::tag));
    actions.put("POST mlflow/runs/delete-tag", done(runs::deleteTag));
    actions.put("POST mlflow/runs/log-inputs", done(runs::inputs));
    actions.put("POST mlflow/runs/outputs", done(runs::outputs));
    List<Route> routes = new ArrayList<>();
    for (String prefix : PREFIXES) {
      actions.forEach(
          (call, action) -> {
            String[] methodAndPath = call.split(" ", 2);
            routes.add(
                new Route(
                    methodAndPath[0],
                    prefix + methodAndPath[1],
                    request -> answer(() -> action.answer(CallBody.of(request, bodies)))));
          });
      routes.addAll(artifacts.routes(prefix, this::guarded));
      routes.addAll(models.routes(prefix, this::guarded, bodies, this::project));
    }
    return routes;
  }

  /** What a call that answers nothing does. */
  private interface Deed {
    void run(CallBody body) throws MlflowException, IOException;
  }

  private static Action done(Deed deed) {
    return body -> {
      deed.run(body);
      return JsonNodeFactory.instance.objectNode();
    };
  }

  /** Answers that may fail in MLflow's words. */
  interface Answering {
    Reply reply(Call call) throws MlflowException, IOException;
  }

  private Route.Handler guarded(Answering answering) {
    return call -> {
      try {
        return answering.reply(call);
      } catch (MlflowException e) {
        return error(e.status(), e.code(), e.getMessage());
      } catch (SpoolFullException e) {
        return error(503, "TEMPORARILY_UNAVAILABLE", e.getMessage());
      } catch (IOException e) {
        LOG.warn("A call cannot be stored: {}", e.toString());
        return error(
            503, "TEMPORARILY_UNAVAILABLE", "The call cannot be stored; the server's log has why.");
      }
    };
  }

  private interface Result {
    JsonNode json() throws MlflowException, IOException;
  }

  private Reply answer(Result result) throws IOException, InterruptedException {
    return guarded(call -> json(200, result.json())).answer(null);
  }

  static Reply json(int status, JsonNode document) {
    try {
      return Reply.of(status, "application/json", JSON.writeValueAsBytes(document));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of texts and numbers always has a JSON form.", e);
    }
  }

  private static Reply error(int status, String code, String message) {
    Reply reply =
        json(
            status,
            JsonNodeFactory.instance.objectNode().put("error_code", code).put("message", message));
    return status == 503 ? reply.with("Retry-After", "5") : reply;
  }

  private JsonNode createExperiment(CallBody body) throws MlflowException, IOException {
    String name = body.needed("name");
    if (name.isBlank()) {
      throw MlflowException.invalid("Invalid experiment name: '%s'".formatted(name));
    }
    if (name.length() > LONGEST_NAME) {
      throw MlflowException.invalid(
          "'name' exceeds the maximum length of %d characters".formatted(LONGEST_NAME));
    }
    if (known.project(ProjectNumber.of(name)).isPresent()) {
      throw new MlflowException(
          400, "RESOURCE_ALREADY_EXISTS", "Experiment(name=%s) already exists.".formatted(name));
    }
    Map<String, String> tags = new LinkedHashMap<>();
    for (CallBody tag : body.list("tags", 100)) {
      tags.put(tag.name(), tag.value("value"));
    }
    return JsonNodeFactory.instance
        .objectNode()
        .put("experiment_id", experiments.create(name, tags).id());
  }

  private Experiments.Experiment experiment(CallBody body) throws MlflowException {
    String number = body.needed("experiment_id");
    Optional<Experiments.Experiment> found = experiments.find(number);
    if (found.isPresent()) {
      return found.get();
    }
    return new Experiments.Experiment(project(number), 0, 0, false, Map.of());
  }

  /** The name of an experiment. */
  private String project(String number) throws MlflowException {
    String name =
        experiments
            .find(number)
            .map(Experiments.Experiment::name)
            .or(() -> Optional.ofNullable(projects.get(number)))
            .or(() -> known.project(number))
            .orElseThrow(
                () ->
                    MlflowException.missing(
                        "No Experiment with id=%s exists".formatted(Printable.word(number))));
    projects.put(number, name);
    return name;
  }

  private JsonNode hideExperiment(CallBody body, boolean isDeleted)
      throws MlflowException, IOException {
    experiments.hide(experiment(body), isDeleted);
    return JsonNodeFactory.instance.objectNode();
  }

  private JsonNode tagExperiment(CallBody body) throws MlflowException, IOException {
    experiments.tag(experiment(body), body.name(), Optional.of(body.value("value")));
    return JsonNodeFactory.instance.objectNode();
  }

  private JsonNode untagExperiment(CallBody body) throws MlflowException, IOException {
    experiments.tag(experiment(body), body.name(), Optional.empty());
    return JsonNodeFactory.instance.objectNode();
  }

  private JsonNode createRun(CallBody body) throws MlflowException, IOException {
    String number = body.text("experiment_id").orElse("0");
    Optional<Experiments.Experiment> experiment = experiments.find(number);
    if (experiment.isPresent() && experiment.get().isDeleted()) {
      throw MlflowException.invalid(
          "The experiment %s must be in the 'active' state. Current state is deleted."
              .formatted(number));
    }
    MlflowRun run = runs.create(project(number), body);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ObjectNode made = answer.putObject("run");
    made.set("info", info(run));
    ArrayNode tags = made.putObject("data").putArray("tags");
    run.tags().forEach((key, value) -> tags.addObject().put("key", key).put("value", value));
    tags.addObject().put("key", MlflowRun.NAME_TAG).put("value", run.name());
    made.putObject("inputs");
    return answer;
  }

  private static JsonNode runInfo(MlflowRun run) {
    return JsonNodeFactory.instance.objectNode().set("run_info", info(run));
  }

  private static ObjectNode info(MlflowRun run) {
    String number = ProjectNumber.of(run.experiment());
    ObjectNode info =
        JsonNodeFactory.instance
            .objectNode()
            .put("run_uuid", run.id().toString())
            .put("experiment_id", number)
            .put("run_name", run.name())
            .put("user_id", run.tags().getOrDefault(MlflowRun.USER_TAG, ""))
            .put("status", run.status())
            .put("start_time", run.startMillis());
    run.endMillis().ifPresent(end -> info.put("end_time", end));
    return info.put("artifact_uri", "mlflow-artifacts:/%s/%s/artifacts".formatted(number, run.id()))
        .put("lifecycle_stage", run.isDeleted() ? "deleted" : "active")
        .put("run_id", run.id().toString());
  }
}
