"""The file of a database that is not there yet, and whether somebody writes one."""

from __future__ import annotations

import os
import re
import shutil
import stat
import struct
import sys
import tempfile
from contextlib import contextmanager, suppress
from typing import Iterator, Optional

from runledger import private_files
from runledger.private_files import fcntl

#: Others who may enter the directory may read, as with a database that the service creates.
_MODE = 0o644


def real(path: str) -> str:
    """The path with its directory as it really is, whatever links of the user lead there.

    The last name is kept where it is our own link, which names the generation in use.
    """
    for _ in range(40):
        directory, name = os.path.split(os.path.abspath(path))
        directory = os.path.realpath(directory)
        path = os.path.join(directory, name)
        if not os.path.islink(path):
            break
        target = os.path.join(directory, os.readlink(path))
        if os.path.dirname(target) == directory and _generations(path).fullmatch(os.path.basename(target)):
            break
        path = target
    return path


def is_absent(path: str) -> bool:
    """Whether there is nothing at a path, or the empty file of somebody who reserved the name."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    # A device or a pipe has no size, either.
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def create(path: str, template: str) -> bool:
    """Puts a copy of an empty database at a path, whole or not at all, and never over another one.

    Whether there is one now. False: another process has the right to write it, and creates it.
    Raises OSError.
    """
    with _writing(path) as is_ours:
        if not is_ours:
            return not is_absent(path)
        if is_absent(path):
            _put(path, template)
        return True


def _put(path: str, template: str) -> None:
    directory, name = os.path.split(path)
    generations = _generations(path)
    numbers = [int(found.group(1)) for found in map(generations.match, os.listdir(directory)) if found]
    generation = "%s-g%06d.db" % (_stem(name), max(numbers, default=0) + 1)
    descriptor, copy = tempfile.mkstemp(prefix=f".{name}.", suffix=".new", dir=directory)
    link = copy + ".link"
    try:
        with open(descriptor, "wb") as file, open(template, "rb") as empty:
            shutil.copyfileobj(empty, file)
            os.fchmod(file.fileno(), _MODE)
            file.flush()
            os.fsync(file.fileno())
        os.rename(copy, os.path.join(directory, generation))
        os.symlink(generation, link)
        os.rename(link, path)
    finally:
        for left in (copy, link):
            with suppress(FileNotFoundError):
                os.unlink(left)


def is_written(path: str) -> bool:
    """Whether a process has the right to write the database."""
    return is_locked(_lock(path))


def is_locked(path: str) -> bool:
    """Whether a process has the lock of a file. Asking does not get in its way."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # The order of the members differs between systems.
        if sys.platform == "linux":
            asked = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
            kind = struct.unpack("hhqqi4x", asked)[0]
        else:
            asked = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack("qqihh", 0, 0, 0, fcntl.F_WRLCK, 0))
            kind = struct.unpack("qqihh", asked)[3]
        return bool(kind != fcntl.F_UNLCK)
    except OSError:
        return False
    finally:
        os.close(descriptor)


@contextmanager
def _writing(path: str) -> Iterator[bool]:
    """With the right to write a database, as far as nobody else has it."""
    descriptor = os.open(_lock(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield private_files.lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(path: str) -> str:
    return path + ".lock"


def _stem(name: str) -> str:
    return name[:-3] if name.endswith(".db") else name


def _generations(path: str) -> "re.Pattern[str]":
    stem = re.escape(_stem(os.path.basename(path)))
    return re.compile(rf"{stem}-g([0-9]{{6,18}})\.db")


def template_of(command: str) -> Optional[str]:
    """The empty database of the distribution that a command belongs to."""
    home = os.path.dirname(os.path.dirname(os.path.realpath(command)))
    template = os.path.join(home, "lib", "empty.db")
    return template if os.path.isfile(template) else None
