-- The summary of a run: for each name the newest value of all of its results, in the order of attempts,
-- writers and numbers. A number and a text stand as they are, all else as its JSON; a null is NULL.
CREATE VIEW run_summary AS
SELECT run_id, name, value
  FROM (SELECT f.run_id, e.key AS name,
               CASE WHEN e.type IN ('true', 'false') THEN e.type ELSE e.value END AS value,
               row_number() OVER (
                 PARTITION BY f.run_id, e.key
                     ORDER BY a.ordinal DESC, f.attempt_id DESC, f.writer_id DESC, f.seq DESC, e.id DESC) AS place
          FROM run_results f
          JOIN experiment_runs r ON r.run_id = f.run_id AND r.deleted = 0
          LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
          JOIN json_each(f.results) e
         WHERE json_type(f.results) = 'object')
 WHERE place = 1;

PRAGMA user_version = 8;

PRAGMA user_version = 8;
