package io.runledger.query.tracker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.LedgerReader;
import io.runledger.query.format.Json;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunResults;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A run with all that other trackers take of it, but its points.
 *
 * @param run the run
 * @param metrics its metrics by name
 * @param document what is said of it, as the scripts read it
 * @param state changes when anything of the run does
 */
public record ExportedRun(Run run, List<MetricSummary> metrics, ObjectNode document, String state) {

  /** Deeper values of a configuration are one value, as JSON. */
  private static final int DEEPEST = 50;

  private static final int STATE_BYTES = 16;

  /** A run as it is now. */
  public static ExportedRun of(LedgerReader ledger, Run found) {
    RunDetails details = ledger.details(found.id());
    Run run = details.run();
    ObjectNode document =
        Json.object()
            .put("run_id", run.id().toString())
            .put("project", run.project().orElse(null))
            .put("name", run.label())
            .put("status", run.status().word())
            .put("status_reason", run.statusReason().orElse(null))
            .put("exit_code", Json.number(run.exitCode()))
            .put("created", seconds(run.createdAt().or(run::startedAt)))
            .put("finished", seconds(run.finishedAt()))
            .put("notes", run.notes().orElse(null));
    ArrayNode tags = document.putArray("tags");
    run.tags().forEach(tags::add);
    document.set("key", run.key().map(ExportedRun::key).orElseGet(Json::object));
    document.set("config", Json.parsed(run.config()));
    ObjectNode params = document.putObject("params");
    if (run.config().isPresent()) {
      flatten("", Json.parsed(run.config()), params, 0);
    }
    document.set("results", results(details.results()));
    document.set("errors", errors(details.errors()));
    if (!details.attempts().isEmpty()) {
      put(document, details.attempts().get(details.attempts().size() - 1));
    }
    return new ExportedRun(run, details.metrics(), document, stateOf(document, details.metrics()));
  }

  private static Double seconds(Optional<Instant> at) {
    return at.map(instant -> instant.getEpochSecond() + instant.getNano() / 1e9).orElse(null);
  }

  private static ObjectNode key(RunKey key) {
    ObjectNode parts = Json.object();
    key.experiment().ifPresent(part -> parts.put("experiment", part));
    key.dataset().ifPresent(part -> parts.put("dataset", part));
    key.method().ifPresent(part -> parts.put("method", part));
    key.subject().ifPresent(part -> parts.put("subject", part));
    key.clInfo().ifPresent(part -> parts.put("cl_info", part));
    key.seed().ifPresent(part -> parts.put("seed", part));
    return parts;
  }

  /** Values by the names on the way to them: {@code model.n_layers}. Lists are values. */
  private static void flatten(String path, JsonNode node, ObjectNode into, int depth) {
    if (node.isObject() && depth < DEEPEST && (!node.isEmpty() || path.isEmpty())) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                      entry.getValue(),
                      into,
                      depth + 1));
    } else {
      into.set(
          path.isEmpty() ? "config" : path,
          node.isContainerNode() ? JsonNodeFactory.instance.textNode(Json.line(node)) : node);
    }
  }

  /** Of each name the newest value. */
  private static ObjectNode results(List<RunResults> all) {
    ObjectNode merged = Json.object();
    for (RunResults some : all) {
      if (Json.parsed(some.results()) instanceof ObjectNode object) {
        merged.setAll(object);
      }
    }
    return merged;
  }

  private static ArrayNode errors(List<RunError> newestFirst) {
    ArrayNode errors = Json.array();
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      RunError error = newestFirst.get(i);
      errors
          .addObject()
          .put("type", error.exceptionType().orElse(null))
          .put("message", error.message().orElse(null))
          .put("traceback", error.traceback().orElse(null))
          .put("step", Json.number(error.step()))
          .put("at", seconds(error.at()));
    }
    return errors;
  }

  private static void put(ObjectNode document, Attempt newest) {
    document
        .put("host", newest.host().orElse(null))
        .put("user", newest.user().orElse(null))
        .put("command", newest.command().orElse(null))
        .put("git_commit", newest.gitCommit().orElse(null));
  }

  /** The summaries stand for the points: none can be added without one of them changing. */
  private static String stateOf(ObjectNode document, List<MetricSummary> metrics) {
    ObjectNode all = document.deepCopy();
    ArrayNode summaries = all.putArray("metrics");
    for (MetricSummary metric : metrics) {
      summaries
          .addObject()
          .put("name", metric.name())
          .put("count", metric.count())
          .put("nan_count", metric.nanCount())
          .set("last", Json.mark(metric.last()));
    }
    return Sha256.hex(Json.line(all), STATE_BYTES);
  }

  /** The errors as one text, oldest first; empty where there is none. */
  String errorText() {
    StringBuilder text = new StringBuilder();
    for (JsonNode error : document.get("errors")) {
      String head = error.path("type").asText("") + ": " + error.path("message").asText("");
      String traceback = error.path("traceback").asText("");
      text.append(text.isEmpty() ? "" : "\n\n").append(traceback.isEmpty() ? head : traceback);
      if (!traceback.isEmpty() && !traceback.contains(error.path("message").asText(""))) {
        text.append('\n').append(head);
      }
    }
    return text.toString();
  }
}
