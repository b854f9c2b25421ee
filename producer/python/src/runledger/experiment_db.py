"""The interface of the trackers before Runledger: writes go to the spool, reads to the database."""

from __future__ import annotations

import logging
import os
from typing import Any, Dict, Iterable, List, Mapping, Optional, Type, Union

from runledger import run_tables
from runledger.frames import table
from runledger.freshness import wait_for_own_events
from runledger.configuration import absolute
from runledger.identity import IDS, parse_id, to_text
from runledger.json_values import config_values, text_of
from runledger.projection import Projection, Row
from runledger.recording import ENDS, STATUSES
from runledger.run import Run
from runledger.settings import Settings
from runledger.starting import init, joined_run

_LOG = logging.getLogger("runledger")

RunIdLike = Union[int, str]


class ExperimentDB:
    """Records runs and queries recorded ones, with the methods of the earlier SQLite trackers. A

    run_id is the number of a run; its 13 characters are accepted wherever a number is, and a

    float,
    which holds 53 of its 63 bits, is refused with a ValueError. What is
    written is in the spool when a call returns. A read waits up to ``wait`` seconds until the
    database has what this process has written about the runs in question; after that it logs a
    warning and reads what is there. Reads raise FileNotFoundError where there is no database. Thread-safe.

    Runs keep the status that ``update_run_status`` gave them: the end of the process changes none,
    because other processes may continue a run.
    """

    def __init__(
        self,
        db_path: Union[str, os.PathLike[str], None] = None,
        spool: Union[str, os.PathLike[str], None] = None,
        wait: float = 10.0,
    ) -> None:
        """``db_path`` is a database of Runledger; any other path means the configured one."""
        settings = Settings.read()
        if spool is not None:
            directory = absolute(os.fsdecode(spool))
            settings = settings._replace(spool=directory)
        self._settings = settings
        self._projection = Projection.at(db_path, settings.database)
        self._wait = wait
        # Only ever changed by one operation of dict at a time, which needs no lock.
        self._runs: Dict[int, Run] = {}

    # ---- writing

    def log_run(
        self, run_name: str, config: object = None, notes: Optional[str] = None
    ) -> int:
        """Begins a separate run in the project ``default``; returns its run_id."""
        return self._begun(
            init(name=run_name, project="default", config=config, notes=notes, **self._place())
        )

    def create_run(
        self,
        experiment_num: Union[int, str, None] = None,
        dataset: Optional[str] = None,
        method: Optional[str] = None,
        subject: Union[int, str, None] = None,
        cl_info: Optional[str] = None,
        seed: Optional[int] = None,
        config: object = None,
        slurm_job_id: Optional[int] = None,
        slurm_array_task_id: Optional[int] = None,
        *,
        experiment: Union[int, str, None] = None,
        notes: Optional[str] = None,
        tags: Iterable[str] = (),
    ) -> int:
        """Begins an attempt of the run with this key, pending; returns its run_id.

        The same key is the same run, and the same run_id. The SLURM ids are taken from the
        environment of the job; ids given here that differ are put into the configuration.
        ValueError: no part of the key was given, or the seed is not a valid one.
        """
        number = experiment_num if experiment is None else experiment
        if all(part is None for part in (number, dataset, method, subject, cl_info, seed)):
            raise ValueError("A run needs an experiment, dataset, method, subject, cl_info or seed.")
        run = init(
            number, dataset, method, subject, cl_info, seed,
            config=_with_slurm(config, slurm_job_id, slurm_array_task_id),
            notes=notes, tags=tags, **self._place(),
        )
        # A worker that runs the main module again must not begin a run.
        run.status("pending")
        return self._begun(run)

    def _place(self) -> Dict[str, Any]:
        # A process may have thousands of these runs open, of which it is no part itself.
        return {"spool": self._settings.spool, "mode": self._settings.mode, "system": False}

    def _begun(self, run: Run) -> int:
        run._owned = False
        run._speaks = run._shared = True
        self._runs[run.number] = run
        return run.number

    def log_metric(
        self,
        run_id: RunIdLike,
        metric_name: str,
        value: float,
        step: Optional[int] = None,
        epoch: Optional[float] = None,
    ) -> None:
        """Logs one value. ValueError: the run is unknown."""
        name = metric_name if type(metric_name) is str else text_of(metric_name)
        self._run(run_id).log({name: value}, step=step, epoch=epoch)

    def log_metrics(
        self,
        run_id: RunIdLike,
        elapsed_seconds: Optional[float] = None,
        epoch: Optional[float] = None,
        step: Optional[int] = None,
        **metrics: Any,
    ) -> None:
        """Logs the metrics of one moment; None means not measured. ValueError: the run is unknown."""
        measured = {name: value for name, value in metrics.items() if value is not None}
        self._run(run_id).log(measured, step=step, epoch=epoch, elapsed_seconds=elapsed_seconds)

    def log_artifact(
        self,
        run_id: RunIdLike,
        artifact_type: str,
        filepath: Union[str, os.PathLike[str]],
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Records a file with its size and hash. ValueError: the run is unknown."""
        self._run(run_id).log_artifact(artifact_type, filepath, metadata)

    def log_error(
        self,
        run_id: RunIdLike,
        exception: Union[BaseException, Type[BaseException], str],
        message: Optional[str] = None,
        traceback: Optional[str] = None,
    ) -> None:
        """Records an exception, or type, message and traceback. ValueError: the run is unknown."""
        self._run(run_id).log_error(exception, message, traceback)

    def log_results(self, run_id: RunIdLike, results: Mapping[str, Any]) -> None:
        """Records final results. ValueError: the run is unknown."""
        self._run(run_id).results(results)

    def update_run_status(
        self, run_id: RunIdLike, status: str, exit_code: Optional[int] = None
    ) -> None:
        """Sets one of the five statuses. ValueError: it is another word, or the run is unknown."""
        if status not in STATUSES:
            raise ValueError(f"The status {status!r} is not one of {', '.join(STATUSES)}.")
        run = self._run(run_id)
        run.status(status, exit_code=exit_code)
        if status in ENDS:
            run._release()

    def _run(self, run_id: RunIdLike) -> Run:
        number = parse_id(run_id)
        run = self._runs.get(number)
        if run is not None:
            return run
        disabled = self._settings.mode == "disabled"
        attempt = IDS.next() if disabled else run_tables.last_attempt(self._projection, number)
        if attempt is None:
            raise ValueError(
                f"Run {number} ({to_text(number)}) not found: it is not a run of this process and"
                f" not in {self._projection.path}."
            )
        return self._runs.setdefault(number, joined_run(number, attempt, self._settings))

    # ---- reading

    def get_run(self, run_id: RunIdLike) -> Row:
        """A run as a dict, ``config`` parsed. ValueError: there is no such run."""
        number = parse_id(run_id)
        return run_tables.run(self._fresh([number]), number)

    def get_metrics(
        self,
        run_id: RunIdLike,
        metric_name: Optional[str] = None,
        as_frame: Optional[bool] = None,
    ) -> Any:
        """The points of a run in their order: metric_name, value, step, epoch, timestamp (UTC).

        A DataFrame, or a list of dicts without pandas or with ``as_frame=False``. What a resumed
        attempt computed again appears once.
        """
        number = parse_id(run_id)
        rows = run_tables.metrics(self._fresh([number]), number, metric_name)
        return table(rows, run_tables.METRIC_COLUMNS, as_frame)

    def compare_runs(
        self, run_ids: Iterable[RunIdLike], as_frame: Optional[bool] = None
    ) -> Any:
        """One row per run with its losses ``train/loss`` and ``val/loss``; missing runs are left out."""
        numbers = [parse_id(run_id) for run_id in run_ids]
        projection = self._fresh(numbers)
        rows = []
        for number in numbers:
            try:
                rows.append(run_tables.comparison(projection, number))
            except ValueError as trouble:
                _LOG.warning("compare_runs: %s", trouble)
        return table(rows, run_tables.COMPARISON_COLUMNS, as_frame)

    def list_runs(self, limit: Optional[int] = 10, as_frame: Optional[bool] = None) -> Any:
        """The newest runs first, at most ``limit``; None means all."""
        rows = run_tables.newest(self._fresh(None), limit)
        return table(rows, run_tables.LIST_COLUMNS, as_frame)

    def get_best_run(self, metric_name: str, mode: str = "min") -> Row:
        """The run with the best value: run_id, run_name, best_value, step, epoch, config.

        NaN is never best. ValueError: ``mode`` is neither ``min`` nor ``max``, or no run has a value
        of the metric.
        """
        if mode not in ("min", "max"):
            raise ValueError(f"The mode {mode!r} is neither 'min' nor 'max'.")
        return run_tables.best(self._fresh(None), metric_name, mode == "min")

    def get_all_runs(self, experiment: Union[int, str, None] = None) -> List[Row]:
        """All runs, or those of one experiment, as dicts in the order in which they began."""
        return run_tables.all_runs(
            self._fresh(None), None if experiment is None else str(experiment)
        )

    def get_run_metrics(self, run_id: RunIdLike) -> List[Row]:
        """One dict per log call: elapsed_seconds, epoch, step, loss, f1 and the like."""
        number = parse_id(run_id)
        return run_tables.run_metrics(self._fresh([number]), number)

    def _fresh(self, runs: Optional[List[int]]) -> Projection:
        wait_for_own_events(self._projection, runs, self._wait)
        return self._projection


def _with_slurm(config: object, job: Optional[int], task: Optional[int]) -> object:
    """Keeps ids given from outside the job, such as by a script that submits it."""
    told = {
        name: value
        for name, value, here in (
            ("slurm_job_id", job, os.environ.get("SLURM_JOB_ID")),
            ("slurm_array_task_id", task, os.environ.get("SLURM_ARRAY_TASK_ID")),
        )
        if value is not None and str(value) != here
    }
    if not told:
        return config
    if config is None:
        return told
    return {**config_values(config), **told}
