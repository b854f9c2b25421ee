"""Runs and tables as a notebook shows them: HTML in which nothing that was logged is markup."""

from __future__ import annotations

import json
import math
import os
import sqlite3
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Sequence

from runledger import open_runs, printable, run_tables
from runledger.identity import to_text
from runledger.projection import Projection, Row

if TYPE_CHECKING:
    from runledger.run import Run

_WIDTH, _HEIGHT = 120, 24

#: Points of a spark line, rows of a table, and characters of a cell.
_MOST_POINTS = 240
_MOST_ROWS = 200
_MOST_CHARACTERS = 300

#: Bytes of the end of each file of a run.
_MOST_BYTES = 4 << 20


class Shown:
    """What is known about a run, as text and as HTML."""

    def __init__(self, head: Mapping[str, Any], points: Mapping[str, Sequence[float]]) -> None:
        self._head = head
        self._points = points

    def __repr__(self) -> str:
        facts = [f"{name}: {printable.line(_text(value))}" for name, value in self._head.items()]
        last = [f"{printable.line(name)}: {values[-1]!r}" for name, values in self._points.items()]
        return "\n".join(facts + last)

    def _repr_html_(self) -> str:
        facts = _table((), ([_cell(name), _cell(value)] for name, value in self._head.items()))
        metrics = _table(
            ("metric", "points", "last", ""),
            (
                [_cell(name), _cell(len(values)), _cell(values[-1]), spark_line(values)]
                for name, values in list(self._points.items())[:_MOST_ROWS]
            ),
        )
        return facts + (metrics if self._points else "")


def of_run(run: Run) -> Shown:
    """A run of this process: what it gave, with the metrics of its files, else of the database."""
    head: Dict[str, Any] = {"run": run.run_id, "attempt": run.attempt_id}
    head["state"] = "finished" if run._finished else "open"
    for name, values in (("config", run.config), ("summary", run.summary)):
        if values:
            head[name] = dict(values)
    if run.dropped:
        head["dropped"] = run.dropped
    points = _of_files(run)
    if not points:
        try:
            points = _of_database(Projection(run._settings.database), run.number)
        except (OSError, ValueError, sqlite3.Error):
            points = {}
    return Shown(head, points)


def of_row(projection: Projection, row: Row) -> Shown:
    """A run of the database. ``row``: the one of ``run_tables.run``."""
    head: Dict[str, Any] = {"run": to_text(row["run_id"])}
    for name in ("run_name", "status", "notes", "created_at", "finished_at", "config", "tags"):
        if row.get(name):
            head[name] = row[name]
    return Shown(head, _of_database(projection, row["run_id"]))


def rows_html(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Rows as a table, at most 200 of them."""
    body = [[_cell(row.get(name)) for name in names] for row in list(rows)[:_MOST_ROWS]]
    left = len(rows) - len(body)
    return _table(names, body) + (f"<p>{left} more rows</p>" if left > 0 else "")


def spark_line(values: Iterable[float]) -> str:
    """An image made of numbers only; what is not finite is left out. Empty where nothing is left."""
    finite = [float(value) for value in values if math.isfinite(value)]
    if not finite:
        return ""
    step = max(1, math.ceil(len(finite) / _MOST_POINTS))
    kept = finite[::step]
    low, high = min(kept), max(kept)
    # Halved: the difference of the largest numbers is not one.
    height = (high / 2 - low / 2) or 1.0
    across = max(1, len(kept) - 1)
    points = " ".join(
        f"{1 + at * (_WIDTH - 2) / across:.1f},{_HEIGHT - 2 - (value / 2 - low / 2) / height * (_HEIGHT - 4):.1f}"
        for at, value in enumerate(kept)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}"><polyline fill="none" stroke="currentColor"'
        f' points="{points}"/></svg>'
    )


def _of_files(run: Run) -> Dict[str, List[float]]:
    found: Dict[str, List[float]] = {}
    for written in open_runs.all_written():
        if written.run_id == run.run_id:
            path = os.path.join(run._settings.spool, f"{to_text(written.writer_id)}.jsonl")
            for line in _end_of(path):
                _add(found, line)
    return found


def _end_of(path: str) -> List[bytes]:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_BYTES))
            lines = file.read(_MOST_BYTES).split(b"\n")
    except OSError:  # a sender has taken it
        return []
    return lines[1:] if size > _MOST_BYTES else lines


def _add(found: Dict[str, List[float]], line: bytes) -> None:
    if b'"metrics":{' not in line:
        return
    try:
        metrics = json.loads(line).get("metrics", {})
        for name, value in metrics.items():
            found.setdefault(name, []).append(float(value))
    except (ValueError, TypeError, AttributeError):  # half a line, which is being written
        return


def _of_database(projection: Projection, number: int) -> Dict[str, List[float]]:
    found: Dict[str, List[float]] = {}
    for row in run_tables.metrics(projection, number, None):
        found.setdefault(row["metric_name"], []).append(row["value"])
    return found


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_cell(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    import html  # 1 ms that each job would pay

    return html.escape(printable.line(_text(value)), quote=True)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = str(value)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "\u2026"
