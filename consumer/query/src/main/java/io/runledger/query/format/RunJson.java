package io.runledger.query.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunError.Ending;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.StatusSource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The JSON forms of the records: field names are the columns' of the database, and stay. {@code id}
 * is the id as people type it, {@code run_id} the number of SQL as a text, because JavaScript keeps
 * only 53 bits of it.
 */
public final class RunJson {

  private final Times times;

  public RunJson(Times times) {
    this.times = times;
  }

  public ObjectNode run(Run run) {
    ObjectNode json = reference(run.id(), run.name());
    json.put("project", Json.text(run.project()));
    key(json, run.key());
    json.put("status", run.status().word());
    json.put("status_reason", Json.text(run.statusReason()));
    json.put("status_source", source(run.statusSource()));
    json.put("exit_code", Json.number(run.exitCode()));
    json.put("attempts", run.attempts());
    json.put("created_at", times.orNull(run.createdAt()));
    json.put("started_at", times.orNull(run.startedAt()));
    json.put("finished_at", times.orNull(run.finishedAt()));
    json.put("slurm_job_id", Json.number(run.slurmJobId()));
    json.put("slurm_array_task_id", Json.number(run.slurmArrayTaskId()));
    json.put("notes", Json.text(run.notes()));
    ArrayNode tags = json.putArray("tags");
    run.tags().forEach(tags::add);
    json.put("config_drift", run.configDrift());
    json.put("missing_events", run.missingEvents());
    json.put("dropped_events", run.droppedEvents());
    json.set("config", Json.parsed(run.config()));
    return json;
  }

  /** Whether it is still running, and how far: adds what changes while it does. */
  public void progress(ObjectNode json, Run run, Optional<LastValue> last, Instant now) {
    Optional<Instant> valueAt = last.map(LastValue::at);
    json.put("age_seconds", Json.number(RunCells.age(run, run.startedAt(), now)));
    json.put("last_value_at", times.orNull(valueAt));
    json.put("last_value_step", last.map(value -> Json.number(value.step())).orElse(null));
    json.set(
        "last_value_epoch", Json.epoch(last.map(LastValue::epoch).orElse(OptionalDouble.empty())));
    json.put("last_value_age_seconds", Json.number(RunCells.age(run, valueAt, now)));
    json.put("last_heartbeat_at", times.orNull(run.lastHeartbeatAt()));
    json.put("heartbeat_interval_seconds", Json.number(run.heartbeatSeconds()));
    json.put(
        "last_heartbeat_age_seconds", Json.number(RunCells.age(run, run.lastHeartbeatAt(), now)));
  }

  public static ObjectNode reference(RunId id, Optional<String> name) {
    return Json.object()
        .put("id", id.toString())
        .put("run_id", Long.toString(id.value()))
        .put("run_name", Json.text(name));
  }

  private static void key(ObjectNode json, Optional<RunKey> key) {
    json.put("experiment", key.flatMap(RunKey::experiment).orElse(null));
    json.put("dataset", key.flatMap(RunKey::dataset).orElse(null));
    json.put("method", key.flatMap(RunKey::method).orElse(null));
    json.put("subject", key.flatMap(RunKey::subject).orElse(null));
    json.put("cl_info", key.flatMap(RunKey::clInfo).orElse(null));
    json.put("seed", key.map(RunKey::seed).map(Json::number).orElse(null));
  }

  public ObjectNode attempt(Attempt attempt) {
    ObjectNode json = Json.object();
    json.put("attempt_id", Long.toString(attempt.attemptId()));
    json.put("status", attempt.status().word());
    json.put("status_reason", Json.text(attempt.statusReason()));
    json.put("status_source", source(attempt.statusSource()));
    json.put("status_rule", Json.text(attempt.statusRule()));
    json.put("exit_code", Json.number(attempt.exitCode()));
    json.put("started_at", times.orNull(attempt.startedAt()));
    json.put("finished_at", times.orNull(attempt.finishedAt()));
    json.put("last_heartbeat_at", times.orNull(attempt.lastHeartbeatAt()));
    json.put("host", Json.text(attempt.host()));
    json.put("user", Json.text(attempt.user()));
    json.put("pid", Json.number(attempt.pid()));
    json.put("command", Json.text(attempt.command()));
    json.put("git_commit", Json.text(attempt.gitCommit()));
    json.put("git_dirty", attempt.gitDirty().orElse(null));
    json.put("resumed_from_step", Json.number(attempt.resumedFromStep()));
    json.put("superseded_from_step", Json.number(attempt.supersededFromStep()));
    json.put("config_drift", attempt.configDrift());
    json.put("config_truncated_bytes", attempt.configTruncatedBytes());
    ArrayNode masked = json.putArray("masked_keys");
    attempt.maskedKeys().forEach(masked::add);
    json.put("dropped_events", attempt.droppedEvents());
    if (attempt.configDrift()) {
      json.set("config", Json.parsed(attempt.config()));
    }
    return json;
  }

