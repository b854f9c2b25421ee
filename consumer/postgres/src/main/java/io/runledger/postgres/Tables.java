package io.runledger.postgres;

import java.util.List;

/** The tables that a migration makes. */
final class Tables {

  static final List<String> OF_A_GENERATION =
      List.of(
          "projection_info",
          "positions",
          "writer_schemas",
          "event_streams",
          "gaps",
          "dead_letters",
          "experiment_runs",
          "run_attempts",
          "start_configs",
          "run_status_changes",
          "run_annotations",
          "run_deletions",
          "dropped_events",
          "run_results",
          "run_errors",
          "artifacts",
          "slurm_jobs",
          "metric_series",
          "metric_summaries",
          "metric_points",
          "alert_firings",
          "alert_deliveries",
          "run_owners",
          "operator_requests");

  private Tables() {}
}
