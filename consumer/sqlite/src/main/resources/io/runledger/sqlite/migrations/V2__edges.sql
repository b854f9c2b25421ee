-- Columns become wider and lose constraints here. That changes no stored byte, so no table is copied:
-- only the words that describe them are, as https://www.sqlite.org/lang_altertable.html says.
PRAGMA writable_schema = ON;
-- Epochs may be fractions of one. A whole epoch stays an INTEGER, so that it reads as 5 and not as
-- 5.0; the columns hold both, hence ANY.
UPDATE sqlite_schema
   SET sql = replace(replace(replace(replace(replace(sql,
                 'min_epoch  INTEGER', 'min_epoch  ANY'),
                 'max_epoch  INTEGER', 'max_epoch  ANY'),
                 'last_epoch INTEGER', 'last_epoch ANY'),
                 'highest_epoch INTEGER', 'highest_epoch ANY'),
                 'epoch           INTEGER', 'epoch           ANY')
 WHERE type = 'table' AND name IN ('metric_points', 'metric_series', 'metric_summaries');
-- A clock may say a year that no text holds.
UPDATE sqlite_schema
   SET sql = replace(replace(replace(sql,
                 'created_at TEXT    NOT NULL', 'created_at TEXT'),
                 'created_at      TEXT    NOT NULL', 'created_at      TEXT'),
                 'created_at    TEXT    NOT NULL', 'created_at    TEXT')
 WHERE type = 'table' AND name IN ('run_results', 'run_errors', 'artifacts');
-- A number of an event may be the last one of 63 bits.
UPDATE sqlite_schema
   SET sql = replace(sql, 'last_seq + 1 - events', 'last_seq - events + 1')
 WHERE type = 'table' AND name = 'event_streams';
PRAGMA writable_schema = RESET;

DROP VIEW stream_gaps;
DROP INDEX event_streams_with_gaps;
CREATE INDEX event_streams_with_gaps ON event_streams (run_id) WHERE last_seq - events <> -1;
CREATE VIEW stream_gaps AS
SELECT run_id, attempt_id, writer_id, topic, missing, seen
  FROM event_streams
 WHERE last_seq - events <> -1;

-- The wire has doubles, which round whole numbers of more than 53 bits.
UPDATE metric_points
   SET epoch = iif(CAST(epoch AS REAL) >= 9223372036854775808.0, CAST(epoch AS REAL), CAST(CAST(epoch AS REAL) AS INTEGER))
 WHERE abs(epoch / 2) >= 4503599627370496;
UPDATE metric_series
   SET min_epoch = iif(CAST(min_epoch AS REAL) >= 9223372036854775808.0, CAST(min_epoch AS REAL), CAST(CAST(min_epoch AS REAL) AS INTEGER)),
       max_epoch = iif(CAST(max_epoch AS REAL) >= 9223372036854775808.0, CAST(max_epoch AS REAL), CAST(CAST(max_epoch AS REAL) AS INTEGER)),
       last_epoch = iif(CAST(last_epoch AS REAL) >= 9223372036854775808.0, CAST(last_epoch AS REAL), CAST(CAST(last_epoch AS REAL) AS INTEGER)),
       highest_epoch = iif(CAST(highest_epoch AS REAL) >= 9223372036854775808.0, CAST(highest_epoch AS REAL), CAST(CAST(highest_epoch AS REAL) AS INTEGER))
 WHERE max(abs(ifnull(min_epoch, 0) / 2),
           abs(ifnull(max_epoch, 0) / 2),
           abs(ifnull(last_epoch, 0) / 2),
           abs(ifnull(highest_epoch, 0) / 2)) >= 4503599627370496;
UPDATE metric_summaries
   SET min_epoch = iif(CAST(min_epoch AS REAL) >= 9223372036854775808.0, CAST(min_epoch AS REAL), CAST(CAST(min_epoch AS REAL) AS INTEGER)),
       max_epoch = iif(CAST(max_epoch AS REAL) >= 9223372036854775808.0, CAST(max_epoch AS REAL), CAST(CAST(max_epoch AS REAL) AS INTEGER)),
       last_epoch = iif(CAST(last_epoch AS REAL) >= 9223372036854775808.0, CAST(last_epoch AS REAL), CAST(CAST(last_epoch AS REAL) AS INTEGER)),
       highest_epoch = iif(CAST(highest_epoch AS REAL) >= 9223372036854775808.0, CAST(highest_epoch AS REAL), CAST(CAST(highest_epoch AS REAL) AS INTEGER))
 WHERE max(abs(ifnull(min_epoch, 0) / 2),
           abs(ifnull(max_epoch, 0) / 2),
           abs(ifnull(last_epoch, 0) / 2),
           abs(ifnull(highest_epoch, 0) / 2)) >= 4503599627370496;

-- The entries of an attempt's configuration whose values were masked as secrets, a sorted JSON array.
ALTER TABLE run_attempts ADD COLUMN masked_keys TEXT NOT NULL DEFAULT '[]';

-- The order of a run's attempts by causes before clocks, 1 for the oldest; and which attempt its
-- starter says it comes after.
ALTER TABLE run_attempts ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_attempts ADD COLUMN predecessor_writer_id INTEGER;
ALTER TABLE run_attempts ADD COLUMN predecessor_seq INTEGER;
ALTER TABLE run_attempts ADD COLUMN predecessor_attempt_id INTEGER;

-- What the functions of SQL for JSON cannot read is a JSON string from now on.
UPDATE run_attempts    SET config   = json_quote(config)   WHERE NOT json_valid(config);
UPDATE experiment_runs SET config   = json_quote(config)   WHERE NOT json_valid(config);
UPDATE run_results     SET results  = json_quote(results)  WHERE NOT json_valid(results);
UPDATE artifacts       SET metadata = json_quote(metadata) WHERE NOT json_valid(metadata);

-- A failed retry replaced what was wrong with a line of a spool.
UPDATE dead_letters
   SET reason = 'bad line'
 WHERE reason <> 'bad line' AND headers LIKE '%"runledger.bad-line"%';

-- Whoever deleted, restored or annotated a run under an id of their own lived no attempt of it.
DELETE FROM run_attempts AS a
 WHERE a.start_writer_id IS NULL
   AND a.last_heartbeat_us IS NULL
   AND NOT EXISTS (SELECT 1 FROM event_streams      e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id AND e.topic <> 'runledger.runs')
   AND NOT EXISTS (SELECT 1 FROM run_status_changes s WHERE s.run_id = a.run_id AND s.attempt_id = a.attempt_id)
   AND NOT EXISTS (SELECT 1 FROM run_results        r WHERE r.run_id = a.run_id AND r.attempt_id = a.attempt_id)
   AND NOT EXISTS (SELECT 1 FROM artifacts          f WHERE f.run_id = a.run_id AND f.attempt_id = a.attempt_id)
   AND NOT EXISTS (SELECT 1 FROM dropped_events     d WHERE d.run_id = a.run_id AND d.attempt_id = a.attempt_id);
DELETE FROM experiment_runs AS r
 WHERE NOT EXISTS (SELECT 1 FROM run_attempts a WHERE a.run_id = r.run_id);

-- Whoever opens the database next derives the rows of all runs once more.
INSERT INTO projection_info (name, value) VALUES ('derive_all', '2');
