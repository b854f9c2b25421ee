-- Which points stand and what a reader wants to know of a run are defined here once; every view and
-- every statement of the readers builds on it. No table and no stored byte changes.

DROP VIEW run_metrics;
DROP VIEW metrics;
DROP VIEW raw_metrics;
-- A view that somebody gave one of the new names makes room for ours.
DROP VIEW IF EXISTS logged_points;
DROP VIEW IF EXISTS run_overview;

-- Every point that was logged, as it is stored; superseded where a later attempt computed its step
-- again. The joins leave the order of the tables to SQLite: one reader begins with a run, another with
-- a metric.
CREATE VIEW logged_points AS
SELECT s.run_id, s.attempt_id, s.writer_id, s.series_id, s.name, p.seq, p.step, p.epoch, p.at_us, p.value,
       coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS elapsed_seconds,
       a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step AS superseded,
       r.id
  FROM metric_series s
  JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
  JOIN metric_points   p ON p.series_id = s.series_id
  JOIN run_attempts    a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id;

-- The same with the types of its columns.
CREATE VIEW raw_metrics AS
SELECT CAST(series_id * 4294967296 + seq AS INTEGER) AS metric_id,
       run_id, attempt_id, writer_id, name AS metric_name,
       CAST(value AS REAL) AS value, step, CAST(epoch AS REAL) AS epoch, seq,
       strftime('%Y-%m-%d %H:%M:%S', at_us / 1000000, 'unixepoch') AS timestamp,
       superseded,
       at_us AS time_us,
       CAST(elapsed_seconds AS REAL) AS elapsed_seconds,
       id
  FROM logged_points;

-- The points of one curve a metric: what a later attempt computed again is left out.
CREATE VIEW metrics AS
SELECT metric_id, run_id, metric_name, value, step, epoch, timestamp, time_us, elapsed_seconds, id
  FROM raw_metrics
 WHERE NOT superseded;

-- One row a log call: the metrics that the tracker's users know as columns, and all of them as a JSON
-- object, whatever their names. In it NaN is null, and an infinity is 9e999, a number that is larger
-- than any.
CREATE VIEW run_metrics AS
SELECT run_id,
       CAST(max(elapsed_seconds) AS REAL) AS elapsed_seconds,
       CAST(max(epoch) AS REAL)   AS epoch,
       CAST(max(step) AS INTEGER) AS step,
       CAST(max(value) FILTER (WHERE name = 'loss') AS REAL)                  AS loss,
       CAST(max(value) FILTER (WHERE name = 'f1') AS REAL)                    AS f1,
       CAST(max(value) FILTER (WHERE name = 'accuracy') AS REAL)              AS accuracy,
       CAST(max(value) FILTER (WHERE name = 'fitness') AS REAL)               AS fitness,
       CAST(max(value) FILTER (WHERE name = 'behavioral_comparison') AS REAL) AS behavioral_comparison,
       CAST(max(value) FILTER (WHERE name = 'gpu_memory_mb') AS REAL)         AS gpu_memory_mb,
       strftime('%Y-%m-%d %H:%M:%S', min(at_us) / 1000000, 'unixepoch') AS timestamp,
       attempt_id, writer_id, seq,
       CAST(min(at_us) AS INTEGER) AS time_us,
       CAST('{' || group_concat(json_quote(name) || ':' ||
                           CASE
                             WHEN value IS NULL   THEN 'null'
                             WHEN value =  9e999  THEN '9e999'
                             WHEN value = -9e999  THEN '-9e999'
                             ELSE printf('%!.17g', value)
                           END, ',') || '}' AS TEXT) AS metrics,
       id
  FROM logged_points
 WHERE NOT superseded
 GROUP BY run_id, attempt_id, writer_id, seq;

-- A run with what is counted of it. What jobs count of themselves may add up to more than SQLite's
-- sum() takes, which then fails for every run of a list; total() never fails, and the CAST stops at
-- the largest number.
CREATE VIEW run_overview AS
SELECT r.run_id, r.id, r.identity, r.experiment, r.dataset, r.method, r.subject, r.cl_info, r.seed,
       r.project, r.run_name, r.config, r.config_drift, r.notes, r.tags,
       r.status, r.status_reason, r.status_source, r.exit_code, r.slurm_job_id, r.slurm_array_task_id,
       r.attempts, r.first_attempt_id, r.last_attempt_id, r.created_at, r.started_at, r.finished_at,
       newest.last_heartbeat_us, newest.heartbeat_interval_seconds,
       CAST((SELECT total(g.missing) FROM event_streams g
              WHERE g.run_id = r.run_id AND g.last_seq - g.events <> -1) AS INTEGER) AS missing_events,
       CAST((SELECT total(a.dropped_events) FROM run_attempts a WHERE a.run_id = r.run_id) AS INTEGER) AS dropped_events
  FROM experiment_runs r
  LEFT JOIN run_attempts newest ON newest.run_id = r.run_id AND newest.attempt_id = r.last_attempt_id
 WHERE r.deleted = 0;

PRAGMA user_version = 7;
