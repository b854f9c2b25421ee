"""The one background thread of a process: fsync of open files, heartbeats, reports of lost events."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Callable, List, Optional, Set

from runledger.this_process import is_sub_interpreter

if TYPE_CHECKING:
    from runledger.writer import Writer

_LOG = logging.getLogger("runledger")


class _Keeper:
    """Tends the open writers. Its thread begins with the first of them and is a daemon.

    Where there can be none, the writers are asked to tend themselves.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._writers: Set[Writer] = set()
        self._thread: Optional[threading.Thread] = None
        self._interval = 1.0
        self._changed = threading.Event()
        self._is_threadless = False

    def watch(self, writer: Writer) -> bool:
        with self._lock:
            self._writers.add(writer)
            # A removed file is noticed within a second.
            wanted = min(writer.settings.sync_seconds, 1.0)
            if wanted < self._interval or len(self._writers) == 1:
                self._interval = wanted
                self._changed.set()
            if self._thread is None and not self._is_threadless:
                self._start()
            return not self._is_threadless

    def _start(self) -> None:
        try:
            if is_sub_interpreter():
                # Daemons are forbidden there, or make the process abort when the interpreter ends.
                raise RuntimeError("a sub-interpreter has no daemon threads")
            thread = threading.Thread(target=self._tend, name="runledger-background", daemon=True)
            thread.start()
            self._thread = thread
        except RuntimeError as trouble:
            # Nor can one be started while the interpreter ends, or when there are too many.
            self._is_threadless = True
            _LOG.info("No background thread (%s): fsync and heartbeats wait for log calls.", trouble)

    def forget(self, writer: Writer) -> None:
        with self._lock:
            self._writers.discard(writer)

    def open_writers(self) -> List[Writer]:
        with self._lock:
            return list(self._writers)

    def _tend(self) -> None:
        while True:
            self._changed.wait()
            time.sleep(self._interval)
            writers = self.open_writers()
            if not writers:
                # Sleeps until there is a writer again.
                self._changed.clear()
                if self.open_writers():
                    self._changed.set()
                continue
            _look()
            for writer in writers:
                try:
                    writer.tend()
                except Exception:  # the thread has to outlive whatever a file system does
                    _LOG.warning("A spool file cannot be synced or restored.", exc_info=True)


_keeper = _Keeper()


def _nothing() -> None:
    """Waits until there is something to check."""


_look: Callable[[], None] = _nothing


def look_each_second(call: Callable[[], None]) -> None:
    """Adds a function that is called each second as long as a writer is open; it must not raise."""
    global _look
    _look = call


def watch(writer: Writer) -> bool:
    """Tends a writer from now on; false where the writer must tend itself when it appends."""
    return _keeper.watch(writer)


def forget(writer: Writer) -> None:
    """Tends it no longer."""
    _keeper.forget(writer)


def close_files_of_others(writer: Writer) -> None:
    """Closes the files of all other writers; they are opened again when needed."""
    for other in _keeper.open_writers():
        if other is not writer:
            other.close_file()


def keep_files(spool: str) -> None:
    """Restores the files of this process in a spool that was removed, without waiting for the next second."""
    for writer in _keeper.open_writers():
        if writer.spool == spool:
            writer.keep_file()


def after_fork() -> List[Writer]:
    """In a forked child: starts a new keeper, without a thread yet; returns the parent's writers."""
    global _keeper
    inherited = list(_keeper._writers)
    _keeper = _Keeper()
    return inherited
