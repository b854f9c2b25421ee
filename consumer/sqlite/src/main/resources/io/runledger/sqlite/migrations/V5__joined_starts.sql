-- Whose word a start is: of two starts of an attempt the job's stands over the wrapper's, and of two
-- of one source the later one's. Null is the job's, as in starts of earlier versions of the wire.
ALTER TABLE run_attempts ADD COLUMN config_source TEXT;
ALTER TABLE run_attempts ADD COLUMN notes_source TEXT;
ALTER TABLE run_attempts ADD COLUMN resumed_source TEXT;

-- 1: two starts of the attempt came with different values of one key of its configuration.
ALTER TABLE run_attempts ADD COLUMN config_conflict INTEGER NOT NULL DEFAULT 0;

-- The configurations of an attempt of which several starts brought one: run_attempts.config is what
-- they make together, key by key. Where only one start brought any, none is here.
CREATE TABLE start_configs (
  run_id                 INTEGER NOT NULL REFERENCES experiment_runs (run_id),
  attempt_id             INTEGER NOT NULL,
  writer_id              INTEGER NOT NULL,
  seq                    INTEGER NOT NULL,
  source                 TEXT,
  config                 TEXT    NOT NULL,
  config_truncated_bytes INTEGER NOT NULL,
  config_sha256          TEXT,
  PRIMARY KEY (run_id, attempt_id, writer_id, seq)
) STRICT, WITHOUT ROWID;

-- An empty configuration is nobody's any more.
UPDATE run_attempts
   SET config_writer_id = NULL, config_seq = NULL
 WHERE ifnull(config, '{}') = '{}' AND config_truncated_bytes = 0 AND config_sha256 IS NULL;

-- The name that people read, given after the start; null leaves it.
ALTER TABLE run_annotations ADD COLUMN name TEXT;

PRAGMA user_version = 5;
