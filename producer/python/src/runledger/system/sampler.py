"""The thread that records what a run is computed with, and then samples what its processes use."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from typing import TYPE_CHECKING, Callable, Dict, List, Optional

from runledger import ranks
from runledger.json_values import dumps
from runledger.recording import ALL, pass_interruption_on
from runledger.system import environment
from runledger.system.gpus import Gpu, Gpus, visible
from runledger.system.usage import Usage
from runledger.this_process import is_sub_interpreter
from runledger.writer import RUNS

if TYPE_CHECKING:
    from runledger.run import Run

_LOG = logging.getLogger("runledger")

#: A training that ends early has a sample, too.
_FIRST_SECONDS = 5.0

#: Room in a record for what is next to the list of packages.
_ROOM = 8_192


class Sampler:
    """Logs what the processes of a run use, until it is stopped. Its thread is a daemon.

    The training does not wait for it. Only a run that ends before the thread has recorded the environment
    records that itself, in a few milliseconds and without the names of the GPUs. A forked child has no such
    thread: it is in the tree that its parent samples.
    """

    def __init__(self, run: Run, seconds: float) -> None:
        """``seconds``: between two samples; 0 for the environment alone."""
        # A run that nothing else refers to is over.
        self._run = weakref.ref(run)
        self._seconds = seconds
        self._stopped = threading.Event()
        self._usage = Usage(os.getpid(), _working_directory())
        self._gpus = Gpus()
        self._is_first_of_node = ranks.is_first_of_node(os.environ)
        self._is_recorded = False
        self._has_failed = False

    def start(self) -> None:
        """Begins. Where there can be no thread, nothing is sampled."""
        try:
            if is_sub_interpreter():
                # Daemons are forbidden there, or make the process abort when the interpreter ends.
                raise RuntimeError("a sub-interpreter has no daemon threads")
            threading.Thread(target=self._work, name="runledger-system", daemon=True).start()
        except RuntimeError as trouble:
            _LOG.info("The run's resource usage is not sampled (%s).", trouble)

    def stop(self) -> None:
        """Nothing is logged from now on. To be called with the lock of the run."""
        run = self._run()
        try:
            if run is not None and not self._is_recorded and self._is_for_machine(run._is_follower):
                self._record(environment.of_process(run._settings.spool), [])
        except Exception as trouble:  # the training must not see it
            pass_interruption_on(trouble)
            _LOG.warning("The environment of the run is not recorded.", exc_info=True)
        finally:
            self._stopped.set()
            self._gpus.cancel()

    def _work(self) -> None:
        self._look(self._begin)
        wait = min(self._seconds, _FIRST_SECONDS)
        while wait and not self._stopped.wait(wait) and self._look(self._sample):
            wait = self._seconds

    def _look(self, what: Callable[[str, bool], None]) -> bool:
        """Does it, if it is known whose rank this is; returns whether the run continues."""
        run = self._run()
        if run is None or run._recording != ALL:
            return False
        asks, follows, spool = run._question is not None, run._is_follower, run._settings.spool
        del run
        try:
            if not asks:
                what(spool, follows)
        except Exception as trouble:  # the training must not see it, and the next sample may do
            level = logging.DEBUG if self._has_failed else logging.WARNING
            self._has_failed = True
            _LOG.log(level, "The run's resource usage cannot be read: %s: %s.", type(trouble).__name__, trouble)
        return True

    def _begin(self, spool: str, is_follower: bool) -> None:
        self._usage.now()
        self._record_environment(spool, is_follower)

    def _record_environment(self, spool: str, is_follower: bool) -> None:
        if self._is_for_machine(is_follower) and not self._is_recorded:
            gpus = [gpu.name for gpu in self._visible_gpus()]
            self._record(environment.of_process(spool), gpus)

    def _sample(self, spool: str, is_follower: bool) -> None:
        self._record_environment(spool, is_follower)
        of_machine = self._is_for_machine(is_follower)
        values = self._usage.now(of_machine)
        for gpu in self._visible_gpus() if of_machine else ():
            values.update((f"gpu.{gpu.number}.{name}", one) for name, one in gpu.values.items())
        self._log(values, is_follower)

    def _is_for_machine(self, is_follower: bool) -> bool:
        """Of the ranks that record into one attempt, one on each machine records what that is and does."""
        return self._is_first_of_node or not is_follower

    def _visible_gpus(self) -> List[Gpu]:
        return visible(self._gpus.now(), os.environ.get("CUDA_VISIBLE_DEVICES"))

    def _record(self, found: environment.Environment, gpus: List[str]) -> None:
        run = self._run()
        if run is None:
            return
        host = environment.host(gpus)
        with run._lock:
            if self._is_recorded or self._stopped.is_set() or run._recording != ALL:
                return
            self._is_recorded = True
            is_new = not found.is_listed()
            fits = len(found.text) + _ROOM < run._settings.record_max_bytes
            artifact = found.artifact(host, is_new and fits)
            artifact["metadata"] = run._without_secrets(artifact["metadata"])
            run._append(RUNS, f'"artifact":{dumps(artifact)}')
            if is_new:
                # Afterwards: a list that is recorded twice does no harm, one that never is would.
                found.write_list()

    def _log(self, values: Dict[str, float], is_follower: bool) -> None:
        run = self._run()
        if run is None or not values:
            return
        # Another rank logs into the attempt of rank 0, whose processes are others.
        number = ranks.of(os.environ) if is_follower else None
        prefix = "system/" if number is None else f"system/rank.{number.number}."
        with run._lock:
            # What is logged after the end of a run begins another file.
            if not self._stopped.is_set():
                run.log({f"{prefix}{name}": value for name, value in values.items()})


def _working_directory() -> Optional[str]:
    try:
        return os.getcwd()
    except OSError:  # it may be gone
        return None
