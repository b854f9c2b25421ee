"""The queries of ExperimentDB's methods, one per function."""

from __future__ import annotations

import json
import math
from typing import Iterable, List, Optional, Union

from runledger.projection import Projection, Row
from runledger.tracker_calls import METRICS_BY_POSITION, TrackerRow, not_found, run_row

#: Whole numbers that SQLite keeps as such are smaller.
_MOST = 2.0**63

METRIC_COLUMNS = ("metric_id", "run_id", "metric_name", "value", "step", "epoch", "timestamp")

COMPARISON_COLUMNS = (
    "run_id", "run_name", "created_at", "status", "final_train_loss", "final_val_loss",
    "best_val_loss", "best_epoch", "total_epochs",
)

LIST_COLUMNS = ("run_id", "run_name", "created_at", "status", "notes")

ALL_LIST_COLUMNS = (
    "run_id", "run_name", "status", "notes", "created_at", "started_at", "finished_at", "config",
    "experiment", "dataset", "method", "subject", "cl_info", "seed", "metric_count",
    "best_val_loss",
)

#: The metrics that have a column of the view.
_MEASURED = frozenset(("loss", "f1", "accuracy", "fitness", "behavioral_comparison", "gpu_memory_mb"))

_RUN = "SELECT * FROM runs WHERE run_id = ?"

_LAST_ATTEMPT = """
    SELECT last_attempt_id
      FROM experiment_runs
     WHERE run_id = ? AND last_attempt_id > 0
"""

_METRICS = """
    SELECT m.metric_id, m.run_id, m.metric_name, m.value, m.step, m.epoch, m.timestamp
      FROM raw_metrics  m
      JOIN run_attempts a ON a.run_id = m.run_id AND a.attempt_id = m.attempt_id
     WHERE m.run_id = ?1
       AND (?2 IS NULL OR m.metric_name = ?2)
       AND NOT m.superseded
     ORDER BY a.ordinal, m.attempt_id, m.time_us, m.writer_id, m.seq, m.metric_name
"""

_SUMMARIES = """
    SELECT name, min_value, min_epoch, last_value, highest_epoch
      FROM metric_summaries
     WHERE run_id = ?
"""

#: Of the first epoch logged and the last; 'runledger compare' counts them in the same way.
_EPOCHS = """
    SELECT (SELECT max(m.highest_epoch) FROM metric_summaries m WHERE m.run_id = ?1) AS last,
           (SELECT min((SELECT p.epoch FROM metric_points p
                         WHERE p.series_id = s.series_id
                         ORDER BY p.seq LIMIT 1))
              FROM metric_series s
             WHERE s.run_id = ?1) AS first
"""

_NEWEST = """
    SELECT r.*,
           (SELECT coalesce(sum(count), 0) FROM metric_summaries m WHERE m.run_id = r.run_id)
             AS metric_count,
           (SELECT min_value FROM metric_summaries m
             WHERE m.run_id = r.run_id AND m.name = 'val/loss') AS best_val_loss
      FROM experiment_runs r
     WHERE r.deleted = 0
       AND (?2 IS NULL OR r.project = ?2)
     ORDER BY r.first_attempt_id DESC, r.run_id DESC
     LIMIT ?1
"""

_ALL = """
    SELECT r.*
      FROM experiment_runs e
      JOIN runs r ON r.run_id = e.run_id
     WHERE (?1 IS NULL OR e.experiment = ?1)
       AND (?2 IS NULL OR e.status = ?2)
       AND (?3 IS NULL OR e.project = ?3)
     ORDER BY e.first_attempt_id DESC, e.run_id DESC
"""

_RUN_METRICS = """
    SELECT m.run_id, m.elapsed_seconds, m.epoch, m.step, m.loss, m.f1, m.accuracy, m.fitness,
           m.behavioral_comparison, m.gpu_memory_mb, m.timestamp, m.metrics
      FROM run_metrics  m
      JOIN run_attempts a ON a.run_id = m.run_id AND a.attempt_id = m.attempt_id
     WHERE m.run_id = ?
     ORDER BY a.ordinal, m.attempt_id, m.elapsed_seconds, m.writer_id, m.seq
"""

_LOWEST = """
    SELECT r.run_id, r.run_name, r.config, m.min_value AS best_value, m.min_epoch AS best_epoch,
           m.min_step AS step, m.min_epoch AS epoch
      FROM metric_summaries m
      JOIN experiment_runs  r ON r.run_id = m.run_id
     WHERE m.name = ?1 AND m.min_value IS NOT NULL AND r.deleted = 0
       AND (?2 IS NULL OR r.project = ?2)
     ORDER BY m.min_value, r.first_attempt_id, r.run_id
     LIMIT 1
"""

_HIGHEST = """
    SELECT r.run_id, r.run_name, r.config, m.max_value AS best_value, m.max_epoch AS best_epoch,
           m.max_step AS step, m.max_epoch AS epoch
      FROM metric_summaries m
      JOIN experiment_runs  r ON r.run_id = m.run_id
     WHERE m.name = ?1 AND m.max_value IS NOT NULL AND r.deleted = 0
       AND (?2 IS NULL OR r.project = ?2)
     ORDER BY m.max_value DESC, r.first_attempt_id, r.run_id
     LIMIT 1
"""


