package io.runledger.sqlite.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.fold.EventKey;
import io.runledger.fold.Instants;
import io.runledger.fold.Verdict;
import io.runledger.fold.Verdict.StatusChange;
import io.runledger.fold.run.Annotation;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.AttemptConfiguration;
import io.runledger.fold.run.Configuration;
import io.runledger.fold.run.Deletion;
import io.runledger.fold.run.DroppedEvents;
import io.runledger.fold.run.LastHeartbeat;
import io.runledger.fold.run.RunFacts;
import io.runledger.fold.run.RunRow;
import io.runledger.fold.run.Said;
import io.runledger.fold.run.SlurmJob;
import io.runledger.fold.run.Standing;
import io.runledger.fold.run.Start;
import io.runledger.fold.store.RunStore;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStatusChanged;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/** The runs of a database and their facts. Not thread-safe. */
final class SqliteRuns implements RunStore {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
  private static final TypeReference<List<Object>> PARTS = new TypeReference<>() {};

  private final Statements statements;

  SqliteRuns(Statements statements) {
    this.statements = statements;
  }

  // ---- facts

  @Override
  public void addFact(EventKey key, RunEvent event) {
    long at = Instants.micros(event.getAt());
    Object kind = event.getEvent();
    if (kind instanceof RunStatusChanged change) {
      insert(
          "INSERT INTO run_status_changes (run_id, attempt_id, writer_id, seq, at_us, status, exit_code, reason, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          key,
          at,
          change.getStatus(),
          change.getExitCode(),
          change.getReason(),
          change.getSource());
    } else if (kind instanceof ResultsRecorded results) {
      insert(
          "INSERT INTO run_results (run_id, attempt_id, writer_id, seq, result_id, results, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          key,
          key.id(),
          results.getResults(),
          Instants.text(event.getAt()));
    } else if (kind instanceof ArtifactLogged artifact) {
      insert(
          "INSERT INTO artifacts (run_id, attempt_id, writer_id, seq, artifact_id, artifact_type, filepath, size_bytes, sha256, metadata, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          key,
          key.id(),
          artifact.getArtifactType(),
          artifact.getFilepath(),
          artifact.getSizeBytes(),
          artifact.getSha256(),
          artifact.getMetadata(),
          Instants.text(event.getAt()));
    } else if (kind instanceof RunAnnotated annotation) {
      insert(
          "INSERT INTO run_annotations (run_id, attempt_id, writer_id, seq, at_us, notes, tags_added, tags_removed, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          key,
          at,
          annotation.getNotes(),
          jsonSet(annotation.getTagsAdded()),
          jsonSet(annotation.getTagsRemoved()),
          annotation.getName());
    } else if (kind instanceof EventsDropped dropped) {
      insert(
          "INSERT INTO dropped_events (run_id, attempt_id, writer_id, seq, at_us, topic, count, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          key,
          at,
          dropped.getTopic(),
          dropped.getCount(),
          dropped.getReason());
    } else if (kind instanceof RunDeleted deleted) {
      addDeletion(key, at, true, deleted.getReason());
    } else if (kind instanceof RunRestored restored) {
      addDeletion(key, at, false, restored.getReason());
    } else {
      throw new IllegalStateException("A kind of event without a table: " + kind.getClass());
    }
  }

  private void addDeletion(EventKey key, long at, boolean deleted, String reason) {
    insert(
        "INSERT INTO run_deletions (run_id, attempt_id, writer_id, seq, at_us, deleted, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        key,
        at,
        deleted ? 1 : 0,
        reason);
  }

  @Override
  public void addError(EventKey key, ErrorLogged error) {
    insert(
        "INSERT INTO run_errors (run_id, attempt_id, writer_id, seq, error_id, exception_type, message, traceback, truncated_bytes, sha256, step, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key,
        key.id(),
        error.getExceptionType(),
        error.getMessage(),
        error.getTraceback(),
        error.getTruncatedBytes(),
        error.getSha256(),
        error.getStep(),
        Instants.text(error.getAt()));
  }

