-- The views of a generation. They have the columns of SQLite's views in the same order, and behind them those that only
-- PostgreSQL has: instants as timestamptz (..._time) beside the texts. A NaN is NULL in views that are for people; the
-- read side's own, logged_points and run_overview, leave it as it is.

-- Streams whose last event came while an earlier one is missing.
CREATE OR REPLACE VIEW stream_gaps AS
SELECT s.run_id, s.attempt_id, s.writer_id, s.topic, s.missing, s.seen
  FROM event_streams s
  JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
 WHERE s.last_seq - s.events <> -1;

CREATE OR REPLACE VIEW runs AS
SELECT run_id, run_name, config, notes, created_at, status,
       project, experiment, dataset, method, subject, cl_info, seed, tags, status_reason, status_source,
       exit_code, attempts, config_drift, slurm_job_id, slurm_array_task_id, started_at, finished_at,
       id,
       instant(created_at) AS created_time, instant(started_at) AS started_time, instant(finished_at) AS finished_time
  FROM experiment_runs
 WHERE deleted = 0;

-- Every point of a run that is not deleted, with what it belongs to; superseded ones too. Reading the views below reads
-- this one, and a point costs what its columns cost that are asked for.
CREATE OR REPLACE VIEW logged_points AS
SELECT s.run_id, s.attempt_id, s.writer_id, s.series_id, s.name, p.seq, p.step, p.epoch, p.at_us, p.value,
       coalesce(p.elapsed_seconds, (CAST(p.at_us AS double precision) - a.started_us) / 1e6) AS elapsed_seconds,
       coalesce(p.step >= a.superseded_from_step, false) AS superseded,
       r.id
  FROM metric_series s
  JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
  JOIN metric_points   p ON p.series_id = s.series_id
  JOIN run_attempts    a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id;

CREATE OR REPLACE VIEW raw_metrics AS
SELECT CASE
         WHEN series_id < 1073741824 AND seq < 4294967296 THEN series_id * 4294967296 + seq
         ELSE saturated(CAST(series_id AS double precision) * 4294967296 + seq)
       END AS metric_id,
       run_id, attempt_id, writer_id, name AS metric_name,
       seen(value) AS value, step, seen(epoch) AS epoch, seq,
       utc_text(at_us) COLLATE "C" AS timestamp,
       superseded,
       at_us AS time_us,
       seen(elapsed_seconds) AS elapsed_seconds,
       id,
       instant(at_us) AS logged_time
  FROM logged_points;

CREATE OR REPLACE VIEW metrics AS
SELECT metric_id, run_id, metric_name, value, step, epoch, timestamp, time_us, elapsed_seconds, id, logged_time
  FROM raw_metrics
 WHERE NOT superseded;

-- One row a log call, in the columns of the tracker with five tables; metrics has all that the call logged, as JSON in
-- which an infinity is 9e999 and NaN null.
CREATE OR REPLACE VIEW run_metrics AS
SELECT run_id,
       max(seen(elapsed_seconds)) AS elapsed_seconds,
       max(seen(epoch)) AS epoch,
       max(step)        AS step,
       max(seen(value)) FILTER (WHERE name = 'loss')                  AS loss,
       max(seen(value)) FILTER (WHERE name = 'f1')                    AS f1,
       max(seen(value)) FILTER (WHERE name = 'accuracy')              AS accuracy,
       max(seen(value)) FILTER (WHERE name = 'fitness')               AS fitness,
       max(seen(value)) FILTER (WHERE name = 'behavioral_comparison') AS behavioral_comparison,
       max(seen(value)) FILTER (WHERE name = 'gpu_memory_mb')         AS gpu_memory_mb,
       utc_text(min(at_us)) COLLATE "C" AS timestamp,
       attempt_id, writer_id, seq,
       min(at_us) AS time_us,
       CAST('{' || string_agg(CAST(to_json(name) AS text) || ':' ||
                         CASE value
                           WHEN 'NaN'       THEN 'null'
                           WHEN 'Infinity'  THEN '9e999'
                           WHEN '-Infinity' THEN '-9e999'
                           ELSE CAST(value AS text)
                         END, ',' ORDER BY name) || '}' AS json) AS metrics,
       id,
       instant(min(at_us)) AS logged_time
  FROM logged_points
 WHERE NOT superseded
 GROUP BY run_id, attempt_id, writer_id, seq, id;

-- A run with what is counted of it.
CREATE OR REPLACE VIEW run_overview AS
SELECT r.run_id, r.id, r.identity, r.experiment, r.dataset, r.method, r.subject, r.cl_info, r.seed,
       r.project, r.run_name, r.config, r.config_drift, r.notes, r.tags,
       r.status, r.status_reason, r.status_source, r.exit_code, r.slurm_job_id, r.slurm_array_task_id,
       r.attempts, r.first_attempt_id, r.last_attempt_id, r.created_at, r.started_at, r.finished_at,
       newest.last_heartbeat_us, newest.heartbeat_interval_seconds,
       (SELECT saturated(total(g.missing)) FROM event_streams g
         WHERE g.run_id = r.run_id AND g.last_seq - g.events <> -1) AS missing_events,
       (SELECT saturated(total(a.dropped_events)) FROM run_attempts a WHERE a.run_id = r.run_id) AS dropped_events
  FROM experiment_runs r
  LEFT JOIN run_attempts newest ON newest.run_id = r.run_id AND newest.attempt_id = r.last_attempt_id
 WHERE r.deleted = 0;

-- The newest value of each result of a run. value is a text, as a column of PostgreSQL has one type; number is the value
-- where it is one, and json what was recorded.
CREATE OR REPLACE VIEW run_summary AS
SELECT run_id, name,
       CASE WHEN json_typeof(json) <> 'null' THEN json_text(json) END COLLATE "C" AS value,
       CASE WHEN json_typeof(json) = 'number' THEN CAST(json_number(json) AS double precision) END AS number,
       json
  FROM (SELECT f.run_id, e.key COLLATE "C" AS name, e.value AS json,
               row_number() OVER (
                 PARTITION BY f.run_id, e.key COLLATE "C"
                     ORDER BY a.ordinal DESC NULLS LAST, f.attempt_id DESC, f.writer_id DESC, f.seq DESC, e.id DESC) AS place
          FROM run_results f
          JOIN experiment_runs r ON r.run_id = f.run_id AND r.deleted = 0
          LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
         CROSS JOIN LATERAL json_each(CASE WHEN json_typeof(f.results) = 'object' THEN readable(f.results) ELSE '{}' END)
                    WITH ORDINALITY AS e (key, value, id)) result
 WHERE place = 1;
