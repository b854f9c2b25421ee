"""The run that a callback logs to, and how a training of its library ended."""

from __future__ import annotations

import functools
import logging
import weakref
from typing import Any, Callable, Dict, Mapping, Optional, Set, TypeVar, cast

from runledger import lineage, open_runs
from runledger.recording import NOTHING, pass_interruption_on
from runledger.run import Run
from runledger.starting import init

_LOG = logging.getLogger("runledger")

_Hook = TypeVar("_Hook", bound=Callable[..., Any])

#: The hooks whose trouble was logged: a hook is called at each step.
_known: Set[str] = set()


def harmless(hook: _Hook) -> _Hook:
    """A hook that a library calls: what goes wrong in it does not reach the training, and is logged once."""

    @functools.wraps(hook)
    def guarded(*arguments: Any, **named: Any) -> Any:
        try:
            return hook(*arguments, **named)
        except Exception as trouble:
            pass_interruption_on(trouble)
            name = f"{hook.__module__}.{hook.__qualname__}"
            if name not in _known:
                _known.add(name)
                _LOG.warning(
                    "%s recorded nothing (%s); the training continues.",
                    name, type(trouble).__name__, exc_info=True,
                )
            return None

    return cast(_Hook, guarded)


def open_run() -> Optional[Run]:
    """The run that this process began last and has not ended; None without one."""
    runs = [one for one in open_runs.all_open() if not one._finished and one._recording != NOTHING]
    # Ids of attempts are ordered by time.
    return max(runs, key=lambda one: one.attempt_id, default=None)


def may_name() -> bool:
    """Whether a run that begins without a name is a separate one: else a name would take it out of the

    attempt that another program, such as ``runledger exec``, began for this process.
    """
    family = lineage.family()
    return family.given is None and (not family.relatives or family.is_self)


class Training:
    """The caller's run, or one that begins and ends with each training.

    A training that raises never reaches its end hook. The run that began with it then fails: when
    the next one begins, when the callback is garbage-collected, or when the process ends.
    """

    def __init__(
        self,
        callback: object,
        what: str,
        run: Optional[Run],
        options: Mapping[str, Any],
        adopts: bool = False,
    ) -> None:
        """``adopts``: without a run and options, a training logs to the run that is open already."""
        #: The run that is logged to; None before the first training.
        self.run = run
        self._what = what
        self._options = dict(options)
        #: Whether runs begin and end with the trainings.
        self.begins_runs = run is None
        self._adopts = adopts and run is None and not options
        self._under_way = False
        # Not the callback itself: it must stay collectable.
        weakref.finalize(callback, Training._forgotten, self).atexit = False

    def begin(self, **found: Any) -> None:
        """A training begins; ``found`` goes to ``init`` where the caller gave no value for it."""
        if self._adopts:
            self._forgotten()
            open_one = open_run()
            self.begins_runs = open_one is None
            self.run = open_one
        if self.begins_runs:
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
            if self.begins_runs:
                run.finish()
        self._under_way = False

    def raised(self, error: BaseException) -> None:
        """The training ended with an exception, which its library shows to callbacks."""
        run = self.run
        if run is not None and self._under_way:
            if self.begins_runs:
                run._end_with(error, uncaught=False)
            else:
                run._part_raised(self._what, error)
        self._under_way = False

    def _forgotten(self) -> None:
        if self.begins_runs and self._under_way and self.run is not None:
            self._under_way = False
            self.run._end("completed", None, None)
