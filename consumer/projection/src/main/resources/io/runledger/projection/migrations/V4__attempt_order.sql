-- Points are read attempt after attempt, in the order of causes and not of clocks, without sorting
-- them; unique, so that SQLite knows that each attempt comes once.
CREATE UNIQUE INDEX run_attempts_in_order ON run_attempts (run_id, ordinal, attempt_id);

PRAGMA user_version = 4;
