"""The interface of the trackers before Runledger: writes go to the spool, reads to the database."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import (
    Any,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Type,
    Union,
    cast,
)

from runledger import lineage, open_runs, run_tables, spooled_runs
from runledger.experiment_ledger import ledger_at
from runledger.frames import table
from runledger.freshness import wait_for_events
from runledger.identity import IDS, RunKey, run_id_of_key
from runledger.json_values import config_values, text_of
from runledger.projection import Projection, Row
from runledger.recording import ENDS, STATUSES
from runledger.run import Run
from runledger.starting import begun, joined_run
from runledger.tracker_calls import (
    at_most,
    cl_info_of,
    ids_of,
    measured,
    not_found,
    number_of,
    one_of,
    same_keys,
    slurm_job,
)
from runledger.tracker_views import with_tracker_views
from runledger.writer import METRICS

_LOG = logging.getLogger("runledger")

RunIdLike = Union[int, str]

#: Stands for the project that the path names.
_OF_PATH: Any = type("OfPath", (), {"__repr__": lambda _self: "<that of the path>"})()


class ExperimentDB:
    """Records runs and queries recorded ones, with the methods of the earlier SQLite trackers.

    A run_id is the number of a run; its 13 characters are accepted wherever a number is, and a
    float, which holds 53 of its 63 bits, is refused with a ValueError. What is written is in the
    spool when a call returns. A read waits up to ``wait`` seconds until the database has what was
    written before about the runs in question; after that it logs a
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
        import_old: bool = True,
    ) -> None:
        """``db_path`` is a ledger of its own where none is configured: it is made at once, and kept
        by a process that is started when it is needed.

        Where a ledger is configured (``spool``, or one of spool, db, data.dir and bootstrap.servers
        in the environment or a file), the name of the path is the project of what is begun and read
        here. ``project`` names another; None means all.

        A path of an earlier tracker's file has it imported into a ledger next to it; its integer ids
        still name its runs, and nothing of it is changed. ValueError: it cannot be read, or is not to
        be imported (``import_old=False``).
        """
        self._ledger = ledger_at(db_path, spool, import_old)
        self._settings = self._ledger.settings
        self._projection = self._ledger.projection
        self._desk = self._ledger.desk
        self._project = self._ledger.project if project is _OF_PATH else project
        self._wait = wait
        self._import_seconds = self._ledger.import_seconds
        # Only ever changed by one operation of dict at a time, which needs no lock.
        self._runs: Dict[int, Run] = {}
        self._connections = threading.local()

    @property
    def db_path(self) -> Path:
        """The database that is read: the path as it was given, where that is the one."""
        return self._ledger.path

    @property
    def conn(self) -> sqlite3.Connection:
        """A connection for reading alone, one a thread; rows can be asked by their columns.

        It sees what was written before it was asked for, and the five tables have the columns of the
        tracker that had them behind ours.
        """
        projection = self._fresh(None)
        owner, kept = getattr(self._connections, "kept", (None, None))
        if owner != os.getpid():
            connection = with_tracker_views(projection.connected())
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
        self,
        run_name: str,
        config: object = None,
        notes: Optional[str] = None,
        tags: Iterable[str] = (),
    ) -> int:
        """Begins a separate run; returns its run_id."""
        project = self._project or "default"
        told = {"notes": notes, "tags": tags}
        return self._begun((None,) * 6, project, run_name, config, told, sys._getframe())

    def create_run(
        self,
        experiment_number: Union[int, str, None] = None,
        dataset: Optional[str] = None,
        method: Optional[str] = None,
        subject: Union[int, str, None] = None,
        use_cl_info: Union[bool, str, None] = None,
        seed: Optional[int] = None,
        config: object = None,
        slurm_job_id: Optional[int] = None,
        slurm_array_task_id: Optional[int] = None,
        gpu_id: Optional[int] = None,
        *,
        experiment: Union[int, str, None] = None,
        experiment_num: Union[int, str, None] = None,
        cl_info: Optional[str] = None,
        notes: Optional[str] = None,
        tags: Iterable[str] = (),
    ) -> int:
        """Begins an attempt of the run with this key, pending; returns its run_id.

        The same key is the same run, and the same run_id. ``experiment`` and ``cl_info`` are other
        names of ``experiment_number`` and ``use_cl_info``, of which 1 and True are the same flag.
        The SLURM ids are taken from the environment of the job where none are given; ``gpu_id`` is
        kept in the configuration. ValueError: no part of the key was given, or the seed or a SLURM
        id is not a whole number.
        """
        number = one_of(
            "create_run", experiment_number=experiment_number, experiment=experiment,
            experiment_num=experiment_num,
        )
        flag = one_of("create_run", use_cl_info=cl_info_of(use_cl_info), cl_info=cl_info)
        parts = (number, dataset, method, subject, flag, seed)
        if all(part is None for part in parts):
            raise ValueError("A run needs at least one of experiment, dataset, method, subject, cl_info and seed.")
        is_disabled = self._settings.mode == "disabled"
        job = None if is_disabled else slurm_job(slurm_job_id, slurm_array_task_id, os.environ)
        if gpu_id is not None:
            config = {**config_values({} if config is None else config), "gpu_id": gpu_id}
        told = {"notes": notes, "tags": tags, "slurm": job}
        return self._begun(parts, self._project, None, config, told, sys._getframe(), "pending")

    def _begun(
        self,
        parts: Sequence[object],
        project: Optional[str],
        name: Optional[str],
        config: object,
        told: Mapping[str, Any],
        caller: FrameType,
        status: Optional[str] = None,
    ) -> int:
        if self._settings.mode != "disabled":
            self._begin_ledger()
        # A process may have thousands of these runs open, of which it is no part itself.
        run = begun(
            parts, project, name, config, told, self._settings.mode, self._settings.spool,
            all_ranks=False, system=False, caller=caller,
        )
        if status is not None:
            # Not yet shared: a worker that runs the main module again must not begin a run.
            run.status(status)
        run._owned = False
        run._speaks = run._shared = True
        self._runs[run.number] = run
        return run.number

    def _begin_ledger(self) -> None:
        if self._desk is not None:
            self._desk.begin()
        if self._ledger.astray is not None:
            _LOG.warning("%s", self._ledger.astray)
            self._ledger = self._ledger._replace(astray=None)

    def log_metric(
        self,
        run_id: RunIdLike,
        metric_name: str,
        value: float,
        step: Optional[int] = None,
        epoch: Optional[float] = None,
    ) -> None:
        """Logs one value. ValueError: the run is unknown."""
        # None is not a name, and counted as that.
        is_name = metric_name is None or type(metric_name) is str
        name = metric_name if is_name else text_of(metric_name)
        self._run(run_id).log({name: value}, step=step, epoch=epoch)

    def log_metrics(
        self,
        run_id: RunIdLike,
        elapsed_seconds: Union[float, Mapping[str, Any], None] = None,
        epoch: Union[float, Mapping[str, Any], None] = None,
        *values: Any,
        step: Optional[int] = None,
        elapsed_time: Optional[float] = None,
        epoch_or_generation: Optional[float] = None,
        **metrics: Any,
    ) -> None:
        """Logs the metrics of one moment; None means not measured.

        They are given by name, as a dict in any place, or by position: train_loss, test_loss,
        f1_score, best_fitness, mean_pct_diff, std_pct_diff, gpu_memory_mb. ``elapsed_time`` and
        ``epoch_or_generation`` are other names of the arguments before them. A call without a
        metric is counted as dropped. ValueError: the run is unknown. TypeError: an argument has no
        meaning, or two values have one name.
        """
        run = self._run(run_id)
        elapsed = one_of("log_metrics", elapsed_seconds=elapsed_seconds, elapsed_time=elapsed_time)
        at = one_of("log_metrics", epoch=epoch, epoch_or_generation=epoch_or_generation)
        elapsed, at, found = measured(elapsed, at, values, metrics)
        if found:
            run.log(found, step=step, epoch=at, elapsed_seconds=elapsed)
        else:
            run._lost(METRICS, "log_metrics was called without a metric")

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
        exception: Union[BaseException, Type[BaseException], str, None] = None,
        message: Optional[str] = None,
        traceback: Optional[str] = None,
        *,
        error_type: Optional[str] = None,
        error_message: Optional[str] = None,
    ) -> None:
        """Records an exception, or type, message and traceback.

        ``error_type`` and ``error_message`` are other names of ``exception`` and ``message``.
        ValueError: the run is unknown. TypeError: there is no type.
        """
        error = one_of("log_error", exception=exception, error_type=error_type)
        text = one_of("log_error", message=message, error_message=error_message)
        if error is None:
            raise TypeError("log_error needs an exception or an error_type.")
        self._run(run_id).log_error(error, text, traceback)

    def log_results(self, run_id: RunIdLike, results: Mapping[str, Any]) -> None:
        """Records final results. ValueError: the run is unknown."""
        self._run(run_id).results(results)

    def finalize_run(self, run_id: RunIdLike, final_metrics: Mapping[str, Any]) -> None:
        """Records final results, as ``log_results`` does; the status stays what it is."""
        self.log_results(run_id, final_metrics)

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
        number = self._number(run_id)
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
            raise not_found(number, self._projection.path, ", and this process did not start it")
        return self._join(number, attempt, self._settings.spool)

    def _join(self, number: int, attempt: int, spool: str) -> Run:
        run = joined_run(number, attempt, self._settings._replace(spool=spool))
        return self._runs.setdefault(number, run)

    # ---- reading

    def get_run(self, run_id: RunIdLike) -> Row:
        """A run as a dict, ``config`` parsed. ValueError: there is no such run."""
        number = self._number(run_id)
        return run_tables.run(self._fresh([number]), number)

    def get_run_by_id(self, run_id: RunIdLike) -> Optional[Row]:
        """A run as ``get_run`` gives it, or None where there is no such run."""
        number = self._number(run_id)
        return run_tables.run_or_none(self._fresh([number]), number)

    def get_run_by_params(
        self,
        experiment_number: Union[int, str, None] = None,
        dataset: Optional[str] = None,
        method: Optional[str] = None,
        subject: Union[int, str, None] = None,
        use_cl_info: Union[bool, str, None] = None,
        seed: Optional[int] = None,
    ) -> Optional[Row]:
        """The run with this key, or None where there is no such run."""
        flag = cl_info_of(use_cl_info)
        key = RunKey.of(experiment_number, dataset, method, subject, flag, seed)
        numbers = [] if key is None else [run_id_of_key(same) for same in same_keys(key)]
        projection = self._fresh(numbers)
        found = (run_tables.run_or_none(projection, number) for number in numbers)
        return next((run for run in found if run is not None), None)

    def get_metrics(
        self,
        run_id: RunIdLike,
        metric_name: Optional[str] = None,
        as_frame: Optional[bool] = None,
    ) -> Any:
        """The points of a run in the order in which they were logged.

        The columns are metric_id, run_id, metric_name, value, step, epoch and timestamp (UTC). A
        DataFrame, or a list of dicts without pandas or with ``as_frame=False``. What a resumed
        attempt computed again appears once.
        """
        number = self._number(run_id)
        rows = run_tables.metrics(self._fresh([number]), number, metric_name)
        return table(rows, run_tables.METRIC_COLUMNS, as_frame)

    def compare_runs(
        self, run_ids: Iterable[RunIdLike], as_frame: Optional[bool] = None
    ) -> Any:
        """One row per run, in the order of the ids; missing runs are left out.

        The losses are those of ``train/loss`` and ``val/loss``, and total_epochs counts from the
        first epoch logged to the last.
        """
        numbers = [self._number(run_id) for run_id in ids_of(run_ids)]
        projection = self._fresh(numbers)
        rows = []
        for number in numbers:
            try:
                rows.append(run_tables.comparison(projection, number))
            except ValueError as trouble:
                _LOG.warning("compare_runs: %s", trouble)
        return table(rows, run_tables.COMPARISON_COLUMNS, as_frame)

    def list_runs(
        self,
        limit: Optional[int] = 10,
        as_frame: Optional[bool] = None,
        all_columns: bool = False,
    ) -> Any:
        """The newest runs first, at most ``limit``; None means all.

        The columns are run_id, run_name, created_at, status and notes; ``all_columns`` adds what
        else is known.
        """
        rows = run_tables.newest(self._fresh(None), at_most("limit", limit), self._project)
        columns = run_tables.ALL_LIST_COLUMNS if all_columns else run_tables.LIST_COLUMNS
        return table(rows, columns, as_frame)

    def get_best_run(self, metric_name: str, mode: str = "min") -> Row:
        """The run with the best value: run_id, run_name, config, best_value, best_epoch, step, epoch.

        NaN is never best. ValueError: ``mode`` is neither ``min`` nor ``max``, or no run has a value
        of the metric.
        """
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}.")
        return run_tables.best(self._fresh(None), metric_name, mode == "min", self._project)

    def get_all_runs(
        self,
        experiment_number: Union[int, str, None] = None,
        status: Optional[str] = None,
        *,
        experiment: Union[int, str, None] = None,
    ) -> List[Row]:
        """All runs, or those of one experiment or status, as dicts, the newest first."""
        number = one_of("get_all_runs", experiment_number=experiment_number, experiment=experiment)
        text = None if number is None else str(number)
        return run_tables.all_runs(self._fresh(None), text, status, self._project)

    def get_run_metrics(self, run_id: RunIdLike, max_points: Optional[int] = None) -> List[Row]:
        """One dict per log call, in the order of time.

        It has metric_id, run_id, elapsed_time, epoch_or_generation, all metrics by name, and a dict
        of these as ``metrics``; None means not logged. ``elapsed_seconds`` and ``epoch`` are other
        names. ``max_points``: at most that many, at equal distances.
        """
        number = self._number(run_id)
        return run_tables.run_metrics(self._fresh([number]), number, at_most("max_points", max_points))

    def _number(self, run_id: RunIdLike) -> int:
        return self._ledger.number_of_old(number_of(run_id))

    def _fresh(self, runs: Optional[List[int]]) -> Projection:
        seconds = self._wait + self._import_seconds
        if self._desk is not None:
            self._desk.wait(seconds)
        else:
            wait_for_events(self._projection, self._settings.spool, runs, seconds)
        self._import_seconds = 0.0
        return self._projection