def run(projection: Projection, run_id: int) -> Row:
    """A run with its configuration and tags parsed. Raises ValueError for one that is not there."""
    found = run_or_none(projection, run_id)
    if found is None:
        raise not_found(run_id, projection.path)
    return found


def run_or_none(projection: Projection, run_id: int) -> Optional[Row]:
    """A run as above, or None for one that is not there."""
    found = projection.one(_RUN, (run_id,))
    return None if found is None else run_row(found)


def last_attempt(projection: Projection, run_id: int) -> Optional[int]:
    """The id of the newest attempt; None where the run is not known."""
    found = projection.one(_LAST_ATTEMPT, (run_id,))
    return None if found is None else int(found["last_attempt_id"])


def metrics(projection: Projection, run_id: int, name: Optional[str]) -> List[Row]:
    """The points of a run in the order in which they were logged; NaN is NaN again."""
    rows = projection.rows(_METRICS, (run_id, name))
    for row in rows:
        if row["value"] is None:
            row["value"] = math.nan
        row["epoch"] = _epoch(row["epoch"])
    return rows


def comparison(projection: Projection, run_id: int) -> Row:
    """The row of a run in a comparison. Raises ValueError for one that is not there."""
    found = run(projection, run_id)
    of = {row["name"]: row for row in projection.rows(_SUMMARIES, (run_id,))}
    train, validation = of.get("train/loss", {}), of.get("val/loss", {})
    epochs = projection.one(_EPOCHS, (run_id,)) or {}
    return {
        "run_id": run_id,
        "run_name": found["run_name"],
        "created_at": found["created_at"],
        "status": found["status"],
        "final_train_loss": train.get("last_value"),
        "final_val_loss": validation.get("last_value"),
        "best_val_loss": validation.get("min_value"),
        "best_epoch": validation.get("min_epoch"),
        "total_epochs": total_epochs(epochs.get("first"), epochs.get("last")),
    }


def total_epochs(first: Optional[float], last: Optional[float]) -> int:
    """How many epochs there are from the first to the last; 0 where none was logged.

    Whole ones are counted. Fractions say how far the training is: of these it is the way between.
    """
    if first is None or last is None:
        return 0
    whole = float(first).is_integer() and float(last).is_integer()
    return math.ceil(last) - math.floor(first) + (1 if whole else 0)


def newest(
    projection: Projection, limit: Optional[int], project: Optional[str] = None
) -> List[Row]:
    """The runs that began last, the newest first; None means all."""
    bounds = (-1 if limit is None else limit, project)
    return [run_row(row) for row in projection.rows(_NEWEST, bounds)]


def all_runs(
    projection: Projection,
    experiment: Optional[str],
    status: Optional[str],
    project: Optional[str] = None,
) -> List[Row]:
    """All runs, or those of one experiment or status, the newest first."""
    return [run_row(row) for row in projection.rows(_ALL, (experiment, status, project))]


def run_metrics(projection: Projection, run_id: int, most: Optional[int]) -> List[Row]:
    """One row per log call: all have the same keys, the names of the run's metrics among them.

    ``most``: of more rows, as many as that at equal distances.
    """
    rows = projection.rows(_RUN_METRICS, (run_id,))
    for place, row in enumerate(rows, 1):
        row["metric_id"] = place
        row["metrics"] = {
            name: math.nan if value is None else value
            for name, value in json.loads(row["metrics"]).items()
        }
    if most is not None:
        rows = rows[:: max(1, -(-len(rows) // max(1, most)))]
    names = dict.fromkeys((*METRICS_BY_POSITION, *(name for row in rows for name in row["metrics"])))
    return [_call(row, names) for row in rows]


def _call(row: Row, names: Iterable[str]) -> Row:
    """A log call with the names of both trackers: a metric called like another column is in ``metrics``."""
    logged = row["metrics"]
    row["epoch"] = _epoch(row["epoch"])
    found = TrackerRow(
        metric_id=row["metric_id"], run_id=row["run_id"], elapsed_time=row["elapsed_seconds"],
        epoch_or_generation=row["epoch"],
    )
    taken = {*found, *row}
    found.update((name, logged.get(name)) for name in names if name not in taken)
    found.update(row)
    # The view has null for NaN, too.
    found.update((name, logged[name]) for name in _MEASURED if name in logged)
    return found


def best(
    projection: Projection, metric: str, lowest: bool, project: Optional[str] = None
) -> Row:
    """The run with the best value. Raises ValueError where no run has a number of this metric."""
    found = projection.one(_LOWEST if lowest else _HIGHEST, (metric, project))
    if found is None:
        raise ValueError(f"No runs found with metric {metric!r} in {projection.path}.")
    return run_row({**found, "best_epoch": _epoch(found["best_epoch"]), "epoch": _epoch(found["epoch"])})


def _epoch(epoch: Union[int, float, None]) -> Union[int, float, None]:
    """The step as it was logged: a whole one is an int. The views have all of them as REAL."""
    if epoch is None or isinstance(epoch, int) or not epoch.is_integer() or not -_MOST <= epoch < _MOST:
        return epoch
    return int(epoch)

