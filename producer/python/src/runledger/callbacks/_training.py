"""The run that a callback logs to, and how a training of its library ended."""

from __future__ import annotations

import weakref
from typing import Any, Dict, Mapping, Optional

from runledger.run import Run
from runledger.starting import init


class Training:
    """The caller's run, or one that begins and ends with each training.

    A training that raises never reaches its end hook. The run that began with it then fails: when
    the next one begins, when the callback is garbage-collected, or when the process ends.
    """

    def __init__(self, callback: object, what: str, run: Optional[Run], options: Mapping[str, Any]):
        #: The run that is logged to; None before the first training.
        self.run = run
        self._what = what
        self._options = dict(options)
        self._begins_runs = run is None
        self._under_way = False
        # Not the callback itself: it must stay collectable.
        weakref.finalize(callback, Training._forgotten, self).atexit = False

    def begin(self, **found: Any) -> None:
        """A training begins; ``found`` goes to ``init`` where the caller gave no value for it."""
        if self._begins_runs:
            self._forgotten()
            options: Dict[str, Any] = {**found, **self._options}
            self.run = init(**options)
        self._under_way = True
        if self.run is not None:
            self.run._part_begins(self._what)

    def end(self) -> None:
        """The training reached its end. What is logged after that is recorded, too."""
        run = self.run
        if run is not None and self._under_way:
            run._part_ends()
            if self._begins_runs:
                run.finish()
        self._under_way = False

    def raised(self, error: BaseException) -> None:
        """The training ended with an exception, which its library shows to callbacks."""
        run = self.run
        if run is not None and self._under_way:
            if self._begins_runs:
                run._end_with(error, uncaught=False)
            else:
                run._part_raised(self._what, error)
        self._under_way = False

    def _forgotten(self) -> None:
        if self._begins_runs and self._under_way and self.run is not None:
            self._under_way = False
            self.run._end("completed", None, None)
