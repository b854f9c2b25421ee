"""One file of lines in the spool, appended to by one process."""

from __future__ import annotations

import errno
import os
from typing import Optional

from runledger import private_files

_CHUNK = 1 << 20


class TornLine(OSError):
    """The file ends in half a line, whose rest waits in memory."""


class Gone(OSError):
    """The file was removed, and what stood in it cannot be read any more."""


class SpoolFile:
    """Appends whole lines to ``<directory>/<name>``; deploy/docs/spool-lines.md is its format.

    A line is in the file when ``append`` returns, and outlives the process from then on; a power
    cut it outlives after ``sync``. The file is made with the first line, and locked as long as it is
    open. Somebody else may remove it: ``restore`` puts it back. Not thread-safe, except that ``sync``
    and ``is_lost`` may run beside ``append``.
    """

    def __init__(self, directory: str, name: str) -> None:
        self.directory = directory
        self.name = name
        self.path = os.path.join(directory, name)
        #: Whether nobody else can take its writer for dead.
        self.is_locked = False
        self._descriptor: Optional[int] = None
        #: The rest of a line whose beginning could be written but not taken back.
        self._rest = b""
        self._made = False

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
        except ValueError as trouble:  # a path that can be none, with a zero byte in it
            raise OSError(errno.EINVAL, str(trouble)) from trouble

    def _opened(self) -> int:
        if self._made:
            try:
                self._descriptor = private_files.reopen(self.path)
            except FileNotFoundError as trouble:
                raise Gone(trouble.errno, trouble.strerror) from trouble
        else:
            private_files.make_directory(self.directory)
            self._descriptor = private_files.create(self.path)
            self._made = True
        self.is_locked = private_files.lock(self._descriptor)
        return self._descriptor

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
        written = os.write(descriptor, line)
        if written != len(line):
            self._write_on(descriptor, line, written)

    def _write_on(self, descriptor: int, line: bytes, written: int) -> None:
        try:
            while written < len(line):
                written += os.write(descriptor, line[written:])
        except OSError as trouble:
            try:
                os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
            except OSError:
                self._rest = line[written:]
                raise TornLine(trouble.errno, trouble.strerror) from trouble
            raise

    def complete(self) -> None:
        """Writes what is missing of a torn line. Raises OSError."""
        while self._rest and self._descriptor is not None:
            self._rest = self._rest[os.write(self._descriptor, self._rest) :]

    @property
    def is_torn(self) -> bool:
        """Whether half a line is at its end."""
        return bool(self._rest)

    def is_lost(self) -> bool:
        """Whether another file than the open one, or none, has its name now."""
        descriptor = self._descriptor
        if descriptor is None:
            return False
        try:
            there = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            # Such as a file system that does not answer: nothing is known.
            return False
        try:
            return not os.path.samestat(there, os.fstat(descriptor))
        except OSError:
            return False

    def restore(self) -> None:
        """Puts a file with the same name and content back where it was removed.

        So its lines keep their identity, and none counts twice. Raises Gone where the removed file
        cannot be read, and OSError where the new one cannot be written; it goes on as before then.
        """
        old = self._descriptor
        if old is None:
            return
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
        os.close(old)

    def move(self, directory: str) -> None:
        """Goes on in another directory of the same file system. Raises OSError, and stays then."""
        path = os.path.join(directory, self.name)
        if self._made:
            private_files.make_directory(directory)
            os.rename(self.path, path)
        self.directory, self.path = directory, path

    def remove(self) -> None:
        """Takes the file away."""
        self.close()
        if self._made:
            _remove(self.path)

    def lock_again(self) -> None:
        """Asks for the lock again where somebody else held it."""
        if self._descriptor is not None and not self.is_locked:
            self.is_locked = private_files.lock(self._descriptor)

    def sync(self) -> None:
        """Puts what was appended onto the disk. Raises OSError."""
        if self._descriptor is None:
            return
        # A copy: the file may be closed meanwhile, and its number given to another file.
        descriptor = private_files.duplicate(self._descriptor)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            if self.is_locked and self._descriptor is not None:
                private_files.keep_lock(self._descriptor)

    def sync_directory(self) -> None:
        """Puts the name of the file onto the disk. Raises OSError."""
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Gives the descriptor back; the next ``append`` opens the file again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


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
