"""The queries of ExperimentDB's methods, one per function."""

from __future__ import annotations

import json
import math
from typing import Dict, List, Optional, Union

from runledger.identity import to_text
from runledger.projection import Projection, Row

#: Whole numbers that SQLite keeps as such are smaller.
_MOST = 2.0**63

METRIC_COLUMNS = ("metric_name", "value", "step", "epoch", "timestamp")

COMPARISON_COLUMNS = (
    "run_id", "run_name", "final_train_loss", "final_val_loss", "best_val_loss", "best_epoch",
    "total_epochs",
)

LIST_COLUMNS = (
    "run_id", "run_name", "status", "notes", "created_at", "started_at", "finished_at", "config",
    "experiment", "dataset", "method", "subject", "cl_info", "seed", "metric_count",
    "best_val_loss",
)

_RUN = "SELECT * FROM runs WHERE run_id = ?"

_LAST_ATTEMPT = """
    SELECT last_attempt_id
      FROM experiment_runs
     WHERE run_id = ? AND last_attempt_id > 0
"""

_METRICS = """
    SELECT m.metric_name, m.value, m.step, m.epoch, m.timestamp
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
       AND (?2 IS NULL OR e.project = ?2)
     ORDER BY e.first_attempt_id, e.run_id
"""

_RUN_METRICS = """
    SELECT m.run_id, m.elapsed_seconds, m.epoch, m.step, m.loss, m.f1, m.accuracy, m.fitness,
           m.behavioral_comparison, m.gpu_memory_mb, m.timestamp
      FROM run_metrics  m
      JOIN run_attempts a ON a.run_id = m.run_id AND a.attempt_id = m.attempt_id
     WHERE m.run_id = ?
     ORDER BY a.ordinal, m.attempt_id, m.elapsed_seconds, m.writer_id, m.seq
"""

_LOWEST = """
    SELECT r.run_id, r.run_name, r.config, m.min_value AS best_value, m.min_step AS step,
           m.min_epoch AS epoch
      FROM metric_summaries m
      JOIN experiment_runs  r ON r.run_id = m.run_id
     WHERE m.name = ?1 AND m.min_value IS NOT NULL AND r.deleted = 0
       AND (?2 IS NULL OR r.project = ?2)
     ORDER BY m.min_value, r.first_attempt_id, r.run_id
     LIMIT 1
"""

_HIGHEST = """
    SELECT r.run_id, r.run_name, r.config, m.max_value AS best_value, m.max_step AS step,
           m.max_epoch AS epoch
      FROM metric_summaries m
      JOIN experiment_runs  r ON r.run_id = m.run_id
     WHERE m.name = ?1 AND m.max_value IS NOT NULL AND r.deleted = 0
       AND (?2 IS NULL OR r.project = ?2)
     ORDER BY m.max_value DESC, r.first_attempt_id, r.run_id
     LIMIT 1
"""


def run(projection: Projection, run_id: int) -> Row:
    """A run with its configuration and tags parsed. Raises ValueError for one that is not there."""
    found = projection.one(_RUN, (run_id,))
    if found is None:
        raise ValueError(f"Run {run_id} ({to_text(run_id)}) not found in {projection.path}.")
    return _parsed(found)


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
    epochs = [row["highest_epoch"] for row in of.values() if row["highest_epoch"] is not None]
    return {
        "run_id": run_id,
        "run_name": found["run_name"],
        "final_train_loss": train.get("last_value"),
        "final_val_loss": validation.get("last_value"),
        "best_val_loss": validation.get("min_value"),
        "best_epoch": validation.get("min_epoch"),
        # Epochs are counted from 0.
        "total_epochs": math.floor(max(epochs)) + 1 if epochs else 0,
    }


def newest(
    projection: Projection, limit: Optional[int], project: Optional[str] = None
) -> List[Row]:
    """The runs that began last, the newest first; None means all."""
    bounds = (-1 if limit is None else limit, project)
    return [_parsed(row) for row in projection.rows(_NEWEST, bounds)]


def all_runs(
    projection: Projection, experiment: Optional[str], project: Optional[str] = None
) -> List[Row]:
    """All runs, or those of one experiment, in the order in which they began."""
    return [_parsed(row) for row in projection.rows(_ALL, (experiment, project))]


def run_metrics(projection: Projection, run_id: int) -> List[Row]:
    """One row per log call, with the metrics that have a column."""
    return projection.rows(_RUN_METRICS, (run_id,))


def best(
    projection: Projection, metric: str, lowest: bool, project: Optional[str] = None
) -> Row:
    """The run with the best value. Raises ValueError where no run has a number of this metric."""
    found = projection.one(_LOWEST if lowest else _HIGHEST, (metric, project))
    if found is None:
        raise ValueError(f"No run has a value of the metric {metric!r} in {projection.path}.")
    return _parsed(found)


def _epoch(epoch: Optional[float]) -> Union[int, float, None]:
    """The step as it was logged: a whole one is an int. The views have all of them as REAL."""
    if epoch is None or not epoch.is_integer() or not -_MOST <= epoch < _MOST:
        return epoch
    return int(epoch)


def _parsed(row: Row) -> Row:
    parsed = dict(row)
    absent: Dict[str, object] = {"config": {}, "tags": []}
    for column, otherwise in absent.items():
        if column in parsed:
            text = parsed[column]
            parsed[column] = json.loads(text) if text else otherwise
    return parsed
