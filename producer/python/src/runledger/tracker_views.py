"""The columns that SQL of the tracker with five tables asks for, in a connection of its users.

They are views that the connection alone has, in front of the tables and views of the same names: these
have what they had, and the tracker's names behind it.
"""

from __future__ import annotations

import sqlite3

_VIEWS = """
    CREATE TEMP VIEW experiment_runs AS
    SELECT *,
           CASE WHEN CAST(CAST(experiment AS INTEGER) AS TEXT) = experiment THEN CAST(experiment AS INTEGER)
                ELSE experiment
           END AS experiment_number,
           CASE WHEN cl_info IN ('True', 'true', '1')   THEN 1
                WHEN cl_info IN ('False', 'false', '0') THEN 0
                ELSE cl_info
           END AS use_cl_info,
           config AS config_json,
           json_extract(config, '$.gpu_id') AS gpu_id,
           coalesce(finished_at, started_at, created_at) AS updated_at
      FROM main.experiment_runs
     WHERE deleted = 0;

    CREATE TEMP VIEW run_metrics AS
    SELECT *,
           elapsed_seconds AS elapsed_time,
           epoch AS epoch_or_generation,
           json_extract(metrics, '$.train_loss')    AS train_loss,
           json_extract(metrics, '$.test_loss')     AS test_loss,
           json_extract(metrics, '$.f1_score')      AS f1_score,
           json_extract(metrics, '$.best_fitness')  AS best_fitness,
           json_extract(metrics, '$.mean_pct_diff') AS mean_pct_diff,
           json_extract(metrics, '$.std_pct_diff')  AS std_pct_diff
      FROM main.run_metrics;

    CREATE TEMP VIEW run_results AS
    SELECT *,
           json_extract(results, '$.final_train_loss')     AS final_train_loss,
           json_extract(results, '$.final_test_loss')      AS final_test_loss,
           json_extract(results, '$.final_f1_score')       AS final_f1_score,
           json_extract(results, '$.final_mean_pct_diff')  AS final_mean_pct_diff,
           json_extract(results, '$.final_std_pct_diff')   AS final_std_pct_diff,
           json_extract(results, '$.min_test_loss')        AS min_test_loss,
           json_extract(results, '$.min_test_loss_epoch')  AS min_test_loss_epoch,
           json_extract(results, '$.best_f1_score')        AS best_f1_score,
           json_extract(results, '$.best_f1_epoch')        AS best_f1_epoch,
           json_extract(results, '$.total_epochs')         AS total_epochs,
           json_extract(results, '$.total_time_seconds')   AS total_time_seconds,
           json_extract(results, '$.converged')            AS converged,
           json_extract(results, '$.final_num_parameters') AS final_num_parameters,
           json_extract(results, '$.final_num_layers')     AS final_num_layers
      FROM main.run_results;

    CREATE TEMP VIEW run_errors AS
    SELECT *,
           exception_type AS error_type,
           message        AS error_message,
           created_at     AS timestamp
      FROM main.run_errors;

    CREATE TEMP VIEW slurm_jobs AS
    SELECT *,
           state        AS status,
           nodes        AS nodes_allocated,
           submitted_at AS created_at
      FROM main.slurm_jobs;
"""


def with_tracker_views(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Gives a connection the views, which are gone when it is closed."""
    # The database may be where nobody may write.
    connection.executescript("PRAGMA temp_store = MEMORY;" + _VIEWS)
    return connection
