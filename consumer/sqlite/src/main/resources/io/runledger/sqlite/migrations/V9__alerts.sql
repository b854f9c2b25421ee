-- What rules of the service found, once for each cause. Neither table is a function of the events alone: it depends on
-- the rules of the time and on the service's clock. So no canonical dump contains them, and a rebuild takes their rows
-- over. Instants named ..._us are the job's, texts the service's; both UTC.
CREATE TABLE alert_firings (
  rule       TEXT    NOT NULL,
  run_id     INTEGER NOT NULL REFERENCES experiment_runs (run_id),
  cause      TEXT    NOT NULL,               -- what fired it: follows from the events alone
  alert_id   TEXT    NOT NULL UNIQUE,        -- follows from rule, run and cause; what receivers know it by
  condition  TEXT    NOT NULL,               -- the rule in words, as it was then
  attempt_id INTEGER NOT NULL,
  status     TEXT,                           -- the status that the attempt got
  metric     TEXT,
  writer_id  INTEGER,                        -- who logged the value
  first_seq  INTEGER,                        -- of the streak of values, its first
  step       INTEGER,                        -- of the value that made it long enough
  value      ANY,                            -- that value; NULL next to a metric is NaN
  at_us      INTEGER NOT NULL,               -- when that was; of a pause, when the last value came before it
  late       INTEGER NOT NULL,               -- 1: too old to be delivered
  fired_at   TEXT    NOT NULL,
  ended_seq  INTEGER,                        -- the value that ended the streak
  ended_at   TEXT,                           -- when it was found to hold no longer
  PRIMARY KEY (rule, run_id, cause)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_firings_by_time ON alert_firings (fired_at, alert_id);
CREATE INDEX alert_firings_by_run ON alert_firings (run_id);

-- To whom firings went, or go.
CREATE TABLE alert_deliveries (
  alert_id     TEXT    NOT NULL REFERENCES alert_firings (alert_id),
  delivery     TEXT    NOT NULL,             -- its name in the file of rules
  state        TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  tries        INTEGER NOT NULL DEFAULT 0,
  next_try_ms  INTEGER NOT NULL,             -- milliseconds since 1970 by the service's clock
  delivered_at TEXT,
  last_error   TEXT,
  PRIMARY KEY (alert_id, delivery)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_deliveries_pending ON alert_deliveries (delivery, next_try_ms) WHERE state = 'pending';

-- The runs in which values can be missed, whatever the number of those that ended.
CREATE INDEX experiment_runs_running ON experiment_runs (run_id) WHERE status = 'running';

PRAGMA user_version = 9;
