"""Writes the rows of an old file into a spool, as files of lines."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from runledger import old_rows, old_runs
from runledger.identity import to_text
from runledger.old_file import FIVE, THREE, Table, Values
from runledger.old_runs import Identity
from runledger.old_values import CREATED, at, first_of, micros
from runledger.settings import Settings

#: Rows of a table that go into one file. A file that is not full yet is written again, under another name, when
#: there are more. It is a part of the identity of the events: with another size, all would count again.
_BLOCK = 50_000

_SMALLEST = -(2**63)
_LARGEST = 2**63 - 1

#: What a file is called until it is complete, and how many seconds that takes at most.
_BESIDE = ".importing-"
_LONGEST_IMPORT = 3_600

#: The order of the writers. What a table of jobs says of a job takes precedence over what its run says.
_ORDER = ("slurm_jobs", "runs", "experiment_runs", "metrics", "run_metrics", "artifacts", "run_results", "run_errors")
_FIRST_BLOCK = 16
_MOST_BLOCKS = 2**38

#: Statuses are writers in the order in which a run has them.
_STATUSES = ("pending", "running", "timeout", "failed", "completed")

_RUNS = {THREE: "runs", FIVE: "experiment_runs"}
_METRICS = {THREE: "metrics", FIVE: "run_metrics"}

Body = Callable[[Values, Settings], Optional[str]]

_OTHERS: Dict[str, Tuple[Tuple[str, Body], ...]] = {
    THREE: (("artifacts", old_rows.artifact),),
    FIVE: (
        ("run_results", old_rows.results),
        ("run_errors", old_rows.error),
        ("slurm_jobs", lambda values, _: old_runs.slurm(values)),
    ),
}


def project_of(path: str) -> str:
    """The project of the runs of a file that have no key: its name."""
    return os.path.splitext(os.path.basename(os.path.realpath(path)))[0]


class Runs:
    """The runs of an old file, each looked up once."""

    def __init__(self, connection: sqlite3.Connection, kind: str, project: str) -> None:
        self.table = Table(connection, _RUNS[kind])
        self._kind = kind
        self._project = project
        self._owners: Dict[int, str] = {}

    def identity(self, number: int) -> Optional[Identity]:
        """Which run of ours is that with an old id; None where there is none."""
        values = self.table.row(number)
        return None if values is None else self.named(number, values)

    def named(self, number: int, values: Values) -> Identity:
        """Which run of ours a row is."""
        return old_runs.identity_of(self._kind, number, values, self._project)

    def owner(self, number: object) -> Optional[str]:
        """What the lines of a run name it by; None for a run that the old tracker has deleted."""
        if not isinstance(number, int):
            return None
        owner = self._owners.get(number)
        if owner is None:
            found = self.identity(number)
            if found is not None:
                owner = self._owners[number] = found.owner
        return owner


class Import:
    """Writes what is missing in a spool. The lines of a block of rows are a file and a writer."""

    def __init__(self, connection: sqlite3.Connection, kind: str, path: str, spool: str) -> None:
        self._connection = connection
        self._kind = kind
        self._spool = spool
        self._settings = Settings.read()
        self._runs = Runs(connection, kind, project_of(path))
        first = self._runs.table.first(_SMALLEST)
        beginning = None if first is None else self._runs.identity(first)
        said = f"{os.path.realpath(path)}\0{beginning}".encode("utf-8", "replace")
        self._source = hashlib.sha256(said).hexdigest()[:10]
        self._made: List[str] = []

    def run(self) -> List[str]:
        """Imports table by table. The runs come last: then each run that another row names is there."""
        self._remove_leftovers()
        self._blocks(Table(self._connection, _METRICS[self._kind]), self._metrics)
        for name, body in _OTHERS[self._kind]:
            self._blocks(Table(self._connection, name), self._lines_of(body))
        self._blocks(self._runs.table, self._starts)
        self._statuses()
        return self._made

    def _remove_leftovers(self) -> None:
        """What processes that were killed did not finish."""
        with suppress(OSError):
            for entry in os.scandir(self._spool):
                if entry.name.startswith(_BESIDE) and entry.stat().st_mtime < time.time() - _LONGEST_IMPORT:
                    os.unlink(entry.path)

    def _blocks(self, table: Table, lines: Callable[[Table, int, int], Iterator[str]]) -> None:
        least: int = _SMALLEST
        while True:
            # A transaction each: as long as it lasts, the old tracker cannot commit.
            with self._reading():
                first = table.first(least)
                if first is None:
                    return
                block = first // _BLOCK
                end = min((block + 1) * _BLOCK - 1, _LARGEST)
                last = table.last(end)
                assert last is not None
                name = f"{table.name}-{block}-{last}".replace("--", "-m")
                rank = _ORDER.index(table.name) * _MOST_BLOCKS + _FIRST_BLOCK + block % _MOST_BLOCKS
                self._write(name, f"{table.name} {block}", rank, lines(table, first, last))
            if end == _LARGEST:
                return
            least = end + 1

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def _metrics(self, table: Table, first: int, last: int) -> Iterator[str]:
        if "run_id" not in table.columns:
            return
        metrics, place, before = old_rows.Metrics(table.columns), table.columns.index("run_id"), None
        for _, row in table.rows(first, last):
            owner = self._runs.owner(row[place])
            body = None if owner is None else metrics.body(row)
            if body is not None:
                # As the line above, where it names none.
                yield body if owner == before else f"{owner},{body}"
                before = owner

    def _lines_of(self, body: Body) -> Callable[[Table, int, int], Iterator[str]]:
        def lines(table: Table, first: int, last: int) -> Iterator[str]:
            for _, row in table.rows(first, last):
                values = dict(zip(table.columns, row))
                owner = self._runs.owner(values.get("run_id")) or self._owner_of_job(values)
                if table.name == "slurm_jobs" and owner is not None:
                    values = self._with_task(values)
                text = None if owner is None else body(values, self._settings)
                if text is not None:
                    yield f"{owner},{text}"

        return lines

    def _owner_of_job(self, values: Values) -> Optional[str]:
        """A job that names no run is that of the run that names the job."""
        job, table = values.get("slurm_job_id"), self._runs.table
        if job is None or "run_id" in values or "slurm_job_id" not in table.columns:
            return None
        found = self._connection.execute(
            f"SELECT {table.key} FROM {table.name} WHERE slurm_job_id = ? ORDER BY 1 LIMIT 1", (job,)
        ).fetchone()
        return None if found is None else self._runs.owner(found[0])

    def _with_task(self, values: Values) -> Values:
        """What a job lacks of what its run says of it."""
        number = values.get("run_id")
        run = self._runs.table.row(number) if isinstance(number, int) else None
        return values if run is None else old_runs.with_task(values, run)

    def _starts(self, table: Table, first: int, last: int) -> Iterator[str]:
        for number, row in table.rows(first, last):
            values = dict(zip(table.columns, row))
            identity = self._runs.named(number, values)
            when = at(micros(first_of(values, CREATED)))
            yield f"{identity.owner},{when},{old_runs.start(identity, self._kind, values, self._settings)}"

    def _statuses(self) -> None:
        """A status is a writer: a run that has another one than at the last import keeps both."""
        found: Dict[str, List[str]] = {status: [] for status in _STATUSES}
        with self._reading():
            lives: List[Callable[[int], int]] = []
            table = self._runs.table
            for number, row in table.rows(_SMALLEST, _LARGEST):
                values = dict(zip(table.columns, row))
                owner = self._runs.named(number, values).owner

                def last(number: int = number) -> int:
                    lives[:] = lives or [self._lives()]
                    return lives[0](number)

                for status, body in old_runs.statuses(values, last):
                    found[status].append(f"{owner},{body}")
        for rank, status in enumerate(_STATUSES):
            # What time it was is not known exactly, and changes nothing of which status it is.
            which = hashlib.sha256("\n".join(line.split('"at":')[0] for line in found[status]).encode())
            self._write(f"{status}-{which.hexdigest()[:12]}", status, 1 + rank, iter(found[status]))

    def _lives(self) -> Callable[[int], int]:
        """When a run is known to have lived: the time of its last metric."""
        table = Table(self._connection, _METRICS[self._kind])
        when = next((name for name in ("timestamp", "created_at") if name in table.columns), None)
        if when is None or "run_id" not in table.columns:
            return lambda _number: 0
        last = dict(
            self._connection.execute(f"SELECT run_id, max({table.key}) FROM {table.name} GROUP BY run_id")
        )

        def life(number: int) -> int:
            values = table.row(last[number]) if number in last else None
            return 0 if values is None else micros(values[when])

        return life

    def _write(self, part: str, writer: str, rank: int, lines: Iterator[str]) -> None:
        """Puts a file into the spool, whole or not at all. One of this name holds the same."""
        path = os.path.join(self._spool, f"imported-{self._source}-{part}.jsonl")
        if os.path.exists(path):
            return
        head = next(lines, None)
        if head is None:
            return
        digest = hashlib.sha256(f"runledger.old-writer.v1\0{self._kind} {writer}".encode()).digest()
        number = rank % 2**42 << 21 | int.from_bytes(digest[:4], "big") >> 11
        descriptor, beside = tempfile.mkstemp(prefix=_BESIDE, dir=self._spool)
        try:
            with open(descriptor, "w", encoding="utf-8", errors="replace", newline="\n", buffering=1 << 18) as file:
                file.write(f'{{"writer_id":"{to_text(max(1, number))}",{head}}}\n')
                for line in lines:
                    file.write(f"{{{line}}}\n")
                file.write('{"end":true}\n')
                file.flush()
                os.fsync(file.fileno())
            self._made += _put(beside, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)


def _put(beside: str, path: str) -> List[str]:
    """Gives a file its name, unless another process was faster with the same one."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return []
    except OSError:  # a file system without links
        os.rename(beside, path)
    return [path]