  /** Inserts a fact: its identity, then the given values. */
  private void insert(String sql, EventKey key, Object... values) {
    Object[] parameters = new Object[4 + values.length];
    parameters[0] = key.stream().runId();
    parameters[1] = key.stream().attemptId();
    parameters[2] = key.stream().writerId();
    parameters[3] = key.seq();
    System.arraycopy(values, 0, parameters, 4, values.length);
    statements.update(sql, parameters);
  }

  @Override
  public RunFacts facts(long runId) {
    return new RunFacts(
        attempts(runId),
        jobs(runId),
        changes(runId),
        annotations(runId),
        statements.list(
            "SELECT attempt_id, deleted FROM run_deletions WHERE run_id = ? ORDER BY writer_id, seq",
            row -> new Deletion(row.getLong(1), row.getBoolean(2)),
            runId),
        statements.list(
            "SELECT attempt_id, count FROM dropped_events WHERE run_id = ?",
            row -> new DroppedEvents(row.getLong(1), row.getLong(2)),
            runId));
  }

  private List<StatusChange> changes(long runId) {
    return statements.list(
        """
        SELECT attempt_id, at_us, status, exit_code, reason, source
          FROM run_status_changes
         WHERE run_id = ?
         ORDER BY attempt_id, writer_id, seq
        """,
        row ->
            new StatusChange(
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                Values.integerOrNull(row, 4),
                row.getString(5),
                row.getString(6)),
        runId);
  }

  private List<Annotation> annotations(long runId) {
    return statements.list(
        """
        SELECT attempt_id, notes, tags_added, tags_removed, name
          FROM run_annotations
         WHERE run_id = ?
         ORDER BY attempt_id, writer_id, seq
        """,
        row ->
            new Annotation(
                row.getLong(1),
                row.getString(2),
                texts(row.getString(3)),
                texts(row.getString(4)),
                row.getString(5)),
        runId);
  }

  // ---- attempts

  private List<Attempt> attempts(long runId) {
    return statements.list(
        """
        SELECT attempt_id,
               start_writer_id, start_seq, start_key, start_project, start_name, start_instance_id,
               started_us, host, user, pid, command, git_commit, git_dirty,
               config_writer_id, config_seq, config_source, config, config_truncated_bytes,
               config_sha256, config_conflict,
               notes_writer_id, notes_seq, notes_source, notes,
               resumed_writer_id, resumed_seq, resumed_source, resumed_from_step,
               predecessor_writer_id, predecessor_seq, predecessor_attempt_id,
               tags, masked_keys, last_heartbeat_us, heartbeat_interval_seconds,
               ordinal, superseded_from_step, config_drift, status, status_reason, status_source,
               exit_code, finished_us, status_rule, dropped_events
          FROM run_attempts
         WHERE run_id = ?
        """,
        SqliteRuns::attempt,
        runId);
  }

  private static Attempt attempt(ResultSet row) throws SQLException {
    return new Attempt(
        row.getLong(1),
        start(row),
        new AttemptConfiguration(
            said(
                row,
                15,
                row.getString(17),
                new Configuration(row.getString(18), row.getLong(19), row.getString(20))),
            row.getString(18) != null,
            row.getBoolean(21)),
        said(row, 22, row.getString(24), row.getString(25)),
        said(row, 26, row.getString(28), Values.longOrNull(row, 29)),
        said(row, 30, null, Values.longOrNull(row, 32)),
        texts(row.getString(33)),
        texts(row.getString(34)),
        heartbeat(row),
        Optional.of(standing(row)));
  }

  /** What was said by the event whose writer and seq stand from this column on, if any. */
  private static <T> Optional<Said<T>> said(ResultSet row, int column, String source, T value)
      throws SQLException {
    Long writer = Values.longOrNull(row, column);
    return writer == null
        ? Optional.empty()
        : Optional.of(new Said<>(source, writer, row.getLong(column + 1), value));
  }

