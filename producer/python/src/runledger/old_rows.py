"""What the rows about metrics, files, results and errors of the trackers before Runledger say, as lines."""

from __future__ import annotations

import json
import math
from typing import Any, Dict, List, Optional, Tuple

from runledger.json_values import LONGEST_NAME, cut_middle, dumps, error_json, text_of
from runledger.old_file import Values
from runledger.old_values import CREATED, at, first_of, micros, parsed, plain_value, words
from runledger.settings import Settings
from runledger.stored_config import stored

_LONGEST_PATH = 100_000
_LONGEST_NUMBER = 1_000

_ELAPSED = ("elapsed_seconds", "elapsed_time", "elapsed")
_EPOCHS = ("epoch", "epoch_or_generation", "generation")
_NOT_METRICS = {"metric_id", "id", "run_id", "step", "timestamp", "created_at", "logged_at", *_ELAPSED, *_EPOCHS}
_OF_AN_ARTIFACT = {
    "artifact_id", "id", "run_id", "artifact_type", "type", "filepath", "path", "metadata", "created_at",
}


class Metrics:
    """Turns the rows of a table of metrics into bodies of lines, one a row. Remembers texts that repeat."""

    def __init__(self, columns: List[str]) -> None:
        self._place = {name: i for i, name in enumerate(columns)}
        self._wide = [(i, name) for i, name in enumerate(columns) if name not in _NOT_METRICS]
        self._names: Dict[Any, str] = {}
        self._time: Tuple[Any, str] = (None, at(0))
        self._when = self._column("timestamp", "created_at", "logged_at")
        self._beside = [
            (place, f',"{word}":')
            for word, names in (("step", ("step",)), ("epoch", _EPOCHS), ("elapsed_seconds", _ELAPSED))
            for place in [self._column(*names)]
            if place is not None
        ]
        self._long = self._column("metric_name"), self._column("value")

    def _column(self, *names: str) -> Optional[int]:
        return next((self._place[name] for name in names if name in self._place), None)

    def body(self, row: Tuple[Any, ...]) -> Optional[str]:
        """The line of a row; None where nothing was measured."""
        name, value = self._long
        if name is not None and value is not None:
            metrics = f"{self._label(row[name])}:{_number(row[value])}"
        else:
            metrics = ",".join(self._measured(row))
        if not metrics:
            return None
        line = f'{self._at(row)},"metrics":{{{metrics}}}'
        for place, word in self._beside:
            if row[place] is not None:
                line += word + _number(row[place])
        return line

    def _measured(self, row: Tuple[Any, ...]) -> List[str]:
        found: Dict[Any, Any] = {}
        for place, name in self._wide:
            value = row[place]
            if isinstance(value, str) and value.lstrip()[:1] == "{":
                more = parsed(value)
                if isinstance(more, dict):
                    found.update(more)
                    continue
            if value is not None:
                found[name] = value
        return [f"{self._label(name)}:{_number(value)}" for name, value in found.items()]

    def _label(self, name: Any) -> str:
        label = self._names.get(name)
        if label is None:
            if len(self._names) > 10_000:
                self._names.clear()
            label = self._names[name] = json.dumps((words(name) or "")[: LONGEST_NAME + 1])
        return label

    def _at(self, row: Tuple[Any, ...]) -> str:
        if self._when is None:
            return at(0)
        value = row[self._when]
        if value != self._time[0]:
            self._time = (value, at(micros(value)))
        return self._time[1]


def _number(value: Any) -> str:
    """NULL is what SQLite keeps of NaN. What is not a number is for the reader to count."""
    if value is None:
        return "NaN"
    if type(value) is float:
        return repr(value) if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
    if type(value) is int:
        return str(value)
    if isinstance(value, (str, bytes)):
        return json.dumps((words(value) or "")[:_LONGEST_NUMBER])
    return json.dumps(value, default=str)


def artifact(values: Values, settings: Settings) -> str:
    """A file, as the row says: it may be gone by now."""
    metadata = parsed(values.get("metadata"))
    tree = metadata if isinstance(metadata, dict) else {} if metadata is None else {"metadata": metadata}
    for column, value in values.items():
        if column not in _OF_AN_ARTIFACT and value is not None:
            tree.setdefault(column, plain_value(value))
    body: Dict[str, object] = {
        "type": text_of(words(first_of(values, ("artifact_type", "type"))) or "file"),
        "path": cut_middle(text_of(words(first_of(values, ("filepath", "path"))) or ""), _LONGEST_PATH).text,
    }
    text = dumps(body)
    if tree:
        text = f'{text[:-1]},"metadata":{stored(tree, settings.secrets, settings.config_max_bytes).json}}}'
    return f'{at(micros(first_of(values, CREATED)))},"artifact":{text}'


def results(values: Values, settings: Settings) -> Optional[str]:
    """The results of a row: its columns, and those in columns of JSON."""
    found: Dict[str, Any] = {}
    for column, value in values.items():
        if value is None or column in ("id", "result_id", "run_id", "created_at", "timestamp"):
            continue
        tree = parsed(value) if isinstance(value, (str, bytes)) else value
        if isinstance(tree, dict):
            found.update(tree)
        else:
            found[column] = plain_value(value)
    if not found:
        return None
    text = stored(found, settings.secrets, settings.config_max_bytes).json
    return f'{at(micros(first_of(values, CREATED)))},"results":{text}'


def error(values: Values, settings: Settings) -> str:
    """An error, with its traceback."""
    body = error_json(
        text_of(words(first_of(values, ("error_type", "exception_type", "type"))) or "Error"),
        words(first_of(values, ("error_message", "message"))),
        words(first_of(values, ("traceback", "stack_trace"))),
        settings.traceback_max_bytes,
    )
    return f'{at(micros(first_of(values, CREATED)))},"error":{body}'
