"""Where in a program a run began, and how that place was left, as far as its frames show.

A process may outlive its trainings: the worker of a pool, a sweep. Then the end of the process says
nothing about a training whose function was left by an exception that was caught. A frame that was
left is at its last instruction, which shows whether it returned.
"""

from __future__ import annotations

import dis
import sys
import threading
from types import CodeType, FrameType
from typing import AbstractSet, List, Optional, Set, Tuple

from runledger.this_process import is_sub_interpreter

_RETURNS = ("RETURN_VALUE", "RETURN_CONST")
_SUSPENDABLE = sum(
    flag for flag, name in dis.COMPILER_FLAG_NAMES.items() if name in ("GENERATOR", "COROUTINE", "ASYNC_GENERATOR")
)


def returned(frame: FrameType) -> bool:
    """Whether a frame that was left has returned, and was not left by an exception."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in _RETURNS


class Beginning:
    """The functions in which a run began, the innermost first; not the main script itself."""

    def __init__(self, frame: Optional[FrameType]) -> None:
        self.thread = threading.get_ident()
        self._names: List[str] = []
        self._frames: List[FrameType] = []
        # A signal handler may begin or end a run while the same thread looks.
        self._lock = threading.RLock()
        #: Of each function that was left, whether it returned.
        self._returned: List[bool] = []
        main = getattr(sys.modules.get("__main__"), "__dict__", None)
        while frame is not None and not frame.f_code.co_flags & _SUSPENDABLE:
            if frame.f_globals is main and frame.f_code.co_name == "<module>":
                break
            self._frames.append(frame)
            self._names.append(frame.f_code.co_name)
            frame = frame.f_back

    def look(self) -> None:
        """Sees which of the functions were left since; keeps the variables of none of these."""
        with self._lock:
            running = _running() if self._frames else set()
            left, self._frames = _split(self._frames, running)
            self._returned += [returned(frame) for frame in left]

    def codes(self) -> List[CodeType]:
        """The code of each function."""
        return [frame.f_code for frame in self._frames]

    def is_left_now(self, frame: FrameType) -> bool:
        """Whether this is the innermost function that is not known to have been left."""
        return bool(self._frames) and self._frames[0] is frame

    def raised_in(self, script_goes_on: bool) -> Optional[str]:
        """The function that was left by an exception which a caller caught; None without one.

        ``script_goes_on``: it cannot be what ends the script, or the worker, as well.
        """
        if False not in self._returned:
            return None
        first = self._returned.index(False)
        caught = script_goes_on or True in self._returned[first:]
        return self._names[first] if caught else None

    def has_returned(self, functions: int) -> bool:
        """Whether this many functions, counted from the innermost, have returned."""
        return self._returned[:functions] == [True] * functions


def of_caller(frame: FrameType) -> Optional[Beginning]:
    """Where the caller of the package is; None where frames do not show it."""
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    if "greenlet" in sys.modules or is_sub_interpreter() or not has_lock:
        # Frames of a greenlet that waits look as if they were left; those of other interpreters, and
        # of threads that run at the same time, must not be touched.
        return None
    outer: Optional[FrameType] = frame
    while outer is not None and outer.f_globals.get("__name__", "").partition(".")[0] == "runledger":
        outer = outer.f_back
    return Beginning(outer)


def _split(
    frames: List[FrameType], running: AbstractSet[int]
) -> Tuple[List[FrameType], List[FrameType]]:
    """The innermost frames that were left, and the rest."""
    left = next((i for i, one in enumerate(frames) if id(one) in running), len(frames))
    return frames[:left], frames[left:]


def _running() -> Set[int]:
    running = set()
    at: Optional[FrameType]
    for at in sys._current_frames().values():
        while at is not None:
            running.add(id(at))
            # Set to None at the end: a frame that refers to itself, like this function's, would be kept.
            at = at.f_back
    return running
