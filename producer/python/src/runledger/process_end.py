"""Ends open runs when the process ends, and finds out how it ends.

The frame of the main script shows at the end whether it returned: a code that was given to ``exit``
does not count if the exception was caught.
"""

from __future__ import annotations

import ast
import atexit
import dis
import functools
import linecache
import os
import sys
import threading
import traceback
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, AbstractSet, Any, Callable, NamedTuple, Optional, Type

from runledger import exit_codes, interactive, keeper, open_runs
from runledger.beginning import of_caller, returned
from runledger.exceptions import exit_code
from runledger.this_process import is_sub_interpreter

if TYPE_CHECKING:
    from runledger.run import Run

_installed = False
_main_frame: Optional[FrameType] = None
_child_of: Optional[int] = None


class Ending(NamedTuple):
    """How a process ended, as far as it can be seen from inside."""

    status: str
    exit_code: Optional[int]
    reason: Optional[str]


def watch(run: Run) -> None:
    """Ends the run when this process ends, unless it is ended before."""
    _install()
    interactive.watch()
    open_runs.add(run)


def next_begins() -> None:
    """Another run begins in this thread: what has become of those before it?"""
    out_of_reach = _out_of_reach()
    for run in open_runs.all_open():
        if run._beginning is not None and run._beginning.thread == threading.get_ident():
            run._training_is_over(True, 1, out_of_reach)


def began(run: Run, frame: FrameType) -> None:
    """The process has begun the run, in the function of the frame or around it."""
    beginning = of_caller(frame)
    run._beginning = beginning
    if beginning is not None:
        exit_codes.watch_unwinding(beginning.codes(), _unwound)
        keeper.look_each_second(_look)


def _look() -> None:
    for run in open_runs.all_open():
        if run._beginning is not None:
            run._beginning.look()


def _out_of_reach() -> AbstractSet[int]:
    # Our own references to functions that were left would keep their runs alive.
    _look()
    return open_runs.out_of_reach()


def _unwound(frame: FrameType, error: BaseException) -> None:
    for run in open_runs.all_open():
        if run._beginning is not None and run._beginning.is_left_now(frame):
            run._left_by(error)


def _install() -> None:
    global _installed, _main_frame
    _install_in_worker()
    if _installed:
        return
    _installed = True
    _main_frame = _find_main_frame()
    sys.excepthook = _recording_uncaught(sys.excepthook)
    threading.excepthook = _recording_in_thread(threading.excepthook)
    if _main_frame is not None:
        exit_codes.watch_leaving(_main_frame.f_code)
    atexit.register(_at_exit)


def _find_main_frame() -> Optional[FrameType]:
    """The frame of the script; its variables are those of the module, so keeping it keeps nothing."""
    frame: Optional[FrameType]
    if threading.current_thread() is threading.main_thread():
        frame = sys._getframe()
    elif is_sub_interpreter():
        # The frames of all threads are those of the other interpreters, too, and taking hold of these
        # makes the process abort.
        return None
    else:
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
    main = getattr(sys.modules.get("__main__"), "__dict__", None)
    found = None
    while frame is not None:
        if frame.f_globals is main and frame.f_code.co_name == "<module>":
            found = frame
        frame = frame.f_back
    return found


def _recording_uncaught(
    before: Callable[[Type[BaseException], BaseException, Optional[TracebackType]], Any],
) -> Callable[[Type[BaseException], BaseException, Optional[TracebackType]], Any]:
    @functools.wraps(before)
    def hook(
        kind: Type[BaseException], error: BaseException, traceback: Optional[TracebackType]
    ) -> None:
        try:
            # A prompt continues after an exception, and so do its runs.
            goes_on = interactive.is_session() or bool(sys.flags.interactive)
            out_of_reach = _out_of_reach()
            for run in open_runs.all_open():
                if goes_on:
                    run._cell_raised(error)
                elif not run._training_is_over(False, 2, out_of_reach):
                    run._end_with(error)
            for run in [] if goes_on else open_runs.left_by(error):
                run._was_uncaught(error)
        finally:
            before(kind, error, traceback)

    return hook


def _recording_in_thread(
    before: Callable[[threading.ExceptHookArgs], Any],
) -> Callable[[threading.ExceptHookArgs], Any]:
    @functools.wraps(before)
    def hook(facts: threading.ExceptHookArgs) -> None:
        try:
            # The end of another thread says nothing about the run.
            for run in open_runs.all_open():
                if facts.exc_value is not None and run._thread == threading.get_ident():
                    run._end_with(facts.exc_value)
        finally:
            before(facts)

    return hook


