-- The projection. Every row is a function of the set of events alone: no wall clock, no order of
-- arrival, no random number. Surrogate keys (stream_id, series_id) are the one exception; they stay
-- inside one file and no canonical dump contains them.
-- Instants named ..._us are microseconds since 1970 UTC by the job's clock; texts are UTC.

CREATE TABLE projection_info (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where reading resumes. next_offset is the first offset not yet applied.
CREATE TABLE positions (
  topic        TEXT    NOT NULL,
  partition    INTEGER NOT NULL,
  cluster_id   TEXT    NOT NULL,
  topic_id     TEXT    NOT NULL,
  next_offset  INTEGER NOT NULL,
  leader_epoch INTEGER,
  owner        TEXT    NOT NULL,             -- the one service that may advance it
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;

-- Writer schemas by registry id, kept so that a rebuild needs no registry.
CREATE TABLE writer_schemas (
  schema_id INTEGER NOT NULL PRIMARY KEY,
  schema    TEXT    NOT NULL
) STRICT;

-- The events of one writer in one topic that are in the database.
CREATE TABLE event_streams (
  stream_id  INTEGER NOT NULL PRIMARY KEY,
  run_id     INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  writer_id  INTEGER NOT NULL,
  topic      TEXT    NOT NULL,
  seen       TEXT    NOT NULL,               -- closed ranges of seq, ascending: 0-99,120-140
  events     INTEGER NOT NULL,               -- how many seq are seen
  last_seq   INTEGER NOT NULL,
  missing    INTEGER GENERATED ALWAYS AS (last_seq + 1 - events) VIRTUAL,
  UNIQUE (run_id, attempt_id, writer_id, topic)
) STRICT;
CREATE INDEX event_streams_with_gaps ON event_streams (run_id) WHERE last_seq + 1 <> events;

-- Ranges of offsets that no longer exist and that an operator accepted.
CREATE TABLE gaps (
  topic       TEXT    NOT NULL,
  partition   INTEGER NOT NULL,
  topic_id    TEXT    NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset   INTEGER NOT NULL,              -- first offset after the gap
  reason      TEXT    NOT NULL,
  PRIMARY KEY (topic, partition, topic_id, from_offset)
) STRICT, WITHOUT ROWID;

-- Records that could not be applied, byte for byte.
CREATE TABLE dead_letters (
  dead_letter_id   INTEGER NOT NULL PRIMARY KEY,
  topic            TEXT    NOT NULL,
  partition        INTEGER NOT NULL,
  "offset"         INTEGER NOT NULL,
  topic_id         TEXT    NOT NULL,
  record_timestamp INTEGER NOT NULL,         -- the broker's, milliseconds since 1970
  key              BLOB,
  value            BLOB,
  headers          TEXT,                     -- JSON array of [name, base64 value]
  reason           TEXT    NOT NULL,         -- one word: what kind of trouble
  detail           TEXT    NOT NULL,         -- the sentence
  state            TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'retried', 'dismissed')),
  tries            INTEGER NOT NULL DEFAULT 0, -- how often it was retried
  disposed_at      TEXT,                     -- when somebody retried or dismissed it last, UTC
  disposition      TEXT,                     -- what came of it, or why it was dismissed
  UNIQUE (topic, partition, topic_id, "offset")
) STRICT;

-- ---------------------------------------------------------------- runs

