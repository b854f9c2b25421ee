package io.runledger.query.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.DroppedEvents;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunComparison.ComparedMetric;
import io.runledger.query.runs.RunComparison.ComparedRun;
import io.runledger.query.runs.RunComparison.ConfigDifference;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.runs.StatusClaim;
import io.runledger.query.runs.StreamGap;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** All that is known of one run as JSON, whole or a part of it, for verbs and for the API. */
public final class RunDocument {

  private final Times times;
  private final RunJson form;

  public RunDocument(Times times) {
    this.times = times;
    this.form = new RunJson(times);
  }

  /**
   * The run with all but its points.
   *
   * @param whereabouts where the missing events of a writer may be, as a sentence
   * @param now until when a run that has not ended has taken
   */
  public ObjectNode whole(RunDetails details, LongFunction<String> whereabouts, Instant now) {
    ObjectNode json = Json.object();
    ObjectNode run = form.run(details.run());
    form.progress(run, details.run(), details.lastValue(), now);
    json.set("run", run);
    json.set("attempts", attempts(details.attempts()));
    json.set("metrics", metrics(details.metrics()));
    json.set("results", results(details.results()));
    json.set("summary", RunJson.summary(details.results()));
    json.set("artifacts", list(details.artifacts(), form::artifact));
    json.set("errors", list(details.errors(), form::error));
    json.set("slurm_jobs", list(details.jobs(), form::job));
    json.set("gaps", list(details.gaps(), gap -> gap(gap, whereabouts)));
    json.set("log_gaps", logGaps(details.logGaps()));
    json.set("dropped", list(details.dropped(), RunDocument::dropped));
    return json;
  }

  /** What led to the run's status: of each attempt who said what, and which rule decided. */
  public ObjectNode evidence(RunDetails details) {
    ObjectNode document = Json.object();
    document.put("id", details.run().id().toString());
    document.put("run_id", Long.toString(details.run().id().value()));
    document.put("status", details.run().status().word());
    ArrayNode attempts = document.putArray("attempts");
    Map<Long, List<StatusClaim>> said =
        details.claims().stream().collect(Collectors.groupingBy(StatusClaim::attemptId));
    Map<Long, List<SlurmJob>> seen =
        details.jobs().stream().collect(Collectors.groupingBy(SlurmJob::attemptId));
    for (Attempt attempt : details.attempts()) {
      ObjectNode node = form.attempt(attempt);
      long id = attempt.attemptId();
      node.set("claims", list(said.getOrDefault(id, List.of()), this::claim));
      node.set("slurm_jobs", list(seen.getOrDefault(id, List.of()), form::job));
      attempts.add(node);
    }
    return document;
  }

  /** A list in the order that it has. */
  public static <T> ArrayNode list(List<T> elements, Function<T, ? extends JsonNode> form) {
    ArrayNode list = Json.array();
    elements.forEach(element -> list.add(form.apply(element)));
    return list;
  }

  /**
   * Runs side by side.
   *
   * @param metrics the metrics that are wanted
   */
  public static ObjectNode comparison(
      RunComparison comparison, Collection<String> metrics, RunJson form) {
    ObjectNode document = Json.object();
    ArrayNode runs = document.putArray("runs");
    for (ComparedRun compared : comparison.runs()) {
      ObjectNode json = form.run(compared.run());
      json.put("total_epochs", Json.number(compared.totalEpochs()));
      ArrayNode array = json.putArray("metrics");
      for (String name : metrics) {
        ComparedMetric metric = compared.metrics().get(name);
        if (metric != null) {
          ObjectNode one = array.addObject();
          one.put("metric_name", name).put("mode", metric.optimum().word());
          one.set("final", Json.mark(metric.last()));
          one.set("best", Json.mark(metric.best()));
        }
      }
      runs.add(json);
    }
    ArrayNode differences = document.putArray("config_differences");
    for (ConfigDifference difference : comparison.differences()) {
      ArrayNode values = differences.addObject().put("path", difference.path()).putArray("values");
      difference.values().forEach(value -> values.add(Json.parsed(value)));
    }
    return document;
  }

  public ArrayNode attempts(List<Attempt> attempts) {
    return list(attempts, form::attempt);
  }

  public static ArrayNode metrics(List<MetricSummary> metrics) {
    return list(metrics, RunJson::summary);
  }

  public ArrayNode results(List<RunResults> results) {
    return list(
        results,
        one -> {
          ObjectNode entry = Json.object();
          entry.put("attempt_id", Long.toString(one.attemptId()));
          entry.put("created_at", times.orNull(one.at()));
          return entry.set("results", Json.parsed(one.results()));
        });
  }

  public static ArrayNode logGaps(List<LogGap> gaps) {
    return list(
        gaps,
        gap ->
            Json.object()
                .put("topic", gap.topic())
                .put("partition", gap.partition())
                .put("from_offset", gap.fromOffset())
                .put("to_offset", gap.toOffset())
                .put("reason", gap.reason()));
  }

  private ObjectNode claim(StatusClaim claim) {
    ObjectNode one = Json.object();
    one.put("at", times.text(claim.at()));
    one.put("source", claim.source().word());
    one.put("status", claim.status().word());
    claim.reason().ifPresent(reason -> one.put("reason", reason));
    claim.exitCode().ifPresent(code -> one.put("exit_code", code));
    return one;
  }

  private static ObjectNode gap(StreamGap gap, LongFunction<String> whereabouts) {
    return Json.object()
        .put("attempt_id", Long.toString(gap.attemptId()))
        .put("writer_id", Long.toString(gap.writerId()))
        .put("topic", gap.topic())
        .put("missing", gap.missing())
        .put("seen", gap.seen())
        .put("whereabouts", whereabouts.apply(gap.writerId()));
  }

  private static ObjectNode dropped(DroppedEvents one) {
    return Json.object()
        .put("attempt_id", Long.toString(one.attemptId()))
        .put("topic", one.topic())
        .put("count", one.count())
        .put("reason", one.reason());
  }
}
