-- Points are read attempt after attempt, in the order of causes and not of clocks, without sorting
-- them; unique, so that SQLite knows that each attempt comes once.
CREATE UNIQUE INDEX run_attempts_in_order ON run_attempts (run_id, ordinal, attempt_id);

-- Like all views it shows no deleted run.
DROP VIEW stream_gaps;
CREATE VIEW stream_gaps AS
SELECT s.run_id, s.attempt_id, s.writer_id, s.topic, s.missing, s.seen
  FROM event_streams s
  JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
 WHERE s.last_seq - s.events <> -1;

PRAGMA user_version = 4;
