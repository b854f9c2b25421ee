"""The SQLite file of a tracker before Runledger, read without changing anything of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import urllib.parse
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Dict, Iterator, List, Optional, Tuple

THREE = "three"
FIVE = "five"
OURS = "runledger"

_HEADER = b"SQLite format 3\0"

#: Seconds for which somebody else's lock is waited for.
_PATIENCE = 10.0

_KINDS = (
    (OURS, {"projection_info"}),
    (FIVE, {"experiment_runs", "run_metrics"}),
    (THREE, {"runs", "metrics", "artifacts"}),
)

Values = Dict[str, Any]


class OldFileError(ValueError):
    """The file cannot be imported, and why."""


def kind_of(path: str) -> Optional[str]:
    """THREE or FIVE for the file of a tracker with as many tables, OURS for ours; None for anything else.

    Raises OldFileError for a database that cannot be read.
    """
    if not _is_database(path):
        return None
    with opened(path) as connection:
        return kind_in(connection)


def kind_in(connection: sqlite3.Connection) -> Optional[str]:
    """The same of an open file."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return next((kind for kind, needed in _KINDS if needed <= names), None)


def _is_database(path: str) -> bool:
    """Whether it begins as SQLite's files do.

    The file itself is read only where SQLite refuses it. Its tracker may have it open in this process, and whoever
    closes a file drops all locks that its process has on it: others could then write in the middle of a transaction.
    """
    try:
        if not os.path.isfile(path) or not os.path.getsize(path):
            return False
        try:
            _connected(path, "mode=ro&immutable=1").close()
            return True
        except sqlite3.Error:
            with open(path, "rb") as file:
                return file.read(len(_HEADER)) == _HEADER
    except OSError as trouble:
        raise OldFileError(f"{path} cannot be read: {trouble.strerror}.") from trouble


@contextmanager
def opened(path: str) -> Iterator[sqlite3.Connection]:
    """A connection that only reads. Raises OldFileError where the database cannot be read.

    It leaves no file next to it: where SQLite would make a log or an index of one, it is read another way.
    """
    with ExitStack() as closed_after:
        try:
            connection = _opened(os.path.realpath(path), closed_after)
        except OSError as trouble:
            raise OldFileError(f"{path} cannot be read: {trouble.strerror}.") from trouble
        except sqlite3.Error as trouble:
            raise _unreadable(path, trouble) from trouble
        try:
            yield connection
        except sqlite3.Error as trouble:
            raise _unreadable(path, trouble) from trouble


def _unreadable(path: str, trouble: sqlite3.Error) -> OldFileError:
    return OldFileError(
        f"{path} cannot be read: {trouble}. If it is damaged, 'sqlite3 FILE .recover' saves what can be read;"
        " if it is locked or a journal is next to it, open it once with its tracker."
    )


def _opened(path: str, closed_after: ExitStack) -> sqlite3.Connection:
    options = "mode=ro"
    if _needs_log(path) and not os.path.exists(path + "-shm"):
        if _size(path + "-wal"):
            return _copy(path, closed_after)
        # Nobody has it open, so nobody changes it.
        options = "mode=ro&immutable=1"
    try:
        return closed_after.enter_context(closing(_connected(path, options)))
    except sqlite3.OperationalError as trouble:
        is_left = _size(path + "-journal") or _size(path + "-wal")
        if not is_left or "locked" in str(trouble):
            raise
        return _copy(path, closed_after)


def _copy(path: str, closed_after: ExitStack) -> sqlite3.Connection:
    """Of what a process left that was killed: to read it, SQLite has to finish or undo what that had begun."""
    directory = closed_after.enter_context(tempfile.TemporaryDirectory(prefix="runledger-"))
    copy = os.path.join(directory, "copy.db")
    shutil.copyfile(path, copy)
    for ending in ("-wal", "-journal"):
        if _size(path + ending):
            shutil.copyfile(path + ending, copy + ending)
    return closed_after.enter_context(closing(_connected(copy, "mode=rw")))


def _needs_log(path: str) -> bool:
    """Whether its transactions go to a write-ahead log: such a file SQLite does not open without locks."""
    if _size(path + "-journal"):
        return False
    try:
        _connected(path, "mode=ro&nolock=1").close()
        return False
    except sqlite3.OperationalError as trouble:
        return "unable to open" in str(trouble)
    except sqlite3.DatabaseError:
        return False


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _connected(path: str, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{urllib.parse.quote(os.fsencode(path))}?{options}", uri=True, timeout=_PATIENCE, isolation_level=None
    )
    connection.text_factory = _text
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Table:
    """A table of the file, by the columns that it has. Rows are in the order in which they were inserted."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.name = name
        self._connection = connection
        found = connection.execute(f"PRAGMA table_info({name})").fetchall()
        self.columns: List[str] = [column[1] for column in found]
        keys = [column for column in found if column[5]]
        is_number = len(keys) == 1 and str(keys[0][2]).upper() == "INTEGER"
        #: The column of the row's own number.
        self.key = _quoted(keys[0][1]) if is_number else "rowid"

    def last(self, most: int) -> Optional[int]:
        """The number of the last row up to a bound."""
        return self._whole(f"SELECT max({self.key}) FROM {self.name} WHERE {self.key} <= ?", most)

    def first(self, least: int) -> Optional[int]:
        """The number of the first row from a bound on."""
        return self._whole(f"SELECT min({self.key}) FROM {self.name} WHERE {self.key} >= ?", least)

    def _whole(self, sql: str, bound: int) -> Optional[int]:
        if not self.columns:
            return None
        found = self._connection.execute(sql, (bound,)).fetchone()[0]
        return found if isinstance(found, int) else None

    def rows(self, least: int, last: int) -> Iterator[Tuple[int, Tuple[Any, ...]]]:
        """The rows from one number to another, each with its number and its values by column."""
        every = self._connection.execute(
            f"SELECT {self.key}, * FROM {self.name} WHERE {self.key} BETWEEN ? AND ? ORDER BY {self.key}",
            (least, last),
        )
        for row in every:
            yield row[0], row[1:]

    def row(self, number: int) -> Optional[Values]:
        """The row with a number, or None."""
        if not self.columns:
            return None
        for _, values in self.rows(number, number):
            return dict(zip(self.columns, values))
        return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
