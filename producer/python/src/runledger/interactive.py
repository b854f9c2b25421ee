"""Sessions of a prompt or a notebook, whose end says nothing about how a training went."""

from __future__ import annotations

import sys
from typing import Any, Optional

from runledger import open_runs

_watched: Optional[object] = None
_running_cell = False
_last_shown: Optional[object] = None


def is_session() -> bool:
    """Whether somebody types what this process runs: at a prompt, in IPython or in a notebook."""
    shell = _shell()
    if shell is not None:
        # IPython also runs scripts, after which it ends.
        return bool(getattr(getattr(shell, "parent", None), "interact", True))
    return hasattr(sys, "ps1")


def watch() -> None:
    """Sees what cells raise from now on."""
    global _watched, _running_cell, _last_shown
    shell = _shell()
    if shell is None or shell is _watched:
        return
    _watched = shell
    _last_shown = _shown()
    # The cell that begins the first run is running already.
    _running_cell = True
    try:
        shell.events.register("pre_run_cell", _cell_begins)
        shell.events.register("post_run_cell", _cell_ends)
    except Exception:  # another version of IPython may have other events
        _running_cell = False


def why_ended(raised: Optional[str]) -> str:
    """The reason of the end of a run that its session left open."""
    if _running_cell:
        return "the session ended while a cell was running"
    if raised is not None:
        return f"{raised}, and the session ended before run.finish()"
    return "the session ended before run.finish()"


def newly_shown() -> Optional[BaseException]:
    """The exceptions whose traceback IPython has shown since the last call."""
    global _last_shown
    shown = _shown()
    if shown is None or shown is _last_shown:
        return None
    _last_shown = shown
    return shown


def _cell_begins(*_: object) -> None:
    global _running_cell
    _running_cell = True


def _cell_ends(result: Any = None, *_: object) -> None:
    global _running_cell
    _running_cell = False
    error = newly_shown() or _of_result(result)
    for run in open_runs.all_open():
        run._cell_raised(error)


def _of_result(result: Any) -> Optional[BaseException]:
    error = getattr(result, "error_in_exec", None) or getattr(result, "error_before_exec", None)
    return error if isinstance(error, BaseException) else None


def _shown() -> Optional[BaseException]:
    shown = getattr(sys, "last_value", None)
    return shown if isinstance(shown, BaseException) else None


def _shell() -> Any:
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return None if get is None else get()
