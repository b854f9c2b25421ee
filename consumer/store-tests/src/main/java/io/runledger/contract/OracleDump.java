package io.runledger.contract;

import io.runledger.contract.oracle.OracleText;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a database holds, in the lines of {@link Oracle}. */
public final class OracleDump {

  private static final String IDENTITY = "run_id, attempt_id, writer_id, seq, ";

  static final Map<String, String> TABLES = tables();

  private OracleDump() {}

  private static Map<String, String> tables() {
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put(
        "experiment_runs",
        """
        run_id, identity, experiment, dataset, method, subject, cl_info, seed, project, run_name,
        config, config_drift, notes, tags, status, status_reason, status_source, exit_code,
        attempts, first_attempt_id, last_attempt_id, deleted, created_at, started_at, finished_at,
        slurm_job_id, slurm_array_task_id FROM experiment_runs
        """);
    tables.put(
        "run_attempts",
        """
        run_id, attempt_id, ordinal, started_us, config, config_truncated_bytes, config_sha256, notes, tags, masked_keys,
        host, "user", pid, command, git_commit, git_dirty, resumed_from_step, last_heartbeat_us,
        heartbeat_interval_seconds, dropped_events, superseded_from_step, config_drift, status,
        status_reason, status_source, exit_code, finished_us, status_rule FROM run_attempts
        """);
    tables.put(
        "run_status_changes",
        IDENTITY + "at_us, status, exit_code, reason, source FROM run_status_changes");
    tables.put(
        "run_annotations",
        IDENTITY + "at_us, notes, tags_added, tags_removed, name FROM run_annotations");
    tables.put(
        "start_configs",
        IDENTITY + "source, config, config_truncated_bytes, config_sha256 FROM start_configs");
    tables.put("run_deletions", IDENTITY + "at_us, deleted, reason FROM run_deletions");
    tables.put("dropped_events", IDENTITY + "at_us, topic, count, reason FROM dropped_events");
    tables.put("run_results", IDENTITY + "results, created_at FROM run_results");
    tables.put(
        "run_errors",
        IDENTITY
            + "exception_type, message, traceback, truncated_bytes, sha256, step, created_at FROM run_errors");
    tables.put(
        "artifacts",
        IDENTITY
            + "artifact_type, filepath, size_bytes, sha256, metadata, created_at FROM artifacts");
    tables.put(
        "slurm_jobs",
        """
        run_id, attempt_id, cluster, slurm_job_id, slurm_array_job_id, slurm_array_task_id,
        restart_count, job_name, nodes, partition, account, qos, requested, allocated, state, reason,
        exit_code, exit_signal, derived_exit_code, submitted_at, started_at, finished_at,
        time_limit_seconds FROM slurm_jobs
        """);
    tables.put(
        "event_streams",
        "run_id, attempt_id, writer_id, topic, seen, events, last_seq FROM event_streams");
    tables.put(
        "metric_points",
        """
        s.run_id, s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us,
        p.elapsed_seconds, p.value FROM metric_points p JOIN metric_series s USING (series_id)
        """);
    tables.put(
        "metric_summaries",
        """
        run_id, name, count, nan_count, min_value, min_step, min_epoch, max_value, max_step,
        max_epoch, last_value, last_step, last_epoch, highest_epoch FROM metric_summaries
        """);
    return tables;
  }

  /** By table, its rows as sorted lines. */
  public static Map<String, List<String>> of(Connection connection) throws SQLException {
    Map<String, List<String>> lines = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      for (Map.Entry<String, String> table : TABLES.entrySet()) {
        List<String> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("SELECT " + table.getValue())) {
          Object[] values = new Object[row.getMetaData().getColumnCount()];
          while (row.next()) {
            for (int i = 0; i < values.length; i++) {
              values[i] = shown(row.getMetaData().getColumnName(i + 1), row.getObject(i + 1));
            }
            rows.add(OracleText.row(values));
          }
        }
        rows.sort(Comparator.naturalOrder());
        lines.put(table.getKey(), rows);
      }
    }
    return lines;
  }

  /**
   * A value in the form that does not depend on the store: NaN is what there is none of, as where a
   * store has no NaN, and a whole epoch is an integer, as where a column holds both.
   */
  private static Object shown(String column, Object value) {
    if (!(value instanceof Double number)) {
      return value;
    }
    if (Double.isNaN(number)) {
      return null;
    }
    boolean isWhole = number == (double) (long) (double) number && number < 0x1p63;
    return column.contains("epoch") && isWhole ? (Object) (long) (double) number : number;
  }

  static Map<String, List<String>> of(TestDatabase database) throws SQLException {
    try (Connection connection = database.connect()) {
      return of(connection);
    }
  }
}
