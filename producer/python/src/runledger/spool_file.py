"""One file of lines in the spool, appended to by one process."""

from __future__ import annotations

import errno
import os
from typing import Optional, Tuple

from runledger import private_files

_CHUNK = 1 << 20


class TornLine(OSError):
    """The file ends in an incomplete line, whose rest waits in memory."""


class Gone(OSError):
    """The file was removed or emptied, and what was in it cannot be read any more."""


def database_of(spool: str) -> Optional[str]:
    """The database that a spool is made into, next to it, where it is the spool of a path."""
    database, end = os.path.splitext(spool)
    return database if end == ".spool" and os.path.lexists(database) else None


class SpoolFile:
    """Appends whole lines to ``<directory>/<name>``; deploy/docs/spool-lines.md is its format.

    A line is in the file when ``append`` returns, and outlives the process from then on; after
    ``sync`` it also outlives a power cut. The file is made with the first line, and locked as long as it is
    open. If somebody else removes it, ``restore`` puts it back. Not thread-safe, except that ``sync``
    and ``is_lost`` may run next to ``append``.
    """

    def __init__(self, directory: str, name: str) -> None:
        self.directory = directory
        self.name = name
        self.path = os.path.join(directory, name)
        #: Whether others can see that its writer lives.
        self.is_locked = False
        self._descriptor: Optional[int] = None
        #: The rest of a line whose beginning was written and could not be taken back.
        self._rest = b""
        self._made = False
        #: Device and inode, by which it is distinguished from files that others have put under its name or number.
        self._identity = (-1, -1)
        self._size = 0

    @property
    def is_open(self) -> bool:
        """Whether it holds a descriptor now."""
        return self._descriptor is not None

    def open(self) -> int:
        """Opens and locks the file, and makes it the first time; its descriptor.

        Raises Gone where it was made and is there no more, and OSError.
        """
        if self._descriptor is not None:
            return self._descriptor
        try:
            return self._opened()
        except ValueError as trouble:  # not a possible path, with a zero byte in it
            raise OSError(errno.EINVAL, str(trouble)) from trouble

    def _opened(self) -> int:
        if self._made:
            descriptor = self._reopened()
        else:
            private_files.make_directory(self.directory)
            descriptor = private_files.create(self.path)
            self._identity = _identity(os.fstat(descriptor))
            self._made = True
        self._descriptor = descriptor
        self.is_locked = private_files.lock(descriptor)
        return descriptor

    def _reopened(self) -> int:
        try:
            descriptor = private_files.reopen(self.path)
        except FileNotFoundError as trouble:
            raise Gone(trouble.errno, trouble.strerror) from trouble
        found = os.fstat(descriptor)
        if _identity(found) == self._identity and found.st_size >= self._size:
            return descriptor
        os.close(descriptor)
        raise Gone(errno.ESTALE, "another file has its name, or it is shorter than what was written")

    def append(self, line: bytes) -> None:
        """Writes the line in one call, or nothing of it. Raises OSError in the second case.

        Where the disk took a part of it, that part is taken back. Where even this fails, it raises
        TornLine: the line is not lost, and the next call completes it before anything else.
        """
        descriptor = self._descriptor
        if descriptor is None:
            descriptor = self.open()
        if self._rest:
            self.complete()
        try:
            written = os.write(descriptor, line)
        except OSError as trouble:
            if trouble.errno != errno.EBADF:
                raise
            # Somebody closed all descriptors, ours too.
            self._descriptor = None
            descriptor = self.open()
            written = os.write(descriptor, line)
        if written != len(line):
            self._write_on(descriptor, line, written)
        else:
            self._size += written

    def _write_on(self, descriptor: int, line: bytes, written: int) -> None:
        try:
            while written < len(line):
                written += os.write(descriptor, line[written:])
        except OSError as trouble:
            try:
                os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
            except OSError:
                self._size += written
                self._rest = line[written:]
                raise TornLine(trouble.errno, trouble.strerror) from trouble
            raise
        self._size += written

    def complete(self) -> None:
        """Writes what is missing of a torn line. Raises OSError."""
        while self._rest and self._descriptor is not None:
            written = os.write(self._descriptor, self._rest)
            self._size += written
            self._rest = self._rest[written:]

    @property
    def is_torn(self) -> bool:
        """Whether it ends in an incomplete line."""
        return bool(self._rest)

    def is_lost(self) -> bool:
        """Whether its name or its number now belongs to another file or to none, or its content is gone."""
        descriptor = self._descriptor
        if descriptor is None:
            return False
        try:
            open_one = os.fstat(descriptor)
        except OSError as trouble:
            return trouble.errno == errno.EBADF
        if _identity(open_one) != self._identity or open_one.st_size < self._size:
            return True
        try:
            return _identity(os.stat(self.path)) != self._identity
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            # Such as a file system that does not answer: nothing is known.
            return False

    def restore(self) -> str:
        """Restores a removed file with the same name and content; returns what had happened.

        So its lines keep their identity, and none counts twice. Raises Gone where the content cannot
        be read any more, and OSError where the new file cannot be written; it continues as before then.
        """
        old = self._descriptor
        if old is None or not self._is_ours(old):
            self._descriptor = None
            self.open()
            return "lost its descriptor, which was closed"
        if os.fstat(old).st_size < self._size:
            raise Gone(errno.ENODATA, "it was truncated")
        private_files.make_directory(self.directory)
        beside = os.path.join(self.directory, f".{self.name}.restored")
        try:
            os.remove(beside)
        except FileNotFoundError:
            pass
        new = private_files.create(beside)
        try:
            _copy(old, new)
            locked = private_files.lock(new)
            os.fsync(new)
            os.replace(beside, self.path)
        except BaseException:
            os.close(new)
            _remove(beside)
            raise
        self._descriptor, self.is_locked = new, locked
        self._identity = _identity(os.fstat(new))
        os.close(old)
        return "was removed"

    def _is_ours(self, descriptor: int) -> bool:
        """Whether the number is still that of our file: its owner may have closed and used it."""
        try:
            return _identity(os.fstat(descriptor)) == self._identity
        except OSError:
            return False

    def leave(self) -> None:
        """Gives the file up and removes what is left of it: without its beginning nobody can read it."""
        self.close()
        try:
            if _identity(os.stat(self.path)) == self._identity:
                os.remove(self.path)
        except OSError:
            pass

    def move(self, directory: str) -> None:
        """Goes on in another directory of the same file system. Raises OSError, and stays then."""
        path = os.path.join(directory, self.name)
        if self._made:
            private_files.make_directory(directory)
            os.rename(self.path, path)
        self.directory, self.path = directory, path

    def remove(self) -> None:
        """Removes the file."""
        self.close()
        if self._made:
            _remove(self.path)

    def lock_again(self) -> None:
        """Asks for the lock again where somebody else held it."""
        if self._descriptor is not None and not self.is_locked:
            self.is_locked = private_files.lock(self._descriptor)

    def sync(self) -> None:
        """Puts what was appended to the disk. Raises OSError."""
        if self._descriptor is None:
            return
        # A separate descriptor: the file may be closed meanwhile, and its number given to another file.
        descriptor = private_files.opened_again(self._descriptor)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            if self.is_locked and self._descriptor is not None:
                private_files.keep_lock(self._descriptor)

    def sync_directory(self) -> None:
        """Puts the name of the file to the disk. Raises OSError."""
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Closes the file; the next ``append`` opens it again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and self._is_ours(descriptor):
            os.close(descriptor)


def _identity(found: os.stat_result) -> Tuple[int, int]:
    return found.st_dev, found.st_ino


def _copy(old: int, new: int) -> None:
    at = 0
    while True:
        try:
            chunk = os.pread(old, _CHUNK, at)
        except OSError as trouble:
            raise Gone(trouble.errno, trouble.strerror) from trouble
        if not chunk:
            return
        at += len(chunk)
        while chunk:
            chunk = chunk[os.write(new, chunk) :]


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        pass
