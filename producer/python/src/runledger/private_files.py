"""Files and directories that nobody else can read, and locks that show others who is alive."""

from __future__ import annotations

import errno
import os
import struct
import sys
import time
from typing import Any, Optional

fcntl: Any
resource: Any
try:
    import fcntl
    import resource
except ImportError:  # not on every system
    fcntl = resource = None

#: Lower numbers are the standard streams: output to a closed one must not end up in our files.
_LOWEST_DESCRIPTOR = 3

#: Where possible ours are above those that a program opens: the system gives the lowest free number, so
#: a program that closed all descriptors, as daemons do, does not get one of ours for its next file.
_OUT_OF_REACH = 512

#: A lock of the open file, which a copy of the descriptor may be closed without losing.
_OFD_SETLK: Optional[int] = getattr(fcntl, "F_OFD_SETLK", 37 if sys.platform == "linux" else None)

_TRIES = 5
_PAUSE_SECONDS = 0.01


def make_directory(path: str) -> None:
    """Makes a directory and its missing parents, which only their owner may enter."""
    missing = []
    at = path
    while not os.path.isdir(at):
        missing.append(at)
        above = os.path.dirname(at)
        if above == at:
            break
        at = above
    for directory in reversed(missing):
        try:
            os.mkdir(directory, 0o700)
        except FileExistsError:
            if not os.path.isdir(directory):
                raise
        else:
            # Whatever the umask is.
            os.chmod(directory, 0o700)


def create(path: str) -> int:
    """Makes a file for appending and reading. Raises FileExistsError where there is one."""
    descriptor = _out_of_reach(os.open(path, _flags() | os.O_CREAT | os.O_EXCL, 0o600))
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return descriptor


def reopen(path: str) -> int:
    """Opens an existing file for appending and reading."""
    return _out_of_reach(os.open(path, _flags()))


def _flags() -> int:
    return os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


def duplicate(descriptor: int) -> int:
    """Another descriptor of the same open file, with a number that nothing else will use."""
    if fcntl is None:
        return os.dup(descriptor)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    half = most // 2 if most != resource.RLIM_INFINITY else _OUT_OF_REACH
    for lowest in (min(_OUT_OF_REACH, half), _LOWEST_DESCRIPTOR):
        try:
            return int(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(lowest, _LOWEST_DESCRIPTOR)))
        except OSError as trouble:
            if lowest == _LOWEST_DESCRIPTOR or trouble.errno not in (errno.EMFILE, errno.EINVAL):
                raise
    raise AssertionError


def opened_again(descriptor: int) -> int:
    """The file of a descriptor, opened once more to be synced, or a copy of the descriptor where that fails.

    A child that is forked meanwhile gets no share in the lock with it, as it would with a copy.
    """
    # Neither waits nor takes a terminal, should the number be that of somebody else's pipe or terminal now.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return _out_of_reach(os.open(f"/proc/self/fd/{descriptor}", flags))
    except OSError:  # not on every system, and not after a change of the user
        return duplicate(descriptor)


def _out_of_reach(descriptor: int) -> int:
    if fcntl is None:
        return descriptor
    try:
        return duplicate(descriptor)
    except OSError as trouble:
        if descriptor >= _LOWEST_DESCRIPTOR and trouble.errno == errno.EMFILE:
            kept, descriptor = descriptor, -1
            return kept
        raise
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Locks a file as long as it is open, so that others can see that its writer lives.

    Whether it is locked. Somebody who only asks holds it for an instant, which is waited for; where
    there are no locks, it continues without one.
    """
    if fcntl is None:
        return False
    for attempt in range(_TRIES):
        try:
            _lock(descriptor)
            return True
        except OSError as trouble:
            if trouble.errno not in (errno.EAGAIN, errno.EACCES):
                return False
        if attempt + 1 < _TRIES:
            time.sleep(_PAUSE_SECONDS)
    return False


def _lock(descriptor: int) -> None:
    if _OFD_SETLK is not None:
        whole_file = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        try:
            fcntl.fcntl(descriptor, _OFD_SETLK, whole_file)
            return
        except OSError as trouble:
            if trouble.errno != errno.EINVAL:
                raise
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def keep_lock(descriptor: int) -> None:
    """Locks again where closing a copy of the descriptor released the lock."""
    if _OFD_SETLK is None:
        lock(descriptor)
