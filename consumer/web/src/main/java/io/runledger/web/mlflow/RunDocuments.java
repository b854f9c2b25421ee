package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.LedgerReader;
import io.runledger.query.format.Json;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.runs.Artifact;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.web.door.Accepted.AcceptedRun;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs as MLflow's clients read them: what is empty is left out. */
final class RunDocuments {

  /** What was said of data sets and models is in the metadata of artifacts of these types. */
  private static final String DATASET = "mlflow.dataset";

  private static final String MODEL_INPUT = "mlflow.model-input";
  private static final String MODEL_OUTPUT = "mlflow.model";

  private final Map<RunId, List<MetricPoint>> metrics;
  private final Map<RunId, List<Artifact>> artifacts;

  private RunDocuments(
      Map<RunId, List<MetricPoint>> metrics, Map<RunId, List<Artifact>> artifacts) {
    this.metrics = metrics;
    this.artifacts = artifacts;
  }

  /** Reads what the documents of these runs need. */
  static RunDocuments of(LedgerReader ledger, Collection<RunId> runs) {
    return new RunDocuments(
        ledger.newestPoints(runs),
        ledger.artifacts(runs, List.of(DATASET, MODEL_INPUT, MODEL_OUTPUT)));
  }

  List<MetricPoint> metrics(RunId run) {
    return metrics.getOrDefault(run, List.of());
  }

  ObjectNode run(AcceptedRun run) {
    ObjectNode document = Json.object();
    document.set("info", info(run));
    ObjectNode data = document.putObject("data");
    put(data, "metrics", metrics(run.id()).stream().map(RunDocuments::metric).toList());
    put(data, "params", pairs(run.parameters()));
    Map<String, String> tags = new LinkedHashMap<>(run.tags());
    tags.put(LedgerRuns.NAME_TAG, run.name());
    put(data, "tags", pairs(tags));
    ObjectNode inputs = document.putObject("inputs");
    put(inputs, "dataset_inputs", ofType(run.id(), DATASET));
    put(inputs, "model_inputs", ofType(run.id(), MODEL_INPUT));
    put(document.putObject("outputs"), "model_outputs", ofType(run.id(), MODEL_OUTPUT));
    return document;
  }

  private static ObjectNode info(AcceptedRun run) {
    String number = ProjectNumber.of(run.experiment());
    ObjectNode info =
        Json.object()
            .put("run_uuid", run.id().toString())
            .put("experiment_id", number)
            .put("run_name", run.name())
            .put("user_id", run.tags().getOrDefault(LedgerRuns.USER_TAG, ""))
            .put("status", run.status())
            .put("start_time", run.startMillis());
    run.endMillis().ifPresent(end -> info.put("end_time", end));
    return info.put("artifact_uri", "mlflow-artifacts:/%s/%s/artifacts".formatted(number, run.id()))
        .put("lifecycle_stage", run.isDeleted() ? "deleted" : "active")
        .put("run_id", run.id().toString());
  }

  static ObjectNode metric(MetricPoint point) {
    ObjectNode metric = Json.object().put("key", point.metric());
    // JSON has no word for the others, and MLflow's clients read these texts.
    if (Double.isFinite(point.value())) {
      metric.put("value", point.value());
    } else {
      metric.put("value", Double.toString(point.value()));
    }
    return metric.put("timestamp", point.at().toEpochMilli()).put("step", point.step().orElse(0));
  }

  private static List<ObjectNode> pairs(Map<String, String> texts) {
    return texts.entrySet().stream()
        .map(text -> Json.object().put("key", text.getKey()).put("value", text.getValue()))
        .toList();
  }

  /** The newest of each path. */
  private List<JsonNode> ofType(RunId run, String type) {
    Map<String, JsonNode> byPath = new LinkedHashMap<>();
    for (Artifact artifact : artifacts.getOrDefault(run, List.of())) {
      if (artifact.type().equals(type)) {
        JsonNode metadata = Json.parsed(artifact.metadata());
        if (metadata.isObject()) {
          byPath.put(artifact.filepath(), metadata);
        }
      }
    }
    return List.copyOf(byPath.values());
  }

  private static void put(ObjectNode into, String name, List<? extends JsonNode> entries) {
    if (!entries.isEmpty()) {
      ArrayNode array = into.putArray(name);
      entries.forEach(array::add);
    }
  }
}
