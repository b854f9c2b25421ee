"""What a process records of a run, and how its calls keep away from the training."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

if TYPE_CHECKING:
    from runledger.run import Run

STATUSES = ("pending", "running", "completed", "failed", "timeout")
ENDS = ("completed", "failed", "timeout")

#: What a process records of a run.
ALL = "all"
ERRORS_ONLY = "errors"
NOTHING = "nothing"

_Method = TypeVar("_Method", bound=Callable[..., None])


def never_raises(topic: str) -> Callable[[_Method], _Method]:
    """Tracking does not stop the training: a call that cannot be recorded is counted and told once."""

    def guard(method: _Method) -> _Method:
        @functools.wraps(method)
        def guarded(self: Run, *arguments: Any, **named: Any) -> None:
            try:
                method(self, *arguments, **named)
            except Exception as trouble:
                self._lost(topic, f"{method.__name__}: {type(trouble).__name__}: {trouble}")

        return cast(_Method, guarded)

    return guard