  public static ObjectNode summary(MetricSummary summary) {
    ObjectNode json = Json.object().put("metric_name", summary.name());
    json.put("count", summary.count()).put("nan_count", summary.nanCount());
    json.set("min", Json.mark(summary.min()));
    json.set("max", Json.mark(summary.max()));
    json.set("last", Json.mark(summary.last()));
    return json;
  }

  public ObjectNode point(MetricPoint point) {
    return Json.object()
        .put("step", Json.number(point.step()))
        .<ObjectNode>set("epoch", Json.epoch(point.epoch()))
        .put("elapsed_seconds", Json.number(point.elapsedSeconds()))
        .put("value", point.value())
        .put("timestamp", times.text(point.at()))
        .put("attempt_id", Long.toString(point.attemptId()));
  }

  /**
   * The summary of a run: of each name the newest value, by name.
   *
   * @param results all of its results, oldest first
   */
  public static ObjectNode summary(List<RunResults> results) {
    Map<String, JsonNode> newest = new TreeMap<>();
    for (RunResults one : results) {
      Json.parsed(one.results())
          .properties()
          .forEach(entry -> newest.put(entry.getKey(), entry.getValue()));
    }
    return Json.object().setAll(newest);
  }

  public static ObjectNode bucket(Curve.Bucket bucket) {
    return Json.object()
        .put("first_step", Json.number(bucket.firstStep()))
        .put("last_step", Json.number(bucket.lastStep()))
        .put("points", bucket.points())
        .put("nan_count", bucket.nanCount())
        .put("lowest", bucket.low())
        .put("highest", bucket.high())
        .put("mean", bucket.mean());
  }

  public ObjectNode error(RunError error) {
    return reference(error.runId(), error.runName())
        .put("attempt_id", Long.toString(error.attemptId()))
        .put("created_at", times.orNull(error.at()))
        .put("kind", ErrorCells.kind(error))
        .put("exception_type", Json.text(error.exceptionType()))
        .put("message", Json.text(error.message()))
        .put("traceback", Json.text(error.traceback()))
        .put("truncated_bytes", error.truncatedBytes())
        .put("step", Json.number(error.step()))
        .put("status", error.ending().map(end -> end.status().word()).orElse(null))
        .put("exit_code", error.ending().map(end -> Json.number(end.exitCode())).orElse(null))
        .put("status_reason", error.ending().flatMap(Ending::reason).orElse(null))
        .put("status_source", source(error.ending().flatMap(Ending::source)));
  }

  public ObjectNode artifact(Artifact artifact) {
    ObjectNode json = Json.object();
    json.put("attempt_id", Long.toString(artifact.attemptId()));
    json.put("artifact_type", artifact.type());
    json.put("filepath", artifact.filepath());
    json.put("size_bytes", Json.number(artifact.sizeBytes()));
    json.put("sha256", Json.text(artifact.sha256()));
    json.put("created_at", times.orNull(artifact.at()));
    json.set("metadata", Json.parsed(artifact.metadata()));
    return json;
  }

  public ObjectNode job(SlurmJob job) {
    ObjectNode json = reference(job.runId(), job.runName());
    json.put("attempt_id", Long.toString(job.attemptId()));
    json.put("cluster", job.cluster());
    json.put("slurm_job_id", job.jobId());
    json.put("slurm_array_job_id", Json.number(job.arrayJobId()));
    json.put("slurm_array_task_id", Json.number(job.arrayTaskId()));
    json.put("restart_count", Json.number(job.restartCount()));
    json.put("job_name", Json.text(job.jobName()));
    json.put("state", Json.text(job.state()));
    json.put("reason", Json.text(job.reason()));
    json.put("exit_code", Json.number(job.exitCode()));
    json.put("exit_signal", Json.number(job.exitSignal()));
    json.put("nodes", Json.text(job.nodes()));
    json.put("partition", Json.text(job.partition()));
    json.put("account", Json.text(job.account()));
    json.put("qos", Json.text(job.qos()));
    json.put("submitted_at", times.orNull(job.submittedAt()));
    json.put("started_at", times.orNull(job.startedAt()));
    json.put("finished_at", times.orNull(job.finishedAt()));
    json.put("time_limit_seconds", Json.number(job.timeLimitSeconds()));
    json.set("requested", Json.parsed(job.requested()));
    json.set("allocated", Json.parsed(job.allocated()));
    return json;
  }

  private static String source(Optional<StatusSource> source) {
    return source.map(StatusSource::word).orElse(null);
  }
}
