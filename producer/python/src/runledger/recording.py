"""What a process records of a run, and how its calls keep away from the training."""

from __future__ import annotations

import functools
import signal
import threading
from typing import TYPE_CHECKING, Any, Callable, Iterator, Tuple, TypeVar, cast

if TYPE_CHECKING:
    from types import CodeType

    from runledger.run import Run

STATUSES = ("pending", "running", "completed", "failed", "timeout")
ENDS = ("completed", "failed", "timeout")

#: What a process records of a run.
ALL = "all"
ERRORS_ONLY = "errors"
NOTHING = "nothing"

_Method = TypeVar("_Method", bound=Callable[..., None])


def _is_interruption(error: BaseException) -> bool:
    """Whether a signal handler of the training raised it: meant for the training, and passing through us."""
    if threading.current_thread() is not threading.main_thread():
        return False
    theirs = [code for code, module in _calls(error) if module.partition(".")[0] != __package__]
    # To ask for the handlers takes a third of a millisecond, and most errors are raised by us.
    if not theirs:
        return False
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    codes = {getattr(handler, "__code__", None) for handler in handlers}
    codes |= {getattr(getattr(type(handler), "__call__", None), "__code__", None) for handler in handlers}
    return not codes.isdisjoint(theirs)


def _calls(error: BaseException) -> Iterator[Tuple[CodeType, str]]:
    """The code and the module of each call that the error came through."""
    frame = error.__traceback__
    while frame is not None:
        yield frame.tb_frame.f_code, str(frame.tb_frame.f_globals.get("__name__"))
        frame = frame.tb_next


def pass_interruption_on(error: BaseException) -> None:
    """Raises the error where a signal handler raised it; to be called first where it would be swallowed."""
    if _is_interruption(error):
        raise error


def never_raises(topic: str) -> Callable[[_Method], _Method]:
    """Tracking does not stop the training: a call that cannot be recorded is counted and logged once."""

    def guard(method: _Method) -> _Method:
        @functools.wraps(method)
        def guarded(self: Run, *arguments: Any, **named: Any) -> None:
            try:
                method(self, *arguments, **named)
            except Exception as trouble:
                pass_interruption_on(trouble)
                self._lost(topic, f"{method.__name__}: {type(trouble).__name__}: {trouble}")

        return cast(_Method, guarded)

    return guard