CREATE TABLE experiment_runs (
  run_id              INTEGER NOT NULL PRIMARY KEY,
  identity            TEXT    NOT NULL DEFAULT 'key'
                      CHECK (identity IN ('key', 'instance', 'unknown')),  -- unknown: its start has not come yet
  experiment          TEXT,
  dataset             TEXT,
  method              TEXT,
  subject             TEXT,
  cl_info             TEXT,
  seed                INTEGER,
  project             TEXT,
  run_name            TEXT,
  config              TEXT,                  -- that of the first attempt that has one, JSON
  config_drift        INTEGER NOT NULL DEFAULT 0,   -- 1: a later attempt came with another configuration
  notes               TEXT,
  tags                TEXT    NOT NULL DEFAULT '[]', -- JSON array, sorted
  status              TEXT    NOT NULL DEFAULT 'pending'
                      CHECK (status IN ('pending', 'running', 'completed', 'failed', 'timeout')),
  status_reason       TEXT,
  status_source       TEXT,
  exit_code           INTEGER,
  slurm_job_id        INTEGER,               -- of the newest attempt
  slurm_array_task_id INTEGER,
  attempts            INTEGER NOT NULL DEFAULT 0,
  first_attempt_id    INTEGER NOT NULL DEFAULT 0,   -- ordered by time: the order of creation
  last_attempt_id     INTEGER NOT NULL DEFAULT 0,
  deleted             INTEGER NOT NULL DEFAULT 0,
  created_at          TEXT,
  started_at          TEXT,
  finished_at         TEXT
) STRICT;
-- SQL's UNIQUE takes two nulls for different; a run key does not.
CREATE UNIQUE INDEX experiment_runs_key ON experiment_runs (
  experiment IS NULL, ifnull(experiment, ''),
  dataset    IS NULL, ifnull(dataset, ''),
  method     IS NULL, ifnull(method, ''),
  subject    IS NULL, ifnull(subject, ''),
  cl_info    IS NULL, ifnull(cl_info, ''),
  seed       IS NULL, ifnull(seed, 0)
) WHERE identity = 'key';
CREATE INDEX experiment_runs_by_creation ON experiment_runs (first_attempt_id);
CREATE INDEX experiment_runs_by_name ON experiment_runs (run_name);
CREATE INDEX experiment_runs_by_slurm_job ON experiment_runs (slurm_job_id) WHERE slurm_job_id IS NOT NULL;

-- One life of a run. The start_... columns are null until the attempt's RunStarted came; where an
-- attempt has several (the wrapper's, then the job's), the one of the lowest (start_writer_id, start_seq)
-- counts, and configuration, notes and resumed_from_step are those of the first that has any.
CREATE TABLE run_attempts (
  run_id               INTEGER NOT NULL,
  attempt_id           INTEGER NOT NULL,
  start_writer_id      INTEGER,
  start_seq            INTEGER,
  start_key            TEXT,                 -- the six parts as a JSON array, null for a run without a key
  start_project        TEXT,
  start_name           TEXT,
  start_instance_id    TEXT,
  started_us           INTEGER,
  config_writer_id     INTEGER,              -- whose configuration it is
  config_seq           INTEGER,
  config               TEXT,
  config_truncated_bytes INTEGER NOT NULL DEFAULT 0,
  config_sha256        TEXT,
  notes_writer_id      INTEGER,
  notes_seq            INTEGER,
  notes                TEXT,
  tags                 TEXT NOT NULL DEFAULT '[]',
  host                 TEXT,
  user                 TEXT,
  pid                  INTEGER,
  command              TEXT,
  git_commit           TEXT,
  git_dirty            INTEGER,
  resumed_writer_id    INTEGER,
  resumed_seq          INTEGER,
  resumed_from_step    INTEGER,
  last_heartbeat_us    INTEGER,
  heartbeat_interval_seconds INTEGER,
  dropped_events       INTEGER NOT NULL DEFAULT 0,
  -- derived from the attempts and statuses of the run
  superseded_from_step INTEGER,              -- smallest resumed_from_step of the newer attempts
  config_drift         INTEGER NOT NULL DEFAULT 0,
  status               TEXT NOT NULL DEFAULT 'pending',
  status_reason        TEXT,
  status_source        TEXT,
  exit_code            INTEGER,
  finished_us          INTEGER,
  status_rule          TEXT,                 -- which rule decided the status
  PRIMARY KEY (run_id, attempt_id)
) STRICT, WITHOUT ROWID;

