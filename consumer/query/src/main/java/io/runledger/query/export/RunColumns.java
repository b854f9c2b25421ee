package io.runledger.query.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.runledger.query.runs.Run;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.StatusSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** A row a run: what {@code list --json} has of it, but for what depends on the time now. */
final class RunColumns {

  static final List<Column<Run>> ALL =
      List.of(
          Column.text("id", run -> Optional.of(run.id().toString())),
          Column.integer("run_id", run -> run.id().value()),
          Column.text("run_name", Run::name),
          Column.text("project", Run::project),
          key("experiment", RunKey::experiment),
          key("dataset", RunKey::dataset),
          key("method", RunKey::method),
          key("subject", RunKey::subject),
          key("cl_info", RunKey::clInfo),
          Column.integerOrNone(
              "seed", run -> run.key().map(RunKey::seed).orElse(OptionalLong.empty())),
          Column.text("status", run -> Optional.of(run.status().word())),
          Column.text("status_reason", Run::statusReason),
          Column.text("status_source", run -> run.statusSource().map(StatusSource::word)),
          Column.smallOrNone("exit_code", Run::exitCode),
          Column.integer("attempts", Run::attempts),
          Column.time("created_at", Run::createdAt),
          Column.time("started_at", Run::startedAt),
          Column.time("finished_at", Run::finishedAt),
          Column.time("last_heartbeat_at", Run::lastHeartbeatAt),
          Column.integerOrNone("slurm_job_id", Run::slurmJobId),
          Column.integerOrNone("slurm_array_task_id", Run::slurmArrayTaskId),
          Column.text("notes", Run::notes),
          Column.json("tags", run -> Optional.of(tags(run))),
          Column.truth("config_drift", Run::configDrift),
          Column.integer("missing_events", Run::missingEvents),
          Column.integer("dropped_events", Run::droppedEvents),
          Column.json("config", Run::config));

  private RunColumns() {}

  private static Column<Run> key(String name, Function<RunKey, Optional<String>> part) {
    return Column.text(name, run -> run.key().flatMap(part));
  }

  private static String tags(Run run) {
    ArrayNode tags = JsonNodeFactory.instance.arrayNode();
    run.tags().forEach(tags::add);
    return tags.toString();
  }
}
