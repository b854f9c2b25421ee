"""What one process appends to one attempt of a run: a writer, which is its own file."""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from typing import Callable, Dict, List, Optional, Set, Tuple

from runledger import keeper, open_runs
from runledger.identity import IDS, to_text, well_formed
from runledger.json_values import dumps
from runledger.settings import Settings
from runledger.spool_file import Gone, SpoolFile, TornLine, database_of

_LOG = logging.getLogger("runledger")

#: A directory that cannot be written is tried again after this many seconds, not at each call.
_RETRY_SECONDS = 1.0

#: How often a writer without a background thread looks after itself.
_TEND_SECONDS = 1.0

_NEVER = float("inf")

#: To remove a directory with all that is in it takes less.
_REMOVING_SECONDS = 0.2

RUNS = "runs"
METRICS = "metrics"
ERRORS = "errors"


def _nothing() -> None:
    """By default nothing is done."""


class Writer:
    """Appends the lines of one attempt, and counts what could not be appended. Thread-safe.

    No method raises. Lost events are reported with a ``dropped`` line as soon as the file can be
    written again; the first loss is logged as well.
    """

    def __init__(
        self,
        run_id: str,
        attempt_id: str,
        settings: Settings,
        beats: bool,
        directory: Optional[str] = None,
    ) -> None:
        self.run_id = run_id
        self.attempt_id = attempt_id
        self.settings = settings
        #: Events that were never stored.
        self.dropped = 0
        # Re-entrant: a signal handler of the training may log while the same thread logs.
        self._lock = threading.RLock()
        self._start_line = ""
        self._beats = beats and settings.heartbeat_seconds > 0
        self._next_beat = time.monotonic() + settings.heartbeat_seconds
        self._untold: Dict[Tuple[str, str], int] = {}
        self._failing = False
        self._retry_at = 0.0
        self._told: Set[str] = set()
        self._unsynced = False
        self._next_sync = 0.0
        self._closed = False
        #: Called before the writer is tended, without its lock.
        self.before_tending: Callable[[], None] = _nothing
        #: Another place than the spool, where no sender takes the file.
        self.spool = directory or settings.spool
        self._discarded = False
        self._successor: Optional[Writer] = None
        self._begin_file()
        #: When it tends itself next; never where the background thread does it.
        self._next_tend = _NEVER if keeper.watch(self) else 0.0

    def _begin_file(self) -> None:
        """A file, which is made with its first line; a writer whose file is gone gets a second one."""
        self.writer_id = IDS.next()
        writer_text = to_text(self.writer_id)
        self.file = SpoolFile(self.spool, writer_text + ".jsonl")
        #: Events in the file, by topic, as the database counts them.
        self.events: Dict[str, int] = {RUNS: 0, METRICS: 0, ERRORS: 0}
        # Every further line takes these from the line before.
        self._head = f'"writer_id":"{writer_text}",{self._ids()}'
        self._directory_unsynced = True
        self.database = database_of(self.spool)
        open_runs.wrote(self)

    def _ids(self) -> str:
        return f'"run_id":"{self.run_id}","attempt_id":"{self.attempt_id}",'

    def begin(self, body: str) -> None:
        """Appends the start of the run, now or, where that fails, before anything else later.

        Without it nobody would know which run the events belong to. The first heartbeat follows at
        once, so that a run that is killed before the second one is seen to be silent.
        """
        with self._lock:
            self._start_line = '{"at":%.6f,%s}\n' % (time.time(), body)
            if self._beats:
                self._start_line += '{"heartbeat":%d}\n' % self.settings.heartbeat_seconds
            self._put_start()

    def _put_start(self) -> bool:
        line = self._start_line
        dropped, untold = self.dropped, dict(self._untold)
        if line and not self._put(RUNS, line, 2 if self._beats else 1):
            if self._failing:
                # It is late and not lost.
                self.dropped, self._untold = dropped, untold
                return False
        self._start_line = ""
        return True

    def append(self, topic: str, *bodies: str, at: Optional[float] = None) -> bool:
        """Appends events, each with the members of its line. Whether all were stored."""
        at = time.time() if at is None else at
        with self._lock:
            if self._discarded:
                return self._successor is None or self._successor.append(topic, *bodies, at=at)
            if self._failing and not self._recovered():
                self.drop(topic, "the spool cannot be written", len(bodies))
                return False
            stored = True
            for body in bodies:
                stored = self._put(topic, '{"at":%.6f,%s}\n' % (at, body)) and stored
        if self._next_tend != _NEVER:
            self._tend_itself()
        return stored

    def join(self, body: str, at: Optional[float] = None) -> bool:
        """Appends a start that names no run: it joins the attempt that is next to it."""
        with self._lock:
            if self._successor is not None:
                return self._successor.join(body, at)
            return self.append(RUNS, self._ids() + body, at=at)

    def _tend_itself(self) -> None:
        now = time.monotonic()
        if now >= self._next_tend:
            self._next_tend = now + _TEND_SECONDS
            self.tend()

    def _put(self, topic: str, line: str, events: int = 1) -> bool:
        try:
            data = line.encode()
        except UnicodeEncodeError:
            data = well_formed(line).encode()
        if len(data) > self.settings.record_max_bytes:
            self.drop(topic, "longer than record.max.bytes")
            return False
        try:
            self._append_to_file(data)
        except TornLine as trouble:
            self._failed(trouble)
        except OSError as trouble:
            self._failed(trouble)
            self.drop(topic, f"the spool cannot be written: {trouble.strerror}")
            return False
        self._head = ""
        self.events[topic] += events
        self._unsynced = True
        return True

    def _append_to_file(self, data: bytes) -> None:
        try:
            self._append_line(data)
        except OSError as trouble:
            if trouble.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            # A process may have more runs open than it may have files.
            keeper.close_files_of_others(self)
            self._append_line(data)

    def _append_line(self, data: bytes) -> None:
        try:
            self.file.append(self._first_line(data) if self._head else data)
        except Gone as trouble:
            self._file_is_gone(trouble)
            self.file.append(self._first_line(data))

    def _first_line(self, line: bytes) -> bytes:
        """A line with what the first one says for all: their run and attempt, and the writer's process."""
        self.file.open()
        locked = '"locked":true,' if self.file.is_locked else ""
        behind_at = line.index(b",") + 1
        rest = line[behind_at:]
        ids = self._ids()
        head = self._head[: -len(ids)] if rest.startswith(ids.encode()) else self._head
        return line[:behind_at] + (locked + head).encode() + rest

    def _file_is_gone(self, trouble: OSError) -> None:
        self.tell(
            "gone",
            f"The spool file {self.file.path} was removed or emptied and can no longer be read"
            f" ({trouble.strerror}); the run continues in another file.",
        )
        lost = self.events
        self.file.leave()
        self._begin_file()
        for topic, count in lost.items():
            if count:
                self.drop(topic, "the spool file was removed or emptied, perhaps after it was sent", count)

    def keep_file(self) -> None:
        """Restores the file where it was removed, as by a purge of a scratch disk."""
        if not self.file.is_lost() or self._is_ledger_gone() or self._is_ledger_going():
            return
        with self._lock:
            if not self.file.is_lost():
                return
            try:
                what = self.file.restore()
                self.tell(
                    what,
                    f"The spool file {self.file.path} {what}; it was restored, and nothing is lost.",
                )
            except Gone as trouble:
                self._file_is_gone(trouble)
            except OSError as trouble:
                self.tell(
                    "restore",
                    f"The spool file {self.file.path} was removed and cannot be restored"
                    f" yet: {trouble}. Retrying every second.",
                )

    def _is_ledger_gone(self) -> bool:
        """Whether the ledger of a path was removed as a whole, as tests remove theirs."""
        return self.database is not None and not os.path.lexists(self.database)

    def _is_ledger_going(self) -> bool:
        """Whether the ledger of a path is being removed just now: its files go in any order."""
        if self.database is None:
            return False
        time.sleep(_REMOVING_SECONDS)
        return self._is_ledger_gone()

    def _failed(self, trouble: OSError) -> None:
        self._failing = True
        if not self.file.is_open:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
        torn = " It ends in an incomplete line, which is completed later." if self.file.is_torn else ""
        self.tell(
            "write",
            f"The spool file {self.file.path} cannot be written: {trouble}.{torn} The training"
            " continues; what is lost is counted.",
        )

    def _recovered(self) -> bool:
        """Tries the file again, and reports what was lost."""
        if not self.file.is_open and time.monotonic() < self._retry_at:
            return False
        self._failing = False
        try:
            self.file.complete()
        except OSError as trouble:
            self._failed(trouble)
        return not self._failing and self._put_start() and self._tell_dropped()

    def drop(self, topic: str, reason: str, count: int = 1) -> None:
        """Counts events that are not stored; a line reports them within a second or so."""
        with self._lock:
            self.dropped += count
            told = (topic, reason)
            self._untold[told] = self._untold.get(told, 0) + count
        self.tell(
            "drop",
            f"Run {self.run_id}: an event of {topic} is not recorded ({reason}). Further ones are"
            " counted and not logged.",
        )

    def _tell_dropped(self) -> bool:
        untold, self._untold = self._untold, {}
        waiting: List[Tuple[Tuple[str, str], int]] = list(untold.items())
        while waiting:
            (topic, reason), count = waiting[0]
            body = dumps({"topic": topic, "count": count, "reason": reason})
            line = '{"at":%.6f,"dropped":%s}\n' % (time.time(), body)
            before = self.dropped
            if not self._put(RUNS, line):
                # The report itself is not a lost event.
                self.dropped = before
                self._untold = dict(waiting)
                return False
            waiting.pop(0)
        return True

    def untold(self) -> Dict[Tuple[str, str], int]:
        """The losses that no line has reported yet: how many, by topic and reason."""
        with self._lock:
            return dict(self._untold)

    def tell(self, kind: str, sentence: str) -> None:
        """Logs a sentence once per kind: the log of a training that fails at each step stays readable."""
        if kind not in self._told:
            self._told.add(kind)
            _LOG.warning("%s", sentence)

    def tend(self) -> None:
        """The work of each second, mostly by the background thread: losses, heartbeats, fsync."""
        if not self._closed:
            self.before_tending()
        if not self._closed:
            self.keep_file()
        with self._lock:
            if self._closed:
                return
            self.file.lock_again()
            if (not self._failing or self._recovered()) and self._untold:
                self._tell_dropped()
            if self._beats and time.monotonic() >= self._next_beat:
                seconds = self.settings.heartbeat_seconds
                self._next_beat = time.monotonic() + seconds
                if not self._failing:
                    self.append(RUNS, f'"heartbeat":{seconds}')
        if time.monotonic() >= self._next_sync:
            self._next_sync = time.monotonic() + self.settings.sync_seconds * 0.9
            self._sync()

    def _sync(self) -> None:
        if not self._unsynced:
            return
        self._unsynced = False
        try:
            self.file.sync()
            if self._directory_unsynced:
                self.file.sync_directory()
                self._directory_unsynced = False
        except OSError as trouble:
            if self._is_ledger_gone():
                return
            self.tell("sync", f"The spool file {self.file.path} cannot be synced: {trouble}.")

    def close(self) -> None:
        """Ends the file: nothing follows in it. A second close does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if (not self._failing or self._recovered()) and self._untold:
                self._tell_dropped()
            self.keep_file()
            if not self._head and not self._failing:
                self._put(RUNS, '{"at":%.6f,"end":true}\n' % time.time())
                self.events[RUNS] -= 1  # an end is not an event
            self._sync()
            if self.file.is_lost() and not self._is_ledger_gone():
                lost = sum(self.events.values())
                self.dropped += lost
                _LOG.warning(
                    "Run %s: the spool file %s was removed and could not be restored; its"
                    " %d events are lost unless they were sent before.",
                    self.run_id, self.file.path, lost,
                )
            self._release_file()
            if self._untold:
                _LOG.warning(
                    "Run %s: %d events are lost, and the loss cannot be recorded in its file.",
                    self.run_id, sum(self._untold.values()),
                )
        keeper.forget(self)

    def show(self) -> bool:
        """Moves the file into the spool, where senders take it; returns whether that worked."""
        with self._lock:
            try:
                self.file.move(self.settings.spool)
            except OSError as trouble:
                self.tell("show", f"The spool file {self.file.path} cannot be moved: {trouble}.")
                return False
            self.spool = self.settings.spool
            self._directory_unsynced = self._unsynced = True
            return True

    def pass_on(self, successor: Writer) -> None:
        """What is appended from now on goes to another writer."""
        with self._lock:
            self._discarded = True
            self._successor = successor

    def discard(self) -> None:
        """Removes the file with all that is in it, and accepts nothing more."""
        with self._lock:
            self._closed = self._discarded = True
            self.file.remove()
        open_runs.unwrote(self)
        keeper.forget(self)

    def close_file(self) -> bool:
        """Closes the file until the next line; returns whether it was open."""
        if not self.file.is_open or not self._lock.acquire(blocking=False):
            return False
        try:
            self._sync()
            # An incomplete line can only be completed in its own file, which then stays open.
            return not self.file.is_torn and self._release_file()
        finally:
            self._lock.release()

    def _release_file(self) -> bool:
        try:
            self.file.close()
        except OSError as trouble:
            self.tell("close", f"The spool file {self.file.path} cannot be closed: {trouble}.")
        return True

    def abandon(self) -> None:
        """In a forked child: the file is the parent's, and stays as it is."""
        self._closed = True
        self._lock = threading.RLock()
        self._release_file()

