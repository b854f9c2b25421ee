"""Reads the database that the Runledger service keeps; nothing here writes or creates a file."""

from __future__ import annotations

import logging
import os
import sqlite3
import urllib.parse
from contextlib import closing
from typing import Any, Dict, List, Optional, Sequence, Union

from runledger.configuration import SERVER

_LOG = logging.getLogger("runledger")

Row = Dict[str, Any]

#: From this version on SQLite knows STRICT tables.
_OLDEST_SQLITE = (3, 37, 0)

#: "RLDG": what the header of a database of ours says at byte 68.
_APPLICATION_ID = 1_380_729_927


class Projection:
    """The database as it is at each call. Thread-safe: a call has its own connection.

    So the next call sees a rebuild that puts another file in its place.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    @staticmethod
    def at(asked: Union[str, os.PathLike[str], None], configured: str) -> Projection:
        """The projection at a path, or the configured one where no projection is there.

        Scripts of the trackers before Runledger name their own file.
        """
        if asked is None:
            return Projection(configured)
        path = os.path.abspath(os.path.expanduser(os.fsdecode(asked)))
        if path == configured or is_projection(path):
            return Projection(path)
        if os.path.exists(path):
            _LOG.warning(
                "%s is not a database of Runledger; runs are read from %s.", path, configured
            )
        return Projection(configured)

    def is_at(self, asked: Union[str, os.PathLike[str]]) -> bool:
        """Whether it is the database of this path."""
        return self.path == os.path.abspath(os.path.expanduser(os.fsdecode(asked)))

    def connected(self) -> sqlite3.Connection:
        """A connection for reading, whose rows are sqlite3.Row. Raises FileNotFoundError or sqlite3.Error."""
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise sqlite3.NotSupportedError(
                f"This Python has SQLite {sqlite3.sqlite_version}; the database needs 3.37 or newer."
            )
        if self.path.startswith(SERVER):
            raise sqlite3.NotSupportedError(
                "The database is on a PostgreSQL server, which this package does not read; use pandas.read_sql with"
                " SQLAlchemy, or the HTTP API of 'runledger serve'."
            )
        if not os.path.exists(self.path):
            raise FileNotFoundError(
                f"There is no database at {self.path}. Start the Runledger service, or set"
                " RUNLEDGER_DB to its database. Where neither is set up, ExperimentDB(PATH) is enough."
            )
        connection = _opened(self.path)
        connection.row_factory = sqlite3.Row
        return connection

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> List[Row]:
        """What a query finds. Raises FileNotFoundError or sqlite3.Error."""
        with closing(self.connected()) as connection:
            return [dict(row) for row in connection.execute(sql, tuple(parameters))]

    def one(self, sql: str, parameters: Sequence[object] = ()) -> Optional[Row]:
        """The first row, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None


def is_projection(path: str) -> bool:
    """Whether a file is a database of Runledger."""
    if not os.path.isfile(path):
        return False
    try:
        with closing(_connect(path)) as connection:
            return _is_ours(connection)
    except sqlite3.OperationalError:
        # Such as a full disk, on which SQLite cannot read, either.
        return _application_id(path) == _APPLICATION_ID
    except sqlite3.Error:
        return False


def _is_ours(connection: sqlite3.Connection) -> bool:
    tables = connection.execute(
        "SELECT count(*) FROM sqlite_master"
        " WHERE name IN ('projection_info', 'event_streams', 'experiment_runs')"
    )
    return bool(tables.fetchone()[0] == 3)


def _opened(path: str) -> sqlite3.Connection:
    """A connection to a database of ours. Raises sqlite3.DatabaseError where it is none."""
    try:
        connection = _connect(path)
    except sqlite3.OperationalError as error:
        raise sqlite3.OperationalError(
            f"{path} cannot be read: {error}. Check its permissions, and the room on its disk."
        ) from error
    except sqlite3.DatabaseError as error:
        raise sqlite3.DatabaseError(
            f"{path} is not a database, or is damaged ({error}). Specify the one that the"
            " Runledger service keeps, or let 'runledger rebuild' build it again."
        ) from error
    if _is_ours(connection):
        return connection
    connection.close()
    log = os.path.realpath(path) + "-wal"
    hidden = _application_id(path) == _APPLICATION_ID and os.path.exists(log)
    raise sqlite3.DatabaseError(
        f"{log} is the write-ahead log of another database and hides what is in {path};"
        " move it away, and nothing is lost."
        if hidden
        else f"{path} is not a database of Runledger, or lacks its tables. Specify the one that the"
        " Runledger service keeps, or let 'runledger rebuild' build it again."
    )


def _application_id(path: str) -> int:
    """What the file's header says, ignoring any log next to it; 0 where SQLite cannot read it.

    Read by SQLite: whoever closes a file of its own drops the locks of all SQLite connections of the process to it.
    """
    try:
        with closing(_plain(path, "mode=ro&immutable=1")) as connection:
            return int(connection.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.Error:
        return 0


def _connect(path: str) -> sqlite3.Connection:
    connection = _plain(path, "mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        return connection
    except sqlite3.DatabaseError as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError):
            raise
        # Where the directory cannot be written, a write-ahead log can only be read if it is there
        # already. Without one nobody writes to the file, and it can be read as it is.
        if os.path.exists(os.path.realpath(path) + "-wal"):
            raise
        return _plain(path, "mode=ro&immutable=1")


def _plain(path: str, options: str) -> sqlite3.Connection:
    place = urllib.parse.quote(os.fsencode(os.path.realpath(path)))
    return sqlite3.connect(f"file:{place}?{options}", uri=True, timeout=10.0)