  private static Optional<Said<Start>> start(ResultSet row) throws SQLException {
    return said(
        row,
        2,
        null,
        new Start(
            runKey(row.getString(4)),
            row.getString(5),
            row.getString(6),
            row.getString(7),
            Values.longOrNull(row, 8),
            row.getString(9),
            row.getString(10),
            Values.longOrNull(row, 11),
            row.getString(12),
            row.getString(13),
            Values.booleanOrNull(row, 14)));
  }

  private static Optional<LastHeartbeat> heartbeat(ResultSet row) throws SQLException {
    Long at = Values.longOrNull(row, 35);
    return at == null ? Optional.empty() : Optional.of(new LastHeartbeat(at, row.getInt(36)));
  }

  private static Standing standing(ResultSet row) throws SQLException {
    return new Standing(
        row.getLong(37),
        Values.longOrNull(row, 38),
        row.getBoolean(39),
        new Verdict(
            RunStatus.ofWord(row.getString(40)).orElseThrow(),
            row.getString(41),
            row.getString(42),
            Values.integerOrNull(row, 43),
            Values.longOrNull(row, 44),
            row.getString(45)),
        row.getLong(46));
  }

  @Override
  public Long supersededFromStep(long runId, long attemptId) {
    List<Long> found =
        statements.list(
            "SELECT superseded_from_step FROM run_attempts WHERE run_id = ? AND attempt_id = ?",
            row -> Values.longOrNull(row, 1),
            runId,
            attemptId);
    return found.isEmpty() ? null : found.get(0);
  }

