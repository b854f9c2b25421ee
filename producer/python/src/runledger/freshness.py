"""Waits until the database has what this process has written."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from typing import Callable, Collection, List, Optional, Set

from runledger import database_file, mark, open_runs
from runledger.identity import from_text
from runledger.open_runs import Written
from runledger.projection import Projection

_LOG = logging.getLogger("runledger")

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5

#: After a wait in vain the next ones are no longer than this, until one succeeds.
_SHORT = 1.0
_in_vain: Set[str] = set()

#: In the spool, where it is the log of a database.
_FOLLOWED = ".followed"

_EVENTS = """
    SELECT topic, events
      FROM event_streams
     WHERE run_id = ? AND writer_id = ?
"""


def wait_for_events(
    projection: Projection,
    spool: str,
    runs: Optional[Collection[int]],
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Waits until the database has what was written before, and logs when that does not come.

    Where the spool is followed into the database, that is what any process has put into it; otherwise
    what this process has, of ``runs``, or of all where that is None. Whether it came. Raises nothing
    where the database cannot be read: whoever reads then sees why.
    """
    database = database_file.real(projection.path)
    if os.path.exists(os.path.join(spool, _FOLLOWED)) and database_file.is_written(database):
        try:
            with mark.put_into(spool) as asked:
                if mark.is_answered(asked, seconds, sleep, lambda: database_file.is_written(database)):
                    return True
        except OSError as trouble:
            _LOG.debug("Cannot create a mark in %s (%s).", spool, trouble)
    return wait_for_own_events(projection, spool, runs, seconds, sleep)


def wait_for_own_events(
    projection: Projection,
    spool: str,
    runs: Optional[Collection[int]],
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Waits until the events of this process are in the database, and logs when they do not come.

    ``runs`` limits it to these runs; None means all that this process has written of. Whether they
    came. Raises nothing where the database cannot be read: whoever reads then sees why.
    """
    began = time.monotonic()
    limit = min(seconds, _SHORT) if projection.path in _in_vain else seconds
    # What was written when the question was asked; a thread that continues logging is not waited for.
    waiting = [
        written._replace(events=dict(written.events))
        for written in open_runs.all_written()
        if (runs is None or from_text(written.run_id) in runs)
        and (written.spool == spool or not written.is_of_path)
    ]
    pause = _FIRST_PAUSE
    while True:
        waiting = [written for written in waiting if not _has(projection, written)]
        if not waiting:
            _in_vain.discard(projection.path)
            return True
        left = began + limit - time.monotonic()
        if not os.path.exists(projection.path):
            return False
        if not database_file.is_written(database_file.real(projection.path)):
            _LOG.warning(
                "%s is not being written, and lacks what this process has recorded. Start 'runledger consume' or"
                " 'runledger follow'. Reading what is there.",
                projection.path,
            )
            return False
        if left <= 0:
            _in_vain.add(projection.path)
            _warn(waiting, limit, projection)
            return False
        sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _has(projection: Projection, written: Written) -> bool:
    try:
        rows = projection.rows(_EVENTS, (from_text(written.run_id), written.writer_id))
    except (OSError, sqlite3.Error):
        return False
    there = {row["topic"]: row["events"] for row in rows}
    return all(
        there.get(f"runledger.{topic}", 0) >= count for topic, count in written.events.items()
    )


def _warn(waiting: List[Written], seconds: float, projection: Projection) -> None:
    runs = sorted({written.run_id for written in waiting})
    shown = ", ".join(runs[:3]) + (", ..." if len(runs) > 3 else "")
    _LOG.warning(
        "After %g s %s does not yet have everything that this process has written of %s. Is 'runledger relay'"
        " or the service running? Reading what is there.",
        seconds, projection.path, shown,
    )
