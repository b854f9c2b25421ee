"""One file of lines in the spool, appended to by one process."""

from __future__ import annotations

import os
from typing import Optional


class TornLine(OSError):
    """The file ends in half a line, whose rest waits in memory."""


class SpoolFile:
    """Appends whole lines to ``<directory>/<name>``; deploy/docs/spool-lines.md is its format.

    A line is in the file when ``append`` returns, and outlives the process from then on; a power
    cut it outlives after ``sync``. The file is made with the first line. Not thread-safe, except
    that ``sync`` may run beside ``append``.
    """

    def __init__(self, directory: str, name: str) -> None:
        self.directory = directory
        self.path = os.path.join(directory, name)
        self._descriptor: Optional[int] = None
        #: The rest of a line whose beginning could be written but not taken back.
        self._rest = b""
        self._made = False

    @property
    def is_open(self) -> bool:
        """Whether it holds a descriptor now."""
        return self._descriptor is not None

    def append(self, line: bytes) -> None:
        """Writes the line in one call, or nothing of it. Raises OSError in the second case.

        Where the disk took a part of it, that part is taken back. Where even this fails, it raises
        TornLine: the line is not lost, and the next call completes it before anything else.
        """
        descriptor = self._descriptor
        if descriptor is None:
            descriptor = self._open()
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

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        if not self._made:
            # Others must not read what people train, nor be able to put files beside it.
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
            flags |= os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(self.path, flags, 0o600)
        self._made = True
        return self._descriptor

    def sync(self) -> None:
        """Puts what was appended onto the disk. Raises OSError."""
        if self._descriptor is None:
            return
        # A copy: the file may be closed meanwhile, and its number given to another file.
        descriptor = os.dup(self._descriptor)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

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