  @Override
  public void putAttempt(long runId, Attempt attempt) {
    Optional<Said<Start>> said = attempt.start();
    Optional<Start> start = said.map(Said::value);
    Optional<Said<Configuration>> config = attempt.config().said();
    Standing standing = attempt.standing().orElseThrow();
    Verdict verdict = standing.verdict();
    statements.update(
        """
        INSERT INTO run_attempts (
               run_id, attempt_id,
               start_writer_id, start_seq, start_key, start_project, start_name, start_instance_id,
               started_us, host, user, pid, command, git_commit, git_dirty,
               config_writer_id, config_seq, config_source, config, config_truncated_bytes,
               config_sha256, config_conflict,
               notes_writer_id, notes_seq, notes_source, notes,
               resumed_writer_id, resumed_seq, resumed_source, resumed_from_step,
               predecessor_writer_id, predecessor_seq, predecessor_attempt_id,
               tags, masked_keys, last_heartbeat_us, heartbeat_interval_seconds,
               ordinal, superseded_from_step, config_drift, status, status_reason, status_source,
               exit_code, finished_us, status_rule, dropped_events)
        VALUES (?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?,
                ?, ?, ?, ?,
                ?, ?, ?,
                ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run_id, attempt_id) DO UPDATE
           SET start_writer_id = excluded.start_writer_id, start_seq = excluded.start_seq,
               start_key = excluded.start_key, start_project = excluded.start_project,
               start_name = excluded.start_name, start_instance_id = excluded.start_instance_id,
               started_us = excluded.started_us, host = excluded.host, user = excluded.user,
               pid = excluded.pid, command = excluded.command, git_commit = excluded.git_commit,
               git_dirty = excluded.git_dirty, config_writer_id = excluded.config_writer_id,
               config_seq = excluded.config_seq, config_source = excluded.config_source,
               config = excluded.config, config_truncated_bytes = excluded.config_truncated_bytes,
               config_sha256 = excluded.config_sha256, config_conflict = excluded.config_conflict,
               notes_writer_id = excluded.notes_writer_id, notes_seq = excluded.notes_seq,
               notes_source = excluded.notes_source, notes = excluded.notes,
               resumed_writer_id = excluded.resumed_writer_id, resumed_seq = excluded.resumed_seq,
               resumed_source = excluded.resumed_source,
               resumed_from_step = excluded.resumed_from_step,
               predecessor_writer_id = excluded.predecessor_writer_id,
               predecessor_seq = excluded.predecessor_seq,
               predecessor_attempt_id = excluded.predecessor_attempt_id, tags = excluded.tags,
               masked_keys = excluded.masked_keys, last_heartbeat_us = excluded.last_heartbeat_us,
               heartbeat_interval_seconds = excluded.heartbeat_interval_seconds,
               ordinal = excluded.ordinal, superseded_from_step = excluded.superseded_from_step,
               config_drift = excluded.config_drift, status = excluded.status,
               status_reason = excluded.status_reason, status_source = excluded.status_source,
               exit_code = excluded.exit_code, finished_us = excluded.finished_us,
               status_rule = excluded.status_rule, dropped_events = excluded.dropped_events
        """,
        runId,
        attempt.id(),
        said.map(Said::writerId).orElse(null),
        said.map(Said::seq).orElse(null),
        start.flatMap(Start::key).map(SqliteRuns::json).orElse(null),
        start.map(Start::project).orElse(null),
        start.map(Start::name).orElse(null),
        start.map(Start::instanceId).orElse(null),
        start.map(Start::startedMicros).orElse(null),
        start.map(Start::host).orElse(null),
        start.map(Start::user).orElse(null),
        start.map(Start::pid).orElse(null),
        start.map(Start::command).orElse(null),
        start.map(Start::gitCommit).orElse(null),
        start.map(Start::gitDirty).orElse(null),
        config.map(Said::writerId).orElse(null),
        config.map(Said::seq).orElse(null),
        config.map(Said::source).orElse(null),
        attempt.config().json(),
        config.map(one -> one.value().truncatedBytes()).orElse(0L),
        config.map(one -> one.value().sha256()).orElse(null),
        attempt.config().conflict() ? 1 : 0,
        attempt.notes().map(Said::writerId).orElse(null),
        attempt.notes().map(Said::seq).orElse(null),
        attempt.notes().map(Said::source).orElse(null),
        attempt.notes().map(Said::value).orElse(null),
        attempt.resumedFromStep().map(Said::writerId).orElse(null),
        attempt.resumedFromStep().map(Said::seq).orElse(null),
        attempt.resumedFromStep().map(Said::source).orElse(null),
        attempt.resumedFromStep().map(Said::value).orElse(null),
        attempt.predecessor().map(Said::writerId).orElse(null),
        attempt.predecessor().map(Said::seq).orElse(null),
        attempt.predecessor().map(Said::value).orElse(null),
        jsonSet(attempt.tags()),
        jsonSet(attempt.maskedKeys()),
        attempt.heartbeat().map(LastHeartbeat::atMicros).orElse(null),
        attempt.heartbeat().map(LastHeartbeat::intervalSeconds).orElse(null),
        standing.ordinal(),
        standing.supersededFromStep(),
        standing.configDrift() ? 1 : 0,
        verdict.status().word(),
        verdict.reason(),
        verdict.source(),
        verdict.exitCode(),
        verdict.finishedMicros(),
        verdict.rule(),
        standing.droppedEvents());
  }

  @Override
  public List<Said<Configuration>> configurations(long runId, long attemptId) {
    return statements.list(
        """
        SELECT source, writer_id, seq, config, config_truncated_bytes, config_sha256
          FROM start_configs
         WHERE run_id = ? AND attempt_id = ?
        """,
        row ->
            new Said<>(
                row.getString(1),
                row.getLong(2),
                row.getLong(3),
                new Configuration(row.getString(4), row.getLong(5), row.getString(6))),
        runId,
        attemptId);
  }

