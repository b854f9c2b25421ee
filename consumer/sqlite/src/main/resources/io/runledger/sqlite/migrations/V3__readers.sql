-- What tools that are not ours see of the database, and how they can follow it.

-- "RLDG", for file(1) and others that tell kinds of SQLite files apart, and the number of the newest
-- of these scripts.
PRAGMA application_id = 1380729927;
PRAGMA user_version = 3;

-- Where one table leads to another is declared, for those who draw or map the schema; it is not
-- enforced (PRAGMA foreign_keys is off), because the fold brings rows in any order. A declaration
-- changes no stored byte, so the tables are not copied: only the words that describe them are, as
-- https://www.sqlite.org/lang_altertable.html says.
--
-- The columns that hold any number have no type, instead of ANY, which only STRICT tables know and
-- which SQLAlchemy takes for decimals of ten digits. Without a type, too, a number stays bit for bit
-- what it was, minus zero included, which a REAL column would not keep.
--
-- What a stream misses is computed so that it fits whatever a writer numbers its events.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
   SET sql = replace(replace(replace(replace(replace(replace(sql,
                 'run_id     INTEGER NOT NULL,', 'run_id     INTEGER NOT NULL REFERENCES experiment_runs (run_id),'),
                 'run_id          INTEGER NOT NULL,', 'run_id          INTEGER NOT NULL REFERENCES experiment_runs (run_id),'),
                 'run_id       INTEGER NOT NULL,', 'run_id       INTEGER NOT NULL REFERENCES experiment_runs (run_id),'),
                 'run_id        INTEGER NOT NULL,', 'run_id        INTEGER NOT NULL REFERENCES experiment_runs (run_id),'),
                 'run_id               INTEGER NOT NULL,', 'run_id               INTEGER NOT NULL REFERENCES experiment_runs (run_id),'),
                 'run_id              INTEGER NOT NULL,', 'run_id              INTEGER NOT NULL REFERENCES experiment_runs (run_id),')
 WHERE type = 'table'
   AND name IN ('event_streams', 'run_attempts', 'run_status_changes', 'run_annotations', 'run_deletions',
                'dropped_events', 'run_results', 'run_errors', 'artifacts', 'slurm_jobs', 'metric_series', 'metric_summaries');
UPDATE sqlite_schema
   SET sql = replace(replace(replace(replace(sql,
                 'series_id       INTEGER NOT NULL,', 'series_id       INTEGER NOT NULL REFERENCES metric_series (series_id),'),
                 ') STRICT, WITHOUT ROWID', ') WITHOUT ROWID'),
                 ') STRICT', ')'),
                 ' ANY,', ',')
 WHERE type = 'table' AND name IN ('metric_points', 'metric_series', 'metric_summaries');
UPDATE sqlite_schema
   SET sql = replace(sql, '(last_seq + 1 - events)', '(last_seq - events + 1)')
 WHERE type = 'table' AND name = 'event_streams';
PRAGMA writable_schema = RESET;

-- The run_id as people see it (deploy/docs/run-id.md): a text, which no spreadsheet, browser or data
-- frame rounds as it does a number of 63 bits.
ALTER TABLE experiment_runs ADD COLUMN id TEXT GENERATED ALWAYS AS (
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 60) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 55) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 50) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 45) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 40) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 35) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 30) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 25) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 20) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 15) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 10) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 5) & 31) + 1, 1) ||
              substr('0123456789abcdefghjkmnpqrstvwxyz', ((run_id >> 0) & 31) + 1, 1)) VIRTUAL;

-- ---------------------------------------------------------------- views
-- New columns stand behind the old ones. A CAST tells a column's type to those who ask for it, and
-- changes no value; it makes all epochs REAL, because a reader that guesses a column's type from its
-- first rows rounds the fractions behind a hundred whole ones. Deleted runs are in none of the views.

DROP VIEW run_metrics;
DROP VIEW metrics;
DROP VIEW raw_metrics;
DROP VIEW runs;

CREATE VIEW runs AS
SELECT run_id, run_name, config, notes, created_at, status,
       project, experiment, dataset, method, subject, cl_info, seed, tags, status_reason, status_source,
       exit_code, attempts, config_drift, slurm_job_id, slurm_array_task_id, started_at, finished_at,
       id
  FROM experiment_runs
 WHERE deleted = 0;

-- Every point that was logged, superseded or not.
CREATE VIEW raw_metrics AS
SELECT CAST(p.series_id * 4294967296 + p.seq AS INTEGER) AS metric_id,
       s.run_id, s.attempt_id, s.writer_id, s.name AS metric_name,
       CAST(p.value AS REAL) AS value, p.step, CAST(p.epoch AS REAL) AS epoch, p.seq,
       strftime('%Y-%m-%d %H:%M:%S', p.at_us / 1000000, 'unixepoch') AS timestamp,
       a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step AS superseded,
       p.at_us AS time_us,
       CAST(coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS REAL) AS elapsed_seconds,
       r.id
  FROM metric_series s
  JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
  JOIN metric_points   p ON p.series_id = s.series_id
  JOIN run_attempts    a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id;

-- The points of one curve a metric: what a later attempt computed again is left out.
CREATE VIEW metrics AS
SELECT metric_id, run_id, metric_name, value, step, epoch, timestamp, time_us, elapsed_seconds, id
  FROM raw_metrics
 WHERE NOT superseded;

-- One row a log call: the metrics that the tracker's users know as columns, and all of them as a JSON
-- object, whatever their names. In it NaN is null, and an infinity is 9e999, a number that is larger
-- than any.
CREATE VIEW run_metrics AS
SELECT s.run_id,
       CAST(coalesce(max(p.elapsed_seconds), round((min(p.at_us) - min(a.started_us)) / 1e6, 6)) AS REAL) AS elapsed_seconds,
       CAST(max(p.epoch) AS REAL)   AS epoch,
       CAST(max(p.step) AS INTEGER) AS step,
       CAST(max(p.value) FILTER (WHERE s.name = 'loss') AS REAL)                  AS loss,
       CAST(max(p.value) FILTER (WHERE s.name = 'f1') AS REAL)                    AS f1,
       CAST(max(p.value) FILTER (WHERE s.name = 'accuracy') AS REAL)              AS accuracy,
       CAST(max(p.value) FILTER (WHERE s.name = 'fitness') AS REAL)               AS fitness,
       CAST(max(p.value) FILTER (WHERE s.name = 'behavioral_comparison') AS REAL) AS behavioral_comparison,
       CAST(max(p.value) FILTER (WHERE s.name = 'gpu_memory_mb') AS REAL)         AS gpu_memory_mb,
       strftime('%Y-%m-%d %H:%M:%S', min(p.at_us) / 1000000, 'unixepoch') AS timestamp,
       s.attempt_id, s.writer_id, p.seq,
       CAST(min(p.at_us) AS INTEGER) AS time_us,
       CAST('{' || group_concat(json_quote(s.name) || ':' ||
                           CASE
                             WHEN p.value IS NULL   THEN 'null'
                             WHEN p.value =  9e999  THEN '9e999'
                             WHEN p.value = -9e999  THEN '-9e999'
                             ELSE printf('%!.17g', p.value)
                           END, ',') || '}' AS TEXT) AS metrics,
       r.id
  FROM metric_series s
  JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
  JOIN metric_points   p ON p.series_id = s.series_id
  JOIN run_attempts    a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
 WHERE NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
 GROUP BY s.run_id, s.attempt_id, s.writer_id, p.seq;
