"""The thread that samples what a run's processes use, and logs it as metrics of the run."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from typing import TYPE_CHECKING, Dict, Optional

from runledger import ranks
from runledger.recording import ALL
from runledger.system.gpus import Gpus, visible
from runledger.system.usage import Usage
from runledger.this_process import is_sub_interpreter

if TYPE_CHECKING:
    from runledger.run import Run

_LOG = logging.getLogger("runledger")

#: A training that ends early has a sample, too.
_FIRST_SECONDS = 5.0


class Sampler:
    """Logs what the processes of a run use, until it is stopped. Its thread is a daemon.

    The training waits for none of it, at the end neither. A forked child has no such thread: it belongs to
    the tree of its parent, who samples it.
    """

    def __init__(self, run: Run, seconds: float) -> None:
        # A run that nothing else refers to is over.
        self._run = weakref.ref(run)
        self._seconds = seconds
        self._stopped = threading.Event()
        self._usage = Usage(os.getpid(), _working_directory())
        self._gpus = Gpus()
        self._is_first_of_node = ranks.is_first_of_node(os.environ)

    def start(self) -> None:
        """Begins. Where there can be no thread, nothing is sampled."""
        try:
            if is_sub_interpreter():
                # Daemons are forbidden there, or make the process abort when the interpreter ends.
                raise RuntimeError("a sub-interpreter has no daemon threads")
            threading.Thread(target=self._work, name="runledger-system", daemon=True).start()
        except RuntimeError as trouble:
            _LOG.info("What the run uses is not sampled (%s).", trouble)

    def stop(self) -> None:
        """Nothing is logged from now on. To be called with the lock of the run."""
        self._stopped.set()
        self._gpus.cancel()

    def _work(self) -> None:
        try:
            self._usage.now()
            wait = min(self._seconds, _FIRST_SECONDS)
            while not self._stopped.wait(wait):
                wait = self._seconds
                run = self._run()
                if run is None or run._recording != ALL:
                    return
                # Before it is known whose rank this is, nothing can be logged under the right name.
                asks, follows = run._question is not None, run._is_follower
                del run
                if not asks:
                    self._log(self._sample(follows), follows)
        except Exception:  # the training must not see it
            _LOG.warning("What the run uses is sampled no longer.", exc_info=True)

    def _sample(self, is_follower: bool) -> Dict[str, float]:
        of_machine = self._is_first_of_node or not is_follower
        values = self._usage.now(of_machine)
        if of_machine:
            for gpu in visible(self._gpus.now(), os.environ.get("CUDA_VISIBLE_DEVICES")):
                values.update((f"gpu.{gpu.number}.{name}", one) for name, one in gpu.values.items())
        return values

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
