package io.runledger.postgres.schema;

import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.Failures;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Looks for what somebody put into a generation that can refuse, change or swallow rows of good
 * events: a trigger, a rule, a unique index or a constraint that is not ours. A database with one
 * does not work, and that is not a verdict on a record. Not thread-safe.
 */
public final class ForeignObjects implements AutoCloseable {

  /** The unique indexes that our migrations make, without those of partitions. */
  static final Set<String> UNIQUE_INDEXES =
      Set.of(
          "projection_info_pkey",
          "positions_pkey",
          "writer_schemas_pkey",
          "event_streams_pkey",
          "event_streams_run_id_attempt_id_writer_id_topic_key",
          "gaps_pkey",
          "dead_letters_pkey",
          "dead_letters_topic_partition_topic_id_offset_key",
          "experiment_runs_pkey",
          "experiment_runs_key",
          "run_attempts_pkey",
          "run_attempts_in_order",
          "start_configs_pkey",
          "run_status_changes_pkey",
          "run_annotations_pkey",
          "run_deletions_pkey",
          "dropped_events_pkey",
          "run_results_pkey",
          "run_results_run_id_attempt_id_writer_id_seq_key",
          "run_errors_pkey",
          "run_errors_run_id_attempt_id_writer_id_seq_key",
          "artifacts_pkey",
          "artifacts_run_id_attempt_id_writer_id_seq_key",
          "slurm_jobs_pkey",
          "metric_series_pkey",
          "metric_series_run_id_name_attempt_id_writer_id_key",
          "metric_summaries_pkey",
          "metric_points_pkey",
          "alert_firings_pkey",
          "alert_firings_alert_id_key",
          "alert_deliveries_pkey",
          "run_owners_pkey",
          "operator_requests_pkey",
          "flyway_schema_history_pk");

  private static final String FOREIGN =
      """
      SELECT format('trigger %s on %s', t.tgname, c.relname), format('DROP TRIGGER %I ON %s', t.tgname, c.oid::regclass)
        FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
       WHERE c.relnamespace = ?::regnamespace AND NOT t.tgisinternal
      UNION ALL
      SELECT format('rule %s on %s', r.rulename, c.relname), format('DROP RULE %I ON %s', r.rulename, c.oid::regclass)
        FROM pg_rewrite r
        JOIN pg_class c ON c.oid = r.ev_class
       WHERE c.relnamespace = ?::regnamespace AND c.relkind IN ('r', 'p')
      UNION ALL
      SELECT format('unique index %s on %s', x.relname, c.relname), format('DROP INDEX %s', x.oid::regclass)
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_class x ON x.oid = i.indexrelid
       WHERE c.relnamespace = ?::regnamespace AND i.indisunique AND NOT x.relispartition
         AND NOT x.relname = ANY (?)
      UNION ALL
      SELECT format('constraint %s on %s', k.conname, c.relname), format('ALTER TABLE %s DROP CONSTRAINT %I', c.oid::regclass, k.conname)
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
       WHERE c.relnamespace = ?::regnamespace AND k.contype IN ('f', 'x')
      LIMIT 1
      """;

  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Generation generation;
  private final PreparedStatement look;
  private long foundUnchanged = System.nanoTime() - LOOK_AGAIN_NANOS;

  public ForeignObjects(Connection connection, Generation generation) throws SQLException {
    this.generation = generation;
    look = connection.prepareStatement(FOREIGN);
    String schema = generation.schema();
    look.setString(1, schema);
    look.setString(2, schema);
    look.setString(3, schema);
    look.setArray(4, connection.createArrayOf("name", UNIQUE_INDEXES.toArray()));
    look.setString(5, schema);
  }

  /**
   * Refuses to continue with one. Other indexes and views of users are welcome.
   *
   * @throws ProjectionUnavailableException when there is one; nothing was changed
   */
  public void refuse() throws SQLException {
    try (ResultSet row = look.executeQuery()) {
      if (row.next()) {
        throw new ProjectionUnavailableException(
            "The %s in the database %s is not Runledger's and can change or reject what is stored; nothing is applied until it is dropped (%s). If it changed rows already, run 'runledger rebuild'."
                .formatted(row.getString(1), generation, row.getString(2)));
      }
    }
  }

  /**
   * Refuses to blame a record for a table that somebody changed. Of one record thousands of rows
   * may be refused, so it does not look again for a while.
   *
   * @param refusal what the server said
   * @throws ProjectionUnavailableException when a table is not as we made it
   */
  public void refuseChangedTables(SQLException refusal) throws SQLException {
    if (System.nanoTime() < foundUnchanged + LOOK_AGAIN_NANOS) {
      return;
    }
    Optional<String> changed = ChangedTables.first(generation);
    if (changed.isPresent()) {
      throw new ProjectionUnavailableException(
          "The table %s of the database %s was changed, and an event is refused (%s); nothing is applied until the change is undone. 'runledger rebuild' builds the database again."
              .formatted(changed.get(), generation, Failures.reason(refusal)),
          refusal);
    }
    foundUnchanged = System.nanoTime();
  }

  @Override
  public void close() throws SQLException {
    look.close();
  }
}