  @Override
  public void addConfiguration(long runId, long attemptId, Said<Configuration> said) {
    statements.update(
        """
        INSERT INTO start_configs (
               run_id, attempt_id, writer_id, seq, source, config, config_truncated_bytes, config_sha256)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
        """,
        runId,
        attemptId,
        said.writerId(),
        said.seq(),
        said.source(),
        said.value().json(),
        said.value().truncatedBytes(),
        said.value().sha256());
  }

  // ---- SLURM jobs

  private List<SlurmJob> jobs(long runId) {
    return statements.list(
        """
        SELECT attempt_id, cluster, slurm_job_id,
               reported_writer_id, reported_seq, reported, observed_writer_id, observed_seq, observed
          FROM slurm_jobs
         WHERE run_id = ?
        """,
        row ->
            new SlurmJob(
                row.getLong(1),
                row.getString(2),
                row.getLong(3),
                said(row, 4, null, row.getString(6)),
                said(row, 7, null, row.getString(9))),
        runId);
  }

  @Override
  public void putJob(long runId, SlurmJob job) {
    SlurmJob.Facts facts = job.facts();
    statements.update(
        """
        INSERT INTO slurm_jobs (
               run_id, attempt_id, cluster, slurm_job_id,
               reported_writer_id, reported_seq, reported, observed_writer_id, observed_seq, observed,
               slurm_array_job_id, slurm_array_task_id, restart_count, job_name, nodes, partition,
               account, qos, requested, allocated, state, reason, exit_code, exit_signal,
               derived_exit_code, submitted_at, started_at, finished_at, time_limit_seconds)
        VALUES (?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?)
        ON CONFLICT (run_id, attempt_id, cluster, slurm_job_id) DO UPDATE
           SET reported_writer_id = excluded.reported_writer_id,
               reported_seq = excluded.reported_seq, reported = excluded.reported,
               observed_writer_id = excluded.observed_writer_id,
               observed_seq = excluded.observed_seq, observed = excluded.observed,
               slurm_array_job_id = excluded.slurm_array_job_id,
               slurm_array_task_id = excluded.slurm_array_task_id,
               restart_count = excluded.restart_count, job_name = excluded.job_name,
               nodes = excluded.nodes, partition = excluded.partition, account = excluded.account,
               qos = excluded.qos, requested = excluded.requested, allocated = excluded.allocated,
               state = excluded.state, reason = excluded.reason, exit_code = excluded.exit_code,
               exit_signal = excluded.exit_signal,
               derived_exit_code = excluded.derived_exit_code,
               submitted_at = excluded.submitted_at, started_at = excluded.started_at,
               finished_at = excluded.finished_at,
               time_limit_seconds = excluded.time_limit_seconds
        """,
        runId,
        job.attemptId(),
        job.cluster(),
        job.jobId(),
        job.reported().map(Said::writerId).orElse(null),
        job.reported().map(Said::seq).orElse(null),
        job.reported().map(Said::value).orElse(null),
        job.observed().map(Said::writerId).orElse(null),
        job.observed().map(Said::seq).orElse(null),
        job.observed().map(Said::value).orElse(null),
        facts.number("array_job_id"),
        facts.number("array_task_id"),
        facts.number("restart_count"),
        facts.text("job_name"),
        facts.text("nodes"),
        facts.text("partition"),
        facts.text("account"),
        facts.text("qos"),
        facts.object("requested"),
        facts.object("allocated"),
        facts.text("state"),
        facts.text("reason"),
        facts.number("exit_code"),
        facts.number("exit_signal"),
        facts.number("derived_exit_code"),
        facts.text("submitted_at"),
        facts.text("started_at"),
        facts.text("finished_at"),
        facts.number("time_limit_seconds"));
  }

  // ---- runs

