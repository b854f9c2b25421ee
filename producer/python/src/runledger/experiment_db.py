"""The interface of the trackers before Runledger: writes go to the spool, reads to the database."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Type, Union, cast

from runledger import lineage, open_runs, run_tables, spooled_runs
from runledger.configuration import absolute
from runledger.frames import table
from runledger.freshness import wait_for_events
from runledger.identity import IDS, parse_id, to_text
from runledger.json_values import config_values, text_of
from runledger.projection import Projection, Row
from runledger.recording import ENDS, STATUSES
from runledger.run import Run
from runledger.settings import Settings
from runledger.starting import init, joined_run

if TYPE_CHECKING:
    from runledger.desk import Desk

_LOG = logging.getLogger("runledger")

RunIdLike = Union[int, str]

#: Stands for the project that the path names.
_OF_PATH: Any = type("OfPath", (), {"__repr__": lambda _self: "<that of the path>"})()


class ExperimentDB:
    """Records runs and queries recorded ones, with the methods of the earlier SQLite trackers. A

    run_id is the number of a run; its 13 characters are accepted wherever a number is, and a

    float,
    which holds 53 of its 63 bits, is refused with a ValueError. What is
    written is in the spool when a call returns. A read waits up to ``wait`` seconds until the
    database has what this process has written about the runs in question; after that it logs a
    warning and reads what is there. Reads raise OSError where there is no database, or where nothing
    keeps it. Thread-safe.

    Runs keep the status that ``update_run_status`` gave them: the end of the process changes none,
    because other processes may continue a run.
    """

    def __init__(
        self,
        db_path: Union[str, os.PathLike[str], None] = None,
        spool: Union[str, os.PathLike[str], None] = None,
        wait: float = 10.0,
        *,
        project: Optional[str] = _OF_PATH,
    ) -> None:
        """``db_path`` is a ledger of its own where none is configured: it is made at once, and kept
        by a process that is started when it is needed.

        Where a ledger is configured (``spool``, or one of spool, db, data.dir and bootstrap.servers
        in the environment or a file), the name of the path is the project of what is begun and read
        here. ``project`` names another; None means all.
        """
        settings = Settings.read(lineage.outside())
        given = None if db_path is None else os.fsdecode(db_path)
        self._desk: Optional[Desk] = None
        if spool is None and given is not None:
            from runledger import desk  # what starts processes is not needed by each job

            self._desk = None if desk.is_configured() else desk.Desk.at(given)
        if self._desk is not None:
            settings = settings._replace(spool=self._desk.spool, database=self._desk.path)
            self._projection = Projection(self._desk.path)
            self._project: Optional[str] = None
        else:
            if spool is not None:
                settings = settings._replace(spool=absolute(os.fsdecode(spool)))
            self._projection = Projection.at(db_path, settings.database)
            self._project = None
            if given is not None and not self._projection.is_at(given):
                self._project = os.path.splitext(os.path.basename(given))[0]
        if project is not _OF_PATH:
            self._project = project
        self._settings = settings
        self._wait = wait
        # Only ever changed by one operation of dict at a time, which needs no lock.
        self._runs: Dict[int, Run] = {}
        self._connections = threading.local()

    @property
    def db_path(self) -> str:
        """The database that is read, absolute."""
        return self._projection.path

    @property
    def conn(self) -> sqlite3.Connection:
        """A connection for reading alone, one a thread; rows can be asked by their columns.

        It sees what was written before it was asked for.
        """
        projection = self._fresh(None)
        owner, kept = getattr(self._connections, "kept", (None, None))
        if owner != os.getpid():
            connection = projection.connected()
            self._connections.kept = (os.getpid(), connection)
            return connection
        return cast(sqlite3.Connection, kept)

    def close(self) -> None:
        """Closes the connection of this thread. The object can still be used."""
        owner, kept = self._connections.__dict__.pop("kept", (None, None))
        if owner == os.getpid():
            kept.close()

    def __enter__(self) -> ExperimentDB:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_runs": {}, "_connections": None}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._connections = threading.local()

    # ---- writing

    def log_run(
        self, run_name: str, config: object = None, notes: Optional[str] = None
    ) -> int:
        """Begins a separate run; returns its run_id."""
        return self._begun(
            init(name=run_name, project=self._project or "default", config=config, notes=notes, **self._place())
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
            notes=notes, tags=tags, project=self._project, **self._place(),
        )
        # A worker that runs the main module again must not begin a run.
        run.status("pending")
        return self._begun(run)

    def _place(self) -> Dict[str, Any]:
        if self._desk is not None and self._settings.mode != "disabled":
            self._desk.begin()
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
        if self._settings.mode == "disabled":
            return self._join(number, IDS.next(), self._settings.spool)
        for attempt, spool in (open_runs.last_attempt(number), lineage.attempt_of(number)):
            # A run of this process, or of an ancestor; the run of another path is not known here.
            if attempt is not None and (self._desk is None or spool == self._desk.spool):
                return self._join(number, attempt, spool)
        attempt = None
        if os.path.exists(self._projection.path):
            attempt = run_tables.last_attempt(self._projection, number)
        if attempt is None:
            attempt = spooled_runs.last_attempt(self._settings.spool, number)
        if attempt is None:
            attempt = run_tables.last_attempt(self._fresh(None), number)
        if attempt is None:
            raise ValueError(
                f"Run {number} ({to_text(number)}) not found: it is not a run of this process and"
                f" not in {self._projection.path}."
            )
        return self._join(number, attempt, self._settings.spool)

    def _join(self, number: int, attempt: int, spool: str) -> Run:
        run = joined_run(number, attempt, self._settings._replace(spool=spool))
        return self._runs.setdefault(number, run)

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
        rows = run_tables.newest(self._fresh(None), limit, self._project)
        return table(rows, run_tables.LIST_COLUMNS, as_frame)

    def get_best_run(self, metric_name: str, mode: str = "min") -> Row:
        """The run with the best value: run_id, run_name, best_value, step, epoch, config.

        NaN is never best. ValueError: ``mode`` is neither ``min`` nor ``max``, or no run has a value
        of the metric.
        """
        if mode not in ("min", "max"):
            raise ValueError(f"The mode {mode!r} is neither 'min' nor 'max'.")
        return run_tables.best(self._fresh(None), metric_name, mode == "min", self._project)

    def get_all_runs(self, experiment: Union[int, str, None] = None) -> List[Row]:
        """All runs, or those of one experiment, as dicts in the order in which they began."""
        return run_tables.all_runs(
            self._fresh(None), None if experiment is None else str(experiment), self._project
        )

    def get_run_metrics(self, run_id: RunIdLike) -> List[Row]:
        """One dict per log call: elapsed_seconds, epoch, step, loss, f1 and the like."""
        number = parse_id(run_id)
        return run_tables.run_metrics(self._fresh([number]), number)

    def _fresh(self, runs: Optional[List[int]]) -> Projection:
        if self._desk is not None:
            self._desk.wait(self._wait)
        else:
            wait_for_events(self._projection, self._settings.spool, runs, self._wait)
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