-- Everything that anybody said about a status: claims and observations.
CREATE TABLE run_status_changes (
  run_id     INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  writer_id  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  status     TEXT    NOT NULL,
  exit_code  INTEGER,
  reason     TEXT,
  source     TEXT    NOT NULL,
  PRIMARY KEY (run_id, attempt_id, writer_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_annotations (
  run_id       INTEGER NOT NULL,
  attempt_id   INTEGER NOT NULL,
  writer_id    INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  at_us        INTEGER NOT NULL,
  notes        TEXT,
  tags_added   TEXT NOT NULL,
  tags_removed TEXT NOT NULL,
  PRIMARY KEY (run_id, attempt_id, writer_id, seq)
) STRICT, WITHOUT ROWID;

-- RunDeleted (1) and RunRestored (0).
CREATE TABLE run_deletions (
  run_id     INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  writer_id  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  deleted    INTEGER NOT NULL,
  reason     TEXT,
  PRIMARY KEY (run_id, attempt_id, writer_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE dropped_events (
  run_id     INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  writer_id  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  topic      TEXT    NOT NULL,
  count      INTEGER NOT NULL,
  reason     TEXT    NOT NULL,
  PRIMARY KEY (run_id, attempt_id, writer_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_results (
  result_id  INTEGER NOT NULL PRIMARY KEY,   -- derived from the event
  run_id     INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  writer_id  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  results    TEXT    NOT NULL,               -- JSON
  created_at TEXT    NOT NULL,
  UNIQUE (run_id, attempt_id, writer_id, seq)
) STRICT;

CREATE TABLE run_errors (
  error_id        INTEGER NOT NULL PRIMARY KEY,   -- derived from the event
  run_id          INTEGER NOT NULL,
  attempt_id      INTEGER NOT NULL,
  writer_id       INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  exception_type  TEXT    NOT NULL,
  message         TEXT,
  traceback       TEXT,
  truncated_bytes INTEGER NOT NULL,
  sha256          TEXT,
  step            INTEGER,
  created_at      TEXT    NOT NULL,
  UNIQUE (run_id, attempt_id, writer_id, seq)
) STRICT;

CREATE TABLE artifacts (
  artifact_id   INTEGER NOT NULL PRIMARY KEY,     -- derived from the event
  run_id        INTEGER NOT NULL,
  attempt_id    INTEGER NOT NULL,
  writer_id     INTEGER NOT NULL,
  seq           INTEGER NOT NULL,
  artifact_type TEXT    NOT NULL,
  filepath      TEXT    NOT NULL,
  size_bytes    INTEGER,
  sha256        TEXT,
  metadata      TEXT,                              -- JSON
  created_at    TEXT    NOT NULL,
  UNIQUE (run_id, attempt_id, writer_id, seq)
) STRICT;

-- One row a SLURM job of an attempt: what the job's environment reported, and over it, column by
-- column, the newest observation by (observed_writer_id, observed_seq). Both are kept as JSON.
CREATE TABLE slurm_jobs (
  run_id              INTEGER NOT NULL,
  attempt_id          INTEGER NOT NULL,
  cluster             TEXT    NOT NULL,
  slurm_job_id        INTEGER NOT NULL,
  observed_writer_id  INTEGER,
  observed_seq        INTEGER,
  observed            TEXT,
  reported_writer_id  INTEGER,                     -- lowest start that named the job
  reported_seq        INTEGER,
  reported            TEXT,
  slurm_array_job_id  INTEGER,
  slurm_array_task_id INTEGER,
  restart_count       INTEGER,
  job_name            TEXT,
  state               TEXT,
  reason              TEXT,
  exit_code           INTEGER,
  exit_signal         INTEGER,
  derived_exit_code   INTEGER,
  nodes               TEXT,
  partition           TEXT,
  account             TEXT,
  qos                 TEXT,
  requested           TEXT,                        -- JSON object
  allocated           TEXT,                        -- JSON object
  submitted_at        TEXT,
  started_at          TEXT,
  finished_at         TEXT,
  time_limit_seconds  INTEGER,
  PRIMARY KEY (run_id, attempt_id, cluster, slurm_job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX slurm_jobs_by_job ON slurm_jobs (slurm_job_id);

-- ---------------------------------------------------------------- metrics

-- One metric of one writer, with the summary of its points that stand: those that no resume
-- supersedes (run_attempts.superseded_from_step).
-- nan_count is of those that are NaN, which have no part in min and max. Zero and minus zero are
-- equal; ties go to the lowest seq; last_... is the point of the highest seq, and its value NULL when
-- that is NaN.
CREATE TABLE metric_series (
  series_id  INTEGER NOT NULL PRIMARY KEY,
  run_id     INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  writer_id  INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  points     INTEGER NOT NULL,                      -- all there are, superseded or not
  highest_step INTEGER,                             -- of all points: tells whether a resume supersedes some
  count      INTEGER NOT NULL,                      -- those that stand
  nan_count  INTEGER NOT NULL,
  min_value  ANY,
  min_seq    INTEGER,
  min_step   INTEGER,
  min_epoch  INTEGER,
  max_value  ANY,
  max_seq    INTEGER,
  max_step   INTEGER,
  max_epoch  INTEGER,
  last_value ANY,
  last_seq   INTEGER,
  last_step  INTEGER,
  last_epoch INTEGER,
  highest_epoch INTEGER,
  UNIQUE (run_id, name, attempt_id, writer_id)
) STRICT;

-- One row a run and metric over the points that stand, merged from its series: ties go to the oldest
-- attempt, lowest writer and lowest seq; the last point is that of the newest attempt and highest
-- writer that has any. No row when no point stands.
CREATE TABLE metric_summaries (
  run_id     INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  count      INTEGER NOT NULL,
  nan_count  INTEGER NOT NULL,
  min_value  ANY,
  min_step   INTEGER,
  min_epoch  INTEGER,
  max_value  ANY,
  max_step   INTEGER,
  max_epoch  INTEGER,
  last_value ANY,
  last_step  INTEGER,
  last_epoch INTEGER,
  highest_epoch INTEGER,
  PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;
-- Holds all that 'best' and the columns of 'list' need, so that neither looks into the table.
CREATE INDEX metric_summaries_by_name ON metric_summaries (name, run_id, min_value, max_value, last_value);

-- value has no affinity, so that -0.0 stays; NULL is NaN, which SQLite cannot hold, and nothing else.
CREATE TABLE metric_points (
  series_id       INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  step            INTEGER,
  epoch           INTEGER,
  at_us           INTEGER NOT NULL,
  elapsed_seconds REAL,
  value           ANY,
  PRIMARY KEY (series_id, seq)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- views

-- Streams whose numbers have holes: events that never came, or not yet.
CREATE VIEW stream_gaps AS
SELECT run_id, attempt_id, writer_id, topic, missing, seen
  FROM event_streams
 WHERE last_seq + 1 <> events;

CREATE VIEW runs AS
SELECT run_id, run_name, config, notes, created_at, status,
       project, experiment, dataset, method, subject, cl_info, seed, tags, status_reason, status_source,
       exit_code, attempts, config_drift, slurm_job_id, slurm_array_task_id, started_at, finished_at
  FROM experiment_runs
 WHERE deleted = 0;

-- Every point that was logged, superseded or not.
CREATE VIEW raw_metrics AS
SELECT p.series_id * 4294967296 + p.seq AS metric_id,
       s.run_id, s.attempt_id, s.writer_id, s.name AS metric_name,
       p.value, p.step, p.epoch, p.seq,
       strftime('%Y-%m-%d %H:%M:%S', p.at_us / 1000000, 'unixepoch') AS timestamp,
       a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step AS superseded
  FROM metric_series s
  JOIN metric_points p ON p.series_id = s.series_id
  JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id;

-- The points of one curve a metric: what a resume computed anew is left out.
CREATE VIEW metrics AS
SELECT metric_id, run_id, metric_name, value, step, epoch, timestamp
  FROM raw_metrics
 WHERE NOT superseded;

-- One row a log call, with the metrics that the tracker's users know as columns.
CREATE VIEW run_metrics AS
SELECT s.run_id,
       coalesce(max(p.elapsed_seconds), round((min(p.at_us) - min(a.started_us)) / 1e6, 6)) AS elapsed_seconds,
       max(p.epoch) AS epoch,
       max(p.step)  AS step,
       max(p.value) FILTER (WHERE s.name = 'loss')                   AS loss,
       max(p.value) FILTER (WHERE s.name = 'f1')                     AS f1,
       max(p.value) FILTER (WHERE s.name = 'accuracy')               AS accuracy,
       max(p.value) FILTER (WHERE s.name = 'fitness')                AS fitness,
       max(p.value) FILTER (WHERE s.name = 'behavioral_comparison')  AS behavioral_comparison,
       max(p.value) FILTER (WHERE s.name = 'gpu_memory_mb')          AS gpu_memory_mb,
       strftime('%Y-%m-%d %H:%M:%S', min(p.at_us) / 1000000, 'unixepoch') AS timestamp,
       s.attempt_id, s.writer_id, p.seq
  FROM metric_series s
  JOIN metric_points p ON p.series_id = s.series_id
  JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
 WHERE NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
   AND s.name IN ('loss', 'f1', 'accuracy', 'fitness', 'behavioral_comparison', 'gpu_memory_mb')
 GROUP BY s.run_id, s.attempt_id, s.writer_id, p.seq;
