"""The runs that this process has open, and what it has written to each; safe across forks."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, AbstractSet, Dict, List, NamedTuple, Optional, Set, Tuple

from runledger import keeper, lineage
from runledger.identity import IDS, from_text, to_text

if TYPE_CHECKING:
    from runledger.run import Run
    from runledger.writer import Writer


class Written(NamedTuple):
    """How many events of which topics one writer has put into its file."""

    run_id: str
    attempt_id: str
    writer_id: int
    events: Dict[str, int]
    spool: str
    #: Whether the spool is that of one path, which no other database is made of.
    is_of_path: bool


_lock = threading.RLock()
_open: Set[Run] = set()
_written: List[Written] = []
_left: Dict[str, Run] = {}
_MOST_LEFT = 50
_MARK = "_runledger_attempts"


def add(run: Run) -> None:
    """The run is open in this process."""
    with _lock:
        _open.add(run)


def remove(run: Run) -> None:
    """The run no longer has an open file in this process."""
    with _lock:
        _open.discard(run)


def all_open() -> List[Run]:
    """The runs that are open now."""
    with _lock:
        return list(_open)


def out_of_reach() -> Set[int]:
    """The ids of the open runs to which nothing of the program refers any more."""
    with _lock:
        (alone,) = _references({object()}).values()
        return {run for run, references in _references(_open).items() if references == alone}


def _references(things: AbstractSet[object]) -> Dict[int, int]:
    return {id(thing): sys.getrefcount(thing) for thing in list(things)}


def passed_on(run: Run, error: BaseException) -> None:
    """An exception has left the block of the run; whether it is caught shows later."""
    with _lock:
        _left[run.attempt_id] = run
        while len(_left) > _MOST_LEFT:
            del _left[next(iter(_left))]
    # The exception is marked, not kept: it would keep all that its frames hold. Texts, because it may
    # go to another process.
    error.__dict__.setdefault(_MARK, []).append(run.attempt_id)


def left_by(error: BaseException) -> List[Run]:
    """The runs whose blocks this exception has ended."""
    marks = error.__dict__.get(_MARK, [])
    with _lock:
        return [_left[attempt] for attempt in marks if attempt in _left]


def wrote(writer: Writer) -> None:
    """Remembers a writer of this process, so that its events can be waited for."""
    with _lock:
        _written.append(
            Written(
                writer.run_id, writer.attempt_id, writer.writer_id, writer.events, writer.spool,
                writer.database is not None,
            )
        )


def unwrote(writer: Writer) -> None:
    """What a writer had written was withdrawn."""
    with _lock:
        _written[:] = [one for one in _written if one.writer_id != writer.writer_id]


def all_written() -> List[Written]:
    """All that this process has written, of closed files as well."""
    with _lock:
        return list(_written)


def last_attempt(run_id: int) -> Tuple[Optional[int], str]:
    """The newest attempt of a run that this process has written of, of closed files as well, and its spool."""
    text = to_text(run_id)
    with _lock:
        found = [(from_text(one.attempt_id), one.spool) for one in _written if one.run_id == text]
    return max(found, default=(None, ""))


def _after_fork_in_child() -> None:
    # Threads that held a lock are not in the child: all locks are recreated.
    global _lock
    _lock = threading.RLock()
    IDS.after_fork()
    lineage.after_fork()
    inherited = list(_open)
    _open.clear()
    _written.clear()
    _left.clear()
    for run in inherited:
        run._after_fork()
    for writer in keeper.after_fork():
        writer.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
