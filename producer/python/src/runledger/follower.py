"""Starts the command that keeps the database of one desk in step with its spool."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Dict, List, NamedTuple, Optional, Tuple

from runledger import database_file
from runledger.private_files import fcntl

#: In the spool: who starts one, and since when.
_STARTED = ".follower"
_LOG = ".follower.log"

#: A process that does not write the database after so long is not going to.
_LONGEST_START = 60.0

#: A process that found nothing to do for this long ends.
_IDLE = "10m"

#: Ours that are meant for the follower, and not for the job.
_KEPT = ("RUNLEDGER_JAVA_HOME", "RUNLEDGER_JAVA_OPTS")

#: The shell ends at once, so that the command is nobody's child: whoever started it need not wait for it.
_DETACHED = '"$@" >&2 & echo $!'


class CannotFollow(OSError):
    """Nothing keeps the database, and why."""


class Command(NamedTuple):
    """The runledger command as it is called."""

    words: Tuple[str, ...]
    file: str

    @staticmethod
    def find() -> Optional[Command]:
        """That of RUNLEDGER_COMMAND, of this installation, or on PATH."""
        named = os.environ.get("RUNLEDGER_COMMAND", "").strip()
        if named:
            found = shutil.which(named)
            return Command((found,), found) if found else None
        from runledger.__main__ import find_launcher  # which may be what runs

        launcher = find_launcher()
        if launcher is not None:
            return Command(("/bin/sh", launcher), launcher)
        found = shutil.which("runledger")
        return Command((found,), found) if found else None

    @property
    def template(self) -> Optional[str]:
        """An empty database as this command would create it."""
        return database_file.template_of(self.file)


NO_COMMAND = (
    "there is no 'runledger' command. Install it with pip install 'runledger[java]', or set"
    " RUNLEDGER_COMMAND to bin/runledger of a distribution."
)


class Follower:
    """The process that follows one spool into one database, of which there is at most one."""

    def __init__(self, spool: str, database: str) -> None:
        self._spool = spool
        self._database = database

    def is_alive(self) -> bool:
        """Whether a process writes the database."""
        return database_file.is_written(self._database)

    def ensure(self, since: float) -> bool:
        """Starts one where none is alive or being started; returns at once, and always True.

        ``since``, of ``time.time()``: one that was started later and has ended with an error is not
        started again. Raises CannotFollow.
        """
        if self.is_alive():
            return True
        try:
            descriptor = os.open(
                os.path.join(self._spool, _STARTED), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as trouble:
            raise CannotFollow(f"{self._spool} cannot be written: {trouble.strerror}.") from trouble
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            started = os.fstat(descriptor).st_mtime
            number = os.read(descriptor, 20).decode("ascii", "replace")
            if self.is_alive() or (time.time() - started < _LONGEST_START and _runs(number)):
                return True
            if number and started >= since:
                complaint = self._complaint()
                if complaint is not None:
                    raise CannotFollow(complaint)
            number = self._start()
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, number.encode("ascii"), 0)
            return True
        finally:
            # Also where a child was forked meanwhile, which has the same file open.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _start(self) -> str:
        command = Command.find()
        if command is None:
            raise CannotFollow(NO_COMMAND)
        words = [
            *command.words,
            "follow", "--spool", self._spool, "--db", self._database, "--idle-exit", _IDLE,
        ]
        try:
            return _detached(words, os.path.join(self._spool, _LOG))
        except (OSError, subprocess.SubprocessError) as trouble:
            raise CannotFollow(f"{command.file} cannot be started: {trouble}.") from trouble

    def _complaint(self) -> Optional[str]:
        """Why the last one ended; None where it did not say, as when it was killed."""
        try:
            with open(os.path.join(self._spool, _LOG), encoding="utf-8", errors="replace") as log:
                lines = [line.strip() for line in log if line.strip()]
        except OSError:
            return None
        if not lines or lines[-1].startswith("Following "):
            return None
        said = lines[-1]
        return said[len("runledger: "):] if said.startswith("runledger: ") else said


def _detached(words: List[str], log: str) -> str:
    """Starts a command in a session of its own, which holds nothing of this process; its number."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        shell = subprocess.run(
            ["/bin/sh", "-c", _DETACHED, "sh", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            start_new_session=True,
            cwd="/",
            env=_environment(),
            check=True,
        )
        return shell.stdout.decode("ascii").strip()
    finally:
        os.close(descriptor)


def _environment() -> Dict[str, str]:
    """This process's, without what says of the job where it records."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("RUNLEDGER_") or name in _KEPT
    }


def _runs(number: str) -> bool:
    """Whether a process is there and has not ended."""
    if not number.isdigit():
        return False
    try:
        with open(f"/proc/{number}/stat", "rb") as facts:
            return facts.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return False
    except OSError:
        return False
    try:
        os.kill(int(number), 0)
        return True
    except OSError:
        return False
