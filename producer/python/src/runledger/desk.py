"""A ledger of one path: a database, and next to it the spool that it is made of.

No service keeps it. The command ``runledger follow`` does, which is started when it is needed and ends
when nothing comes any more.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from contextlib import suppress
from typing import Callable, Optional, Set, Tuple, Union

from runledger import configuration, database_file, keeper, lineage, mark, private_files
from runledger.follower import CannotFollow, Command, Follower
from runledger.private_files import fcntl
from runledger.projection import is_projection

_LOG = logging.getLogger("runledger")

#: What says in an environment or a file that there is a ledger other than that of a path.
_OF_A_LEDGER = (
    configuration.SPOOL,
    configuration.DATABASE,
    configuration.DATA_DIR,
    configuration.BROKERS,
    configuration.SERVER_URL,
)

_PAUSE = 0.02
_BEGIN_SECONDS = 1.0
_CREATING_SECONDS = 10.0

#: The processes, this one and those it was forked from, and the ledgers in which they have begun runs.
_begun: Set[Tuple[int, str]] = set()

#: After a wait in vain the next ones are no longer than this, until one is answered.
_SHORT = 1.0


def is_configured() -> bool:
    """Whether the environment or a file of this user names a ledger."""
    values = configuration.read(lineage.outside(), _ignore).values
    return any(values.get(key) for key in _OF_A_LEDGER)


def _ignore(_sentence: str) -> None:
    """Whoever reads the settings themselves complains."""


class Desk:
    """Thread-safe, and usable in a forked child."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.spool = spool_of(path)
        self._follower = Follower(self.spool, path)
        self._in_vain = False

    @staticmethod
    def at(path: Union[str, os.PathLike[str]]) -> Optional[Desk]:
        """The desk of a path, which is made where nothing is there yet.

        None where the path is that of something else: a database without a spool, or another file.
        Whatever makes it impossible is logged, and raised by whoever reads.
        """
        text = configuration.absolute(os.fsdecode(path))
        desk = Desk(database_file.real(text))
        try:
            if not database_file.is_absent(desk.path) and not (
                is_projection(desk.path) and os.path.isdir(desk.spool)
            ):
                return None
            desk._make()
        except OSError as trouble:
            _LOG.warning("%s", desk._sentence(trouble))
        return desk

    def _make(self) -> None:
        if fcntl is None:
            raise CannotFollow("This system has no file locks; use Linux, macOS or WSL.")
        self._follower.require_path()
        if not database_file.is_absent(self.path):
            return
        private_files.make_directory(self.spool)
        template = Command.find().template
        deadline = time.monotonic() + _CREATING_SECONDS
        if template is None:
            # A command that hides where it lies: what it starts makes the file.
            since = time.time()
            while database_file.is_absent(self.path) and time.monotonic() < deadline:
                self._follower.ensure(since)
                time.sleep(_PAUSE)
        else:
            while not database_file.create(self.path, template) and time.monotonic() < deadline:
                time.sleep(_PAUSE)

    def begin(self) -> None:
        """Has the database kept soon, also where nobody reads it here. Never fails.

        Not at once: a ledger that was made for a moment, as in a test, needs nobody, and must not be
        written to while it is removed.
        """
        begun = os.getpid(), self.path
        if begun not in _begun:
            _begun.add(begun)
            with suppress(OSError):
                # Should this process not live to have it kept, whoever reads next is warned.
                mark.leave(self.spool)
            timer = threading.Timer(_BEGIN_SECONDS, self._begin)
            timer.daemon = True
            timer.start()
            atexit.register(self._begin)

    def _begin(self) -> None:
        with suppress(OSError):
            if os.path.lexists(self.path) and os.path.isdir(self.spool):
                mark.leave(self.spool)
                self._follower.ensure(time.time())

    def wait(self, seconds: float, sleep: Callable[[float], None] = time.sleep) -> bool:
        """Waits until all is in the database that any process had put into the spool before.

        Whether it is there; after ``seconds`` a warning is logged. Raises CannotFollow where nothing
        keeps the database, and nothing can.
        """
        since = time.time()
        limit = min(seconds, _SHORT) if self._in_vain else seconds
        try:
            if database_file.is_absent(self.path) or not os.path.isdir(self.spool):
                self._make()
                keeper.keep_files(self.spool)
            with mark.put_into(self.spool) as asked:
                self._in_vain = not mark.is_answered(
                    asked, limit, sleep, lambda: self._follower.ensure(since)
                )
        except OSError as trouble:
            if not isinstance(trouble, CannotFollow) and is_projection(self.path):
                # Somebody else's, which may be read, and which somebody else keeps.
                _LOG.debug("%s", self._sentence(trouble))
                return False
            if isinstance(trouble, CannotFollow):
                kept = f"What was logged is kept in {self.spool}."
                raise CannotFollow(f"{self._sentence(trouble)} {kept}") from None
            raise CannotFollow(self._sentence(trouble)) from trouble
        if self._in_vain:
            self._say_what_is_missing(limit)
        return not self._in_vain

    def _say_what_is_missing(self, seconds: float) -> None:
        is_alive = self._follower.is_alive()
        if not is_alive and database_file.is_absent(self.path):
            raise CannotFollow(
                f"Nothing keeps {self.path} up to date: it has not been created; the reason may be in"
                f" {self._follower.log()}."
            )
        reason = "it is still being applied" if is_alive else f"nothing applies it yet, see {self._follower.log()}"
        _LOG.warning(
            "After %g s %s does not yet have everything that is in %s; %s. Reading what is there.",
            seconds, self.path, self.spool, reason,
        )

    def _sentence(self, trouble: OSError) -> str:
        if isinstance(trouble, CannotFollow):
            return f"Nothing keeps {self.path} up to date: {trouble}"
        place = trouble.filename or self.spool
        return f"Nothing keeps {self.path} up to date: {place} cannot be written ({trouble.strerror})."


def spool_of(path: str) -> str:
    """The directory of the files that the database at a path is made of."""
    return path + ".spool"