  @Override
  public void putRun(RunRow run) {
    Optional<RunKeyParts> key = run.key().map(RunKey::parts);
    Verdict verdict = run.verdict();
    statements.update(
        """
        INSERT INTO experiment_runs (
               run_id, identity, experiment, dataset, method, subject, cl_info, seed, project, run_name,
               config, config_drift, notes, tags, status, status_reason, status_source, exit_code,
               attempts, first_attempt_id, last_attempt_id, created_at, started_at, finished_at,
               deleted, slurm_job_id, slurm_array_task_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?,
                ?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE
           SET identity = excluded.identity, experiment = excluded.experiment,
               dataset = excluded.dataset, method = excluded.method, subject = excluded.subject,
               cl_info = excluded.cl_info, seed = excluded.seed, project = excluded.project,
               run_name = excluded.run_name, config = excluded.config,
               config_drift = excluded.config_drift, notes = excluded.notes, tags = excluded.tags,
               status = excluded.status, status_reason = excluded.status_reason,
               status_source = excluded.status_source, exit_code = excluded.exit_code,
               attempts = excluded.attempts, first_attempt_id = excluded.first_attempt_id,
               last_attempt_id = excluded.last_attempt_id, created_at = excluded.created_at,
               started_at = excluded.started_at, finished_at = excluded.finished_at,
               deleted = excluded.deleted, slurm_job_id = excluded.slurm_job_id,
               slurm_array_task_id = excluded.slurm_array_task_id
        """,
        run.id(),
        run.identity(),
        key.map(RunKeyParts::getExperiment).orElse(null),
        key.map(RunKeyParts::getDataset).orElse(null),
        key.map(RunKeyParts::getMethod).orElse(null),
        key.map(RunKeyParts::getSubject).orElse(null),
        key.map(RunKeyParts::getClInfo).orElse(null),
        key.map(RunKeyParts::getSeed).orElse(null),
        run.project(),
        run.name(),
        run.config(),
        run.configDrift() ? 1 : 0,
        run.notes(),
        jsonSet(run.tags()),
        verdict.status().word(),
        verdict.reason(),
        verdict.source(),
        verdict.exitCode(),
        run.attempts(),
        run.firstAttemptId(),
        run.lastAttemptId(),
        Instants.textOfMicros(run.createdMicros()),
        Instants.textOfMicros(run.startedMicros()),
        Instants.textOfMicros(verdict.finishedMicros()),
        run.deleted() ? 1 : 0,
        run.job().map(SlurmJob::jobId).orElse(null),
        run.job().map(job -> job.facts().number("array_task_id")).orElse(null));
  }

  @Override
  public void forEachRun(LongConsumer reader) {
    statements.query("SELECT run_id FROM experiment_runs", row -> reader.accept(row.getLong(1)));
  }

  // ---- JSON columns

  private static Optional<RunKey> runKey(String json) {
    if (json == null) {
      return Optional.empty();
    }
    List<Object> parts = parsed(json, PARTS);
    return Optional.of(
        RunKey.of(
            (String) parts.get(0),
            (String) parts.get(1),
            (String) parts.get(2),
            (String) parts.get(3),
            (String) parts.get(4),
            parts.get(5) == null ? null : Long.valueOf(((Number) parts.get(5)).longValue())));
  }

  private static String json(RunKey key) {
    RunKeyParts parts = key.parts();
    return written(
        Arrays.asList(
            parts.getExperiment(),
            parts.getDataset(),
            parts.getMethod(),
            parts.getSubject(),
            parts.getClInfo(),
            parts.getSeed()));
  }

  /** A set of texts as a sorted JSON array. */
  private static String jsonSet(Collection<String> texts) {
    return written(new TreeSet<>(texts));
  }

  /** What {@link #jsonSet} wrote. */
  private static List<String> texts(String json) {
    return json.equals("[]") ? List.of() : parsed(json, TEXTS);
  }

  private static <T> T parsed(String json, TypeReference<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that the fold wrote cannot be read: " + json, e);
    }
  }

  private static String written(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts and numbers always have a JSON form.", e);
    }
  }
}
