package io.runledger.rows;

import io.runledger.fold.Verdict;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.AttemptConfiguration;
import io.runledger.fold.run.Configuration;
import io.runledger.fold.run.LastHeartbeat;
import io.runledger.fold.run.Said;
import io.runledger.fold.run.Standing;
import io.runledger.fold.run.Start;
import io.runledger.schemas.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The attempts of runs, and the configurations of their starts. Works inside the caller's
 * transaction.
 */
final class AttemptRows {

  private final Statements statements;

  AttemptRows(Statements statements) {
    this.statements = statements;
  }

  List<Attempt> of(long runId) {
    return statements.list(
        """
        SELECT attempt_id,
               start_writer_id, start_seq, start_key, start_project, start_name, start_instance_id,
               started_us, host, "user", pid, command, git_commit, git_dirty,
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
        AttemptRows::attempt,
        runId);
  }

  private static Attempt attempt(ResultSet row) throws SQLException {
    return new Attempt(
        row.getLong(1),
        start(row),
        new AttemptConfiguration(
            Values.said(
                row,
                15,
                row.getString(17),
                new Configuration(row.getString(18), row.getLong(19), row.getString(20))),
            row.getString(18) != null,
            row.getBoolean(21)),
        Values.said(row, 22, row.getString(24), row.getString(25)),
        Values.said(row, 26, row.getString(28), Values.longOrNull(row, 29)),
        Values.said(row, 30, null, Values.longOrNull(row, 32)),
        JsonColumns.texts(row.getString(33)),
        JsonColumns.texts(row.getString(34)),
        heartbeat(row),
        Optional.of(standing(row)));
  }

  private static Optional<Said<Start>> start(ResultSet row) throws SQLException {
    return Values.said(
        row,
        2,
        null,
        new Start(
            JsonColumns.runKey(row.getString(4)),
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

  Long supersededFromStep(long runId, long attemptId) {
    List<Long> found =
        statements.list(
            "SELECT superseded_from_step FROM run_attempts WHERE run_id = ? AND attempt_id = ?",
            row -> Values.longOrNull(row, 1),
            runId,
            attemptId);
    return found.isEmpty() ? null : found.get(0);
  }

  void put(long runId, Attempt attempt) {
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
               started_us, host, "user", pid, command, git_commit, git_dirty,
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
               started_us = excluded.started_us, host = excluded.host, "user" = excluded."user",
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
        start.flatMap(Start::key).map(JsonColumns::json).orElse(null),
        start.map(Start::project).orElse(null),
        start.map(Start::name).orElse(null),
        start.map(Start::instanceId).orElse(null),
        start.map(Start::startedMicros).orElse(null),
        start.map(Start::host).orElse(null),
        start.map(Start::user).orElse(null),
        start.map(Start::pid).orElse(null),
        start.map(Start::command).orElse(null),
        start.map(Start::gitCommit).orElse(null),
        start.map(Start::gitDirty).map(dirty -> dirty ? 1 : 0).orElse(null),
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
        JsonColumns.jsonSet(attempt.tags()),
        JsonColumns.jsonSet(attempt.maskedKeys()),
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

  List<Said<Configuration>> configurations(long runId, long attemptId) {
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

  void addConfiguration(long runId, long attemptId, Said<Configuration> said) {
    statements.update(
        """
        INSERT INTO start_configs (
               run_id, attempt_id, writer_id, seq, source, config, config_truncated_bytes, config_sha256)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
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
}
