package io.runledger.projection.rows;

import io.runledger.fold.AttemptOrder.Restart;
import io.runledger.fold.Verdict.Observation;
import io.runledger.fold.Verdict.StatusChange;
import io.runledger.schemas.SlurmState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the facts that are stored of a run and that its row follows from. Not thread-safe. */
final class RunFacts {

  private final Statements statements;

  /** A life of the run: what its starts said of it, and what was derived of it before. */
  record Attempt(
      long id,
      boolean started,
      String key,
      String project,
      String name,
      Long startedMicros,
      String config,
      boolean configConflict,
      String notes,
      List<String> tags,
      Long resumedFromStep,
      Long predecessor,
      Long supersededFromStep,
      long ordinal) {

    /** One without any says nothing about the configuration. */
    boolean hasConfig() {
      return config != null && !config.equals("{}");
    }
  }

  /** What somebody said of the run; notes and name are null when it said nothing of them. */
  record Annotation(String notes, List<String> added, List<String> removed, String name) {}

  RunFacts(Statements statements) {
    this.statements = statements;
  }

  /** By whoever said anything of it, whether the last word was that the run is deleted. */
  Map<Long, Boolean> lastWordsOnDeletion(long run) throws SQLException {
    Map<Long, Boolean> lastWords = new TreeMap<>();
    statements.query(
        "SELECT attempt_id, deleted FROM run_deletions WHERE run_id = ? ORDER BY writer_id, seq",
        row -> lastWords.put(row.getLong(1), row.getBoolean(2)),
        run);
    return lastWords;
  }

  /** The annotations by the id under which they were made, each in its order. */
  Map<Long, List<Annotation>> annotations(long run) throws SQLException {
    Map<Long, List<Annotation>> annotations = new HashMap<>();
    statements.query(
        """
        SELECT attempt_id, notes, tags_added, tags_removed, name
          FROM run_annotations
         WHERE run_id = ?
         ORDER BY attempt_id, writer_id, seq
        """,
        row ->
            annotations
                .computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                .add(
                    new Annotation(
                        row.getString(2),
                        RunFold.texts(row.getString(3)),
                        RunFold.texts(row.getString(4)),
                        row.getString(5))),
        run);
    return annotations;
  }

  List<Attempt> attempts(long run) throws SQLException {
    List<Attempt> attempts = new ArrayList<>();
    statements.query(
        """
        SELECT attempt_id, start_writer_id IS NOT NULL, start_key, start_project, start_name,
               started_us, config, config_conflict, notes, tags, resumed_from_step, predecessor_attempt_id,
               superseded_from_step, ordinal
          FROM run_attempts
         WHERE run_id = ?
         ORDER BY attempt_id
        """,
        row ->
            attempts.add(
                new Attempt(
                    row.getLong(1),
                    row.getBoolean(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    Values.longOrNull(row, 6),
                    row.getString(7),
                    row.getBoolean(8),
                    row.getString(9),
                    RunFold.texts(row.getString(10)),
                    Values.longOrNull(row, 11),
                    Values.longOrNull(row, 12),
                    Values.longOrNull(row, 13),
                    row.getLong(14))),
        run);
    return attempts;
  }

  /** What the attempt's own environment reported comes first: SLURM may have gone on since. */
  List<Restart> restarts(long run) throws SQLException {
    List<Restart> restarts = new ArrayList<>();
    statements.query(
        """
        SELECT attempt_id, cluster, slurm_job_id,
               coalesce(reported ->> 'restart_count', observed ->> 'restart_count')
          FROM slurm_jobs
         WHERE run_id = ?
        """,
        row -> {
          Long count = Values.longOrNull(row, 4);
          if (count != null) {
            restarts.add(new Restart(row.getLong(1), row.getString(2), row.getLong(3), count));
          }
        },
        run);
    return restarts;
  }

  /** By attempt, how many events it had to drop, as far as 63 bits count. */
  Map<Long, Long> dropped(long run) throws SQLException {
    Map<Long, Long> dropped = new HashMap<>();
    statements.query(
        "SELECT attempt_id, count FROM dropped_events WHERE run_id = ?",
        row -> dropped.merge(row.getLong(1), row.getLong(2), RunFacts::saturatingSum),
        run);
    return dropped;
  }

  static long saturatingSum(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }

  List<StatusChange> changes(long run) throws SQLException {
    List<StatusChange> changes = new ArrayList<>();
    statements.query(
        """
        SELECT attempt_id, at_us, status, exit_code, reason, source
          FROM run_status_changes
         WHERE run_id = ?
         ORDER BY attempt_id, writer_id, seq
        """,
        row ->
            changes.add(
                new StatusChange(
                    row.getLong(1),
                    row.getLong(2),
                    row.getString(3),
                    integerOrNull(row, 4),
                    row.getString(5),
                    row.getString(6))),
        run);
    return changes;
  }

  List<Observation> observations(long run) throws SQLException {
    List<Observation> observations = new ArrayList<>();
    statements.query(
        """
        SELECT attempt_id, state,
               min(coalesce(nullif(128 + exit_signal, 128), exit_code), 2147483647),
               unixepoch(finished_at) * 1000000
          FROM slurm_jobs
         WHERE run_id = ? AND state IS NOT NULL
         ORDER BY attempt_id, cluster, slurm_job_id
        """,
        row ->
            observations.add(
                new Observation(
                    row.getLong(1),
                    SlurmState.of(row.getString(2)),
                    integerOrNull(row, 3),
                    Values.longOrNull(row, 4))),
        run);
    return observations;
  }

  private static Integer integerOrNull(ResultSet row, int column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? null : value;
  }
}
