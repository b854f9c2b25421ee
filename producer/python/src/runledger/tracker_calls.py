"""The calls of the trackers before Runledger: their arguments, and the rows that they know."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple

from runledger.identity import RunKey, parse_id, plain_int, to_text
from runledger.projection import Row

#: The metrics that ``log_metrics`` takes by position, in the order of the tracker with five tables.
METRICS_BY_POSITION = (
    "train_loss", "test_loss", "f1_score", "best_fitness", "mean_pct_diff", "std_pct_diff",
    "gpu_memory_mb",
)

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")

#: What a text of ``cl_info`` is as the column ``use_cl_info``.
_FLAGS = {"True": 1, "true": 1, "1": 1, "False": 0, "false": 0, "0": 0}


class TrackerRow(Dict[str, Any]):
    """A row as a dict; like a ``sqlite3.Row`` it gives its values by their position, too."""

    def __missing__(self, key: object) -> Any:
        if isinstance(key, int):
            return list(self.values())[key]
        raise KeyError(key)


def number_of(run_id: Any) -> int:
    """The number of a run. One that is too small for an id is no error here: there is no such run.

    Raises ValueError for what is not an id.
    """
    try:
        return parse_id(run_id)
    except ValueError:
        if _is_whole(run_id) and -(2**63) <= plain_int(run_id) <= 0:
            return plain_int(run_id)
        raise


def ids_of(run_ids: Any) -> Iterable[Any]:
    """The ids to compare. TypeError: it is a single one, or not a list of them."""
    if isinstance(run_ids, (str, bytes)) or not callable(getattr(type(run_ids), "__iter__", None)):
        raise TypeError(f"compare_runs needs a list of run_ids, not {str(run_ids)[:100]!r}.")
    ids: Iterable[Any] = run_ids
    return ids


def at_most(name: str, value: Any) -> Optional[int]:
    """A largest number of rows; None for all. TypeError: it is not a whole number."""
    if value is None:
        return None
    try:
        # A database takes these for numbers as well.
        if isinstance(value, str) or (isinstance(value, float) and value.is_integer()):
            return int(value)
        return plain_int(value)
    except Exception:  # of the user's own type
        raise TypeError(f"{name} must be a whole number or None, not {str(value)[:100]!r}.") from None


def not_found(number: int, path: str, more: str = "") -> ValueError:
    """What those match on who know the trackers, with what else is known."""
    shown = f"its id would be {to_text(number)}{more}" if number > 0 else "ids are positive"
    return ValueError(f"Run {number} not found in database {path}: {shown}.")


def one_of(method: str, **given: Any) -> Any:
    """The value of one argument that has several names. TypeError: more than one was given."""
    values = [(name, value) for name, value in given.items() if value is not None]
    if len(values) > 1:
        names = " and ".join(name for name, _ in values)
        raise TypeError(f"{method} got {names}, which are two names for the same argument.")
    return values[0][1] if values else None


def cl_info_of(use_cl_info: Any) -> Any:
    """The part of the key: a flag is True or False, and 1 and 0 are the same flags."""
    if type(use_cl_info).__name__ in ("bool", "bool_") or _is_flag(use_cl_info):
        return str(bool(use_cl_info))
    return use_cl_info


def _is_flag(value: Any) -> bool:
    return _is_whole(value) and plain_int(value) in (0, 1)


def _is_whole(value: Any) -> bool:
    try:
        plain_int(value)
        return True
    except Exception:  # of the user's own type
        return False


def same_keys(key: RunKey) -> Tuple[RunKey, ...]:
    """The keys that a tracker with a flag in its key took for one and the same."""
    flag = _FLAGS.get(key.cl_info or "")
    if flag is None:
        return (key,)
    others = [text for text, value in _FLAGS.items() if value == flag and text != key.cl_info]
    return (key, *(key._replace(cl_info=text) for text in others))


def measured(
    elapsed: Any, epoch: Any, values: Sequence[Any], named: Mapping[str, Any]
) -> Tuple[Any, Any, Dict[str, Any]]:
    """The time, the epoch and the metrics of ``log_metrics``, which takes a dict in any place.

    None means not measured. TypeError: too many values, or two of one name.
    """
    found: Dict[str, Any] = {}
    place = 0
    for each in (elapsed, epoch, *values, named):
        if _is_mapping(each):
            _add(found, each)
    for each in values:
        if _is_mapping(each):
            continue
        if place == len(METRICS_BY_POSITION):
            raise TypeError(
                f"log_metrics takes {place} metrics by position ({', '.join(METRICS_BY_POSITION)})."
                " Name the others, or pass a dict."
            )
        _add(found, {METRICS_BY_POSITION[place]: each})
        place += 1
    return None if _is_mapping(elapsed) else elapsed, None if _is_mapping(epoch) else epoch, found


def _is_mapping(value: object) -> bool:
    return callable(getattr(value, "items", None)) and callable(getattr(value, "keys", None))


def _add(found: Dict[str, Any], more: Any) -> None:
    for name, value in more.items():
        if name == "metrics" and _is_mapping(value):
            _add(found, value)
        elif value is not None and name in found:
            raise TypeError(f"log_metrics got two values for {name!r}.")
        elif value is not None:
            found[name] = value


def slurm_job(job: Any, task: Any, environment: Mapping[str, str]) -> Optional[Dict[str, object]]:
    """The job to record in place of the one of the environment; None where that is the same.

    ValueError: an id is not a whole number, or there is a task without a job.
    """
    here = environment.get("SLURM_JOB_ID"), environment.get("SLURM_ARRAY_TASK_ID")
    job_id = None if job is None else _whole("slurm_job_id", job)
    task_id = None if task is None else _whole("slurm_array_task_id", task)
    job_id = _here(here[0]) if job_id is None else job_id
    if job_id is None:
        if task_id is not None:
            raise ValueError("slurm_array_task_id needs the slurm_job_id of its job.")
        return None
    is_here = str(job_id) == here[0]
    if is_here and (task_id is None or str(task_id) == here[1]):
        return None
    found: Dict[str, object] = {
        "cluster": environment.get("SLURM_CLUSTER_NAME", ""), "job_id": job_id, "restart_count": 0
    }
    if task_id is not None:
        found["array_task_id"] = task_id
    return found


def _here(text: Optional[str]) -> Optional[int]:
    try:
        return int(text or "")
    except ValueError:
        return None


def _whole(name: str, value: Any) -> int:
    try:
        return int(value) if isinstance(value, str) else plain_int(value)
    except Exception:  # of the user's own type
        raise ValueError(f"The {name} {str(value)[:100]!r} is not a whole number.") from None


def run_row(row: Row) -> TrackerRow:
    """A row of a run with the columns of both trackers: ``config`` parsed, and as ``config_json``."""
    parsed = TrackerRow(row)
    if "config" in row:
        parsed["config"] = json.loads(row["config"]) if row["config"] else {}
    if "tags" in row:
        parsed["tags"] = json.loads(row["tags"]) if row["tags"] else []
    if "experiment" in row:
        config = parsed.get("config")
        parsed["experiment_number"] = _number(row["experiment"])
        parsed["use_cl_info"] = _FLAGS.get(row["cl_info"] or "", row["cl_info"])
        parsed["config_json"] = row.get("config")
        parsed["gpu_id"] = config.get("gpu_id") if isinstance(config, dict) else None
        times = (row.get("finished_at"), row.get("started_at"), row.get("created_at"))
        parsed["updated_at"] = next((time for time in times if time), None)
    return parsed


def _number(text: Optional[str]) -> Any:
    """The number of an experiment as it was given: ``create_run`` makes texts of all of them."""
    return int(text) if text is not None and _WHOLE.fullmatch(text) else text

