-- What readers of many runs read a page at a time is found in its order, and not sorted for each page.
-- SQLite uses an index on an expression where a statement has the same expression, word by word.

-- The newest errors of all runs, and of one attempt; those without a time go last.
CREATE INDEX run_errors_by_time ON run_errors (ifnull(created_at, ''), attempt_id, writer_id, seq);
CREATE INDEX run_errors_of_attempt ON run_errors (run_id, attempt_id, ifnull(created_at, ''), writer_id, seq);

-- The attempts that failed, the last to end first; a year that is not one of 1 to 9999 is no time.
CREATE INDEX run_attempts_failed ON run_attempts (
  iif(finished_us BETWEEN -62135596800000000 AND 253402300799999999, finished_us, -62135596800000001), attempt_id, run_id
) WHERE status IN ('failed', 'timeout');

-- The jobs of the newest attempts.
CREATE INDEX slurm_jobs_by_attempt ON slurm_jobs (attempt_id, cluster, slurm_job_id, run_id);

PRAGMA user_version = 6;