def _at_exit() -> None:
    out_of_reach = _out_of_reach()
    runs = open_runs.all_open()
    if not runs:
        return
    if _child_of == os.getpid():
        # From Python 3.13 on forks run what they registered with atexit, before the rest.
        _at_end_of_worker()
        return
    shown = interactive.newly_shown()
    last_exit = exit_codes.called_last()
    ending = ending_of(_main_frame, last_exit)
    goes_on = last_exit is None if _main_frame is None else returned(_main_frame)
    for run in runs:
        if run._training_is_over(goes_on, 2, out_of_reach):
            continue
        if run._of_session:
            run._end_of_session()
        elif interactive.is_session() or (shown is None and run._raised is None):
            run._end(*ending)
        # IPython runs a script or a statement, shows what it raises, and may end as if nothing had been.
        elif shown is not None:
            run._end_with(shown)
        else:
            run._end("failed", None, run._raised)


def ending_of(frame: Optional[FrameType], last_exit: Optional[SystemExit]) -> Ending:
    """How a process ends whose main script has this frame and that called exit last with this."""
    if last_exit is None if frame is None else returned(frame):
        return Ending("completed", None, None)
    left = exit_codes.that_left()
    if left is not None:
        last_exit = left
    elif last_exit is None and frame is not None:
        last_exit = _raised_here(frame)
    if last_exit is None:
        # No failure was seen; what waits for the process (exec, SLURM) knows the code and reports it.
        return Ending("completed", None, "SystemExit with an unknown code")
    code = exit_code(last_exit.code)
    if code == 0:
        return Ending("completed", 0, None)
    text = last_exit.code if isinstance(last_exit.code, str) else f"SystemExit with code {code}"
    return Ending("failed", code, text)


def _raised_here(frame: FrameType) -> Optional[SystemExit]:
    """What a ``raise SystemExit(...)`` of the main script itself raised, where it can be read there."""
    if dis.opname[frame.f_code.co_code[frame.f_lasti]] != "RAISE_VARARGS":
        return None
    try:
        source = "".join(linecache.getlines(frame.f_code.co_filename))
        raises = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise)]
    except (SyntaxError, ValueError):
        return None
    for node in raises:
        if node.lineno <= frame.f_lineno <= (node.end_lineno or node.lineno):
            arguments = node.exc.args if isinstance(node.exc, ast.Call) else []
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if not isinstance(raised, ast.Name) or raised.id != "SystemExit":
                return None
            if not arguments:
                return SystemExit()
            return SystemExit(arguments[0].value) if isinstance(arguments[0], ast.Constant) else None
    return None


def _install_in_worker() -> None:
    """Forked processes of multiprocessing end without atexit: multiprocessing has its own list."""
    global _child_of
    process: Any = sys.modules.get("multiprocessing.process")
    if process is None or _child_of == os.getpid():
        return
    if process.parent_process() is not None:
        from multiprocessing import util

        _child_of = os.getpid()
        util.Finalize(None, _at_end_of_worker, exitpriority=100)
        exit_codes.watch_leaving(getattr(type(process.current_process()).run, "__code__", None))
        setattr(traceback, "print_exc", _recording_printed(traceback.print_exc))
    elif getattr(process.current_process(), "_inheriting", False):
        # The main module is run again before the worker is one; its list is emptied after that.
        from multiprocessing import util

        util.register_after_fork(sys.modules[__name__], lambda _: _install_in_worker())


def _at_end_of_worker() -> None:
    # Up to Python 3.12 called while the exception that ends the worker, if any, is being handled.
    error = sys.exc_info()[1] or exit_codes.that_left()
    out_of_reach = _out_of_reach()
    goes_on = error is None and exit_codes.called_last() is None
    for run in open_runs.all_open():
        if not run._training_is_over(goes_on, 2, out_of_reach):
            run._end_with(error)


def _recording_printed(before: Callable[..., Any]) -> Callable[..., Any]:
    """From Python 3.13 on, the exception that ends a worker is gone then, and is seen as it is printed."""

    @functools.wraps(before)
    def print_exc(*arguments: Any, **named: Any) -> Any:
        if sys._getframe(1).f_code.co_name == "_bootstrap":
            _at_end_of_worker()
        return before(*arguments, **named)

    return print_exc
