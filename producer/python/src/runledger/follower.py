"""Has the database of a desk kept in step with its spool, by a process that serves all desks of a user.

It is the command ``runledger follow --desks``, started when it is needed. A process for each would take a
second and 60 MB each time, and a test suite makes dozens of desks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from runledger import database_file, private_files
from runledger.private_files import fcntl

#: In the place of the process: its lock, who started it and since when, and what it said.
_LOCK = "lock"
_STARTED = "started"
_LOG = "log"

#: In a spool: why it could not be followed.
_LOG_OF_SPOOL = ".follower.log"

#: What the command begins its own complaints with.
_OF_COMMAND = "runledger: "

#: A process that does not answer for so long is not going to.
_LONGEST_START = 60.0

#: What found nothing to do for this long ends.
_IDLE = "10m"

#: Ours that are meant for the follower, and not for the job.
_KEPT = ("RUNLEDGER_JAVA_HOME", "RUNLEDGER_JAVA_OPTS")

#: The shell ends at once, so that the command is nobody's child: whoever started it need not wait for it.
_DETACHED = '"$@" >&2 & echo $!'


class CannotFollow(OSError):
    """Nothing keeps the database, and why."""


NO_COMMAND = (
    "there is no 'runledger' command. Install Runledger's wheel with pip, or set"
    " RUNLEDGER_COMMAND to bin/runledger of a distribution."
)


class Command(NamedTuple):
    """The runledger command as it is called."""

    words: Tuple[str, ...]
    file: str

    @staticmethod
    def find() -> Command:
        """That of RUNLEDGER_COMMAND, of this installation, or on PATH. Raises CannotFollow."""
        from runledger.__main__ import find_launcher  # which may be what runs

        named = os.environ.get("RUNLEDGER_COMMAND", "").strip()
        launcher = None if named else find_launcher()
        if launcher is not None:
            return Command(("/bin/sh", launcher), launcher)
        found = shutil.which(named or "runledger")
        if found is None and named:
            raise CannotFollow(f"RUNLEDGER_COMMAND is {named}, which is not a command that can be run.")
        if found is None:
            raise CannotFollow(NO_COMMAND)
        found = os.path.abspath(found)
        return Command((found,), found)

    @property
    def template(self) -> Optional[str]:
        """An empty database as this command would create it."""
        return database_file.template_of(self.file)

    def place(self) -> str:
        """Where the desks are asked for that this command serves: one that sees the same files."""
        file = os.path.realpath(self.file)
        facts = [file, *(os.environ.get(name, "") for name in ("JAVA_HOME", *_KEPT))]
        with suppress(OSError):
            facts.append(str(os.stat(os.path.join(os.path.dirname(file), "..", "lib")).st_mtime_ns))
        with suppress(OSError):
            facts.append(os.readlink("/proc/self/ns/mnt"))
        name = hashlib.sha256("\0".join(facts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return os.path.join(_runtime_directory(), name)


def _runtime_directory() -> str:
    """A directory of this user and machine. Raises CannotFollow where it belongs to somebody else."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(given) and os.access(given, os.W_OK):
        return os.path.join(given, "runledger")
    directory = os.path.join(tempfile.gettempdir(), f"runledger-{os.getuid()}")
    private_files.make_directory(directory)
    found = os.lstat(directory)
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise CannotFollow(
            f"{directory} belongs to or is accessible to other users. Set XDG_RUNTIME_DIR to a directory of your own."
        )
    return directory


class Follower:
    """What follows one spool into one database; there is at most one."""

    def __init__(self, spool: str, database: str) -> None:
        self._spool = spool
        self._database = database

    def is_alive(self) -> bool:
        """Whether a process writes the database."""
        return database_file.is_written(self._database)

    @staticmethod
    def log() -> str:
        """Where the process that serves all desks writes what it reports. Raises CannotFollow."""
        return os.path.join(Command.find().place(), _LOG)

    def require_path(self) -> None:
        """Raises CannotFollow where the path is one that Java cannot name."""
        try:
            os.fsencode(self._database).decode("utf-8")
        except UnicodeDecodeError:
            raise CannotFollow("the path is not text in UTF-8. Give it another name.") from None

    def ensure(self, since: float) -> bool:
        """Asks for one where none is alive, and starts what serves that; returns at once, always True.

        ``since``, of ``time.time()``: what has failed later is not tried again. Raises CannotFollow.
        """
        if self.is_alive():
            return True
        self.require_path()
        try:
            self._ask(since)
        except CannotFollow:
            raise
        except OSError as trouble:
            raise CannotFollow(f"{trouble.filename}: {trouble.strerror}.") from trouble
        return True

    def _ask(self, since: float) -> None:
        command = Command.find()
        place = command.place()
        private_files.make_directory(place)
        name = hashlib.sha256(os.fsencode(self._database)).hexdigest()[:32]
        request = os.path.join(place, f"{name}.desk")
        if not os.path.exists(request):
            if self.is_alive():
                return
            complaint = _last_line(os.path.join(self._spool, _LOG_OF_SPOOL), since)
            if complaint is not None:
                raise CannotFollow(complaint)
            with open(f"{request}.{os.getpid()}-{threading.get_ident()}", "wb") as file:
                file.write(os.fsencode(self._spool) + b"\0" + os.fsencode(self._database))
            os.rename(file.name, request)
        _ensure_server(command, place, since)


def _ensure_server(command: Command, place: str, since: float) -> None:
    lock = os.path.join(place, _LOCK)
    if database_file.is_locked(lock):
        return
    with _alone(os.path.join(place, _STARTED)) as descriptor:
        started = os.fstat(descriptor).st_mtime
        number = os.read(descriptor, 20).decode("ascii", "replace")
        if database_file.is_locked(lock) or (time.time() - started < _LONGEST_START and _runs(number)):
            return
        log = os.path.join(place, _LOG)
        complaint = _complaint(log, since) if number and started >= since else None
        if complaint is not None:
            raise CannotFollow(complaint)
        words = [*command.words, "follow", "--desks", place, "--idle-exit", _IDLE]
        try:
            number = _detached(words, log)
        except (OSError, subprocess.SubprocessError) as trouble:
            raise CannotFollow(f"{command.file} cannot be started: {trouble}.") from trouble
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, number.encode("ascii"), 0)


@contextmanager
def _alone(path: str) -> Iterator[int]:
    """A file that only one process has at a time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        # Also where a child was forked meanwhile, which has the same file open.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _complaint(log: str, since: float) -> Optional[str]:
    """Why the command could not begin; None where it did, as one that was killed later."""
    lines = _lines(log, since)
    ours = [line for line in lines if line.startswith(_OF_COMMAND)]
    if ours:
        return ours[-1].replace(_OF_COMMAND, "", 1)
    # Java needs several lines for one complaint.
    return " ".join(lines) if any(line.startswith("Error") for line in lines) else None


def _last_line(log: str, since: float) -> Optional[str]:
    """What was said last; None where nothing was said since, as by a process that was killed."""
    lines = _lines(log, since)
    return lines[-1] if lines else None


def _lines(log: str, since: float) -> List[str]:
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            if os.fstat(file.fileno()).st_mtime < since:
                return []
            return [line.strip() for line in file if line.strip()]
    except OSError:
        return []


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
