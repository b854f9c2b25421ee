"""Finds out the code of a SystemExit, which the interpreter does not report.

Importing the package is enough for what ``sys.exit`` and ``exit`` are called with: ``sys.exit(main())``
takes the function from its module before ``main`` begins a run. From Python 3.12 on the interpreter also
shows the exception that leaves the main script, whoever raised it (https://peps.python.org/pep-0669/).
"""

from __future__ import annotations

import builtins
import functools
import sys
import threading
from types import CodeType, FrameType
from typing import Any, Callable, Iterable, Optional, Set

_last: Optional[SystemExit] = None
#: The SystemExit that left one of the watched functions: nobody can have caught it after that.
_left: Optional[SystemExit] = None
_watched: Set[CodeType] = set()

#: A tool number that Python does not assign to debuggers, coverage or profilers.
_TOOL = 4
_TOOL_NAME = "runledger"

_told: Optional[Callable[[FrameType, BaseException], None]] = None
_told_of: Set[CodeType] = set()


def called_last() -> Optional[SystemExit]:
    """The last argument of ``exit`` in the main thread; the exception may have been caught since."""
    return _last


def that_left() -> Optional[SystemExit]:
    """The SystemExit that left a watched function."""
    return _left


def watch_leaving(code: Optional[CodeType]) -> None:
    """Looks out for a SystemExit that leaves the function, or does nothing before Python 3.12."""
    monitoring: Any = getattr(sys, "monitoring", None)
    if code is None or monitoring is None or code in _watched:
        return
    if _is_monitoring(monitoring):
        _watched.add(code)


def watch_unwinding(
    codes: Iterable[CodeType], told: Callable[[FrameType, BaseException], None]
) -> None:
    """Tells when an exception leaves one of these functions, or does nothing before Python 3.12."""
    global _told
    monitoring: Any = getattr(sys, "monitoring", None)
    if monitoring is not None and _is_monitoring(monitoring):
        _told = told
        _told_of.update(codes)


def _is_monitoring(monitoring: Any) -> bool:
    if monitoring.get_tool(_TOOL) != _TOOL_NAME:
        try:
            monitoring.use_tool_id(_TOOL, _TOOL_NAME)
        except ValueError:  # another tool has the number
            return False
        unwind = monitoring.events.PY_UNWIND
        monitoring.register_callback(_TOOL, unwind, _unwound)
        monitoring.set_events(_TOOL, unwind)
    return True


def _unwound(code: CodeType, _: int, error: BaseException) -> None:
    global _left
    if code in _watched and isinstance(error, SystemExit):
        _left = error
    if code in _told_of and _told is not None:
        _told(sys._getframe(1), error)


def _called(code: object = None) -> None:
    global _last
    if threading.current_thread() is threading.main_thread():  # others end only themselves
        _last = SystemExit(code)


def _recording_exit(before: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(before)
    def exit(*arguments: Any) -> Any:
        _called(*arguments[:1])
        return before(*arguments)

    return exit


def _recording_quit(before: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(before)
    def quit(self: object, *arguments: Any, **named: Any) -> Any:
        _called(*arguments[:1], **named)
        return before(self, *arguments, **named)

    return quit


def _install() -> None:
    setattr(sys, "exit", _recording_exit(sys.exit))
    quitter = type(getattr(builtins, "exit", None))
    if quitter.__name__ == "Quitter":
        setattr(quitter, "__call__", _recording_quit(getattr(quitter, "__call__")))


_install()
