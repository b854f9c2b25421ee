"""Identifies this process, so that another one can see whether it still lives."""

from __future__ import annotations

import importlib
import os
import socket
from typing import Any, Dict, Optional


def identity() -> Dict[str, Any]:
    """Process id, start and host of this process, in a form for JSON."""
    return {"pid": os.getpid(), "started": _started(os.getpid()), "place": place()}


def of_parent() -> str:
    """The parent of this process as a text that no other process of this machine has."""
    parent = os.getppid()
    return f"{place()}/{parent}/{_started(parent)}"


def place() -> str:
    """Where process ids mean the same: the host and, in a container, its namespace."""
    try:
        numbering = os.readlink("/proc/self/ns/pid")
    except OSError:
        numbering = ""
    try:
        return f"{socket.gethostname()} {numbering}"
    except OSError:
        return numbering


def is_here(process: Dict[str, Any]) -> bool:
    """Whether it lived where this process lives."""
    return process.get("place") == place()


def is_dead(process: Dict[str, Any]) -> bool:
    """Whether a process is known to have ended; one of another place is not."""
    number = process.get("pid")
    if not is_here(process) or not isinstance(number, int):
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    # A process id is reused; its start time is not.
    return process.get("started") != _started(number)


def is_self(process: Dict[str, Any]) -> bool:
    """Whether it is this process, also where it has replaced its program since."""
    return all(process.get(name) == value for name, value in identity().items())


def _started(pid: int) -> Optional[str]:
    try:
        with open(f"/proc/{pid}/stat", "rb") as facts:
            # The name before it is in parentheses and may hold anything.
            return facts.read().rpartition(b")")[2].split()[19].decode("ascii")
    except (OSError, IndexError, ValueError):
        return None


def is_sub_interpreter() -> bool:
    """Whether another interpreter of the process is its main one, as in mod_wsgi or a pool of them."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = importlib.import_module(name)
        except ImportError:
            continue
        return bool(interpreters.get_current() != interpreters.get_main())
    return False
