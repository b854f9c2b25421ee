-- Epochs may be fractions of one. A whole epoch stays an INTEGER, so that it reads as 5 and not as
-- 5.0; the columns hold both, hence ANY. That changes no stored byte, so the tables are not copied:
-- only the words that describe them are, as https://www.sqlite.org/lang_altertable.html says.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
   SET sql = replace(replace(replace(replace(replace(sql,
                 'min_epoch  INTEGER', 'min_epoch  ANY'),
                 'max_epoch  INTEGER', 'max_epoch  ANY'),
                 'last_epoch INTEGER', 'last_epoch ANY'),
                 'highest_epoch INTEGER', 'highest_epoch ANY'),
                 'epoch           INTEGER', 'epoch           ANY')
 WHERE type = 'table' AND name IN ('metric_points', 'metric_series', 'metric_summaries');
PRAGMA writable_schema = RESET;

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

-- What is not JSON is refused since this version. What older ones took becomes a JSON text, because
-- json_extract fails for all rows at the first that it cannot parse.
UPDATE run_attempts    SET config   = json_quote(config)   WHERE NOT json_valid(config);
UPDATE experiment_runs SET config   = json_quote(config)   WHERE NOT json_valid(config);
UPDATE run_results     SET results  = json_quote(results)  WHERE NOT json_valid(results);
UPDATE artifacts       SET metadata = json_quote(metadata) WHERE NOT json_valid(metadata);
