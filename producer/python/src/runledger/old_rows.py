"""What the rows of the trackers before Runledger say, as the bodies of lines."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import uuid
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from runledger.identity import RunKey, run_id_of_instance, run_id_of_key, to_text, well_formed
from runledger.json_values import config_values, cut_middle, dumps, error_json, text_of
from runledger.old_file import FIVE, Values
from runledger.recording import STATUSES
from runledger.settings import Settings
from runledger.stored_config import stored

#: Characters of a name; a longer one would not be accepted as a name.
_LONGEST_NAME = 5_000
_LONGEST_PATH = 100_000

_LOW_BITS = 21

#: Milliseconds that an id can hold, up to the year 2109.
_LAST_OF_IDS = 2**42 - 1
_LATEST = 253_402_300_799_000_000
_MOST_SECONDS = 100_000_000_000
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

NAMES = ("run_name", "name")
CREATED = ("created_at", "timestamp", "start_time", "started_at")
_STARTED = ("started_at", "start_time")
_FINISHED = ("completed_at", "finished_at", "ended_at", "end_time")
_CHANGED = ("updated_at",)
_CONFIG = ("config", "config_json", "params", "hyperparameters")
_JOB = ("slurm_job_id", "job_id")
_TASK = ("slurm_array_task_id", "array_task_id")
_PARTS = (
    ("experiment_number", "experiment_num", "experiment", "experiment_id"), ("dataset", "dataset_name"),
    ("method", "method_name"), ("subject", "subject_id"), ("use_cl_info", "cl_info"), ("seed", "random_seed"),
)
_KNOWN = {
    "run_id", "id", "notes", "tags", "status", "exit_code", *NAMES, *CREATED, *_STARTED, *_FINISHED, *_CHANGED,
    *_CONFIG, *_JOB, *_TASK,
}
_ELAPSED = ("elapsed_seconds", "elapsed_time", "elapsed")
_EPOCHS = ("epoch", "epoch_or_generation", "generation")
_NOT_METRICS = {"metric_id", "id", "run_id", "step", "timestamp", "created_at", "logged_at", *_ELAPSED, *_EPOCHS}
_SLURM_WORDS = {
    "job_name": ("job_name", "name"), "partition": ("partition",), "account": ("account",), "qos": ("qos",),
    "nodes": ("nodes", "node", "nodelist", "node_list"), "cluster": ("cluster",),
}

#: Words of other statuses that mean one of ours.
_MEANINGS = {
    "complete": "completed", "done": "completed", "finished": "completed", "success": "completed",
    "succeeded": "completed", "error": "failed", "crashed": "failed", "killed": "failed", "aborted": "failed",
    "cancelled": "failed", "canceled": "failed", "interrupted": "failed", "stopped": "failed",
    "timed_out": "timeout", "timedout": "timeout", "created": "pending", "queued": "pending",
    "submitted": "pending", "started": "running", "active": "running",
}


class Identity(NamedTuple):
    """Which run and attempt an old row became."""

    run_id: int
    attempt_id: int
    #: What the start names the run by.
    name: Dict[str, object]

    @property
    def owner(self) -> str:
        """What a line names them by."""
        return f'"run_id":"{to_text(self.run_id)}","attempt_id":"{to_text(self.attempt_id)}"'


def first_of(values: Values, names: Iterable[str]) -> Any:
    """The first value of several columns that is there."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def identity_of(kind: str, number: int, values: Values, project: str) -> Identity:
    """Follows from the row alone: from what does not change while the old tracker is used."""
    created = micros(first_of(values, CREATED))
    attempt = max(1, min(created // 1000, _LAST_OF_IDS) << _LOW_BITS | number & ((1 << _LOW_BITS) - 1))
    key = _key(values) if kind == FIVE else None
    if key is not None:
        parts = {part: value for part, value in key._asdict().items() if value is not None}
        return Identity(run_id_of_key(key), attempt, parts)
    given = text_of(words(first_of(values, NAMES)) or _parts_shown(kind, values) or f"run {number}")
    name = _name(given)
    said = repr((kind, number, given, words(first_of(values, CREATED)), words(first_of(values, _CONFIG))))
    digest = hashlib.sha256(b"runledger.old-run.v1\0" + well_formed(said).encode()).digest()
    instance = _version_8(digest[:16])
    within = _name(project)
    return Identity(
        run_id_of_instance(within, name, instance), attempt,
        {"project": within, "name": name, "instance_id": str(instance)},
    )


def _version_8(digest: bytes) -> uuid.UUID:
    number = int.from_bytes(digest, "big")
    return uuid.UUID(int=number & ~(0xF000 << 64 | 0xC000 << 48) | 0x8000 << 64 | 0x8000 << 48)


def _name(text: str) -> str:
    """What the reader of lines takes as a name: a text that it can be sure of."""
    return well_formed(text).replace("\ufffd", "?")[:_LONGEST_NAME] or "?"


def _parts_shown(kind: str, values: Values) -> Optional[str]:
    if kind != FIVE:
        return None
    return "/".join(words(first_of(values, names)) or "-" for names in _PARTS)


def _key(values: Values) -> Optional[RunKey]:
    """The key of the second tracker; None where it has none, or one that is not a key of ours."""
    parts = [first_of(values, names) for names in _PARTS]
    if type(parts[4]) in (int, float) and parts[4] in (0, 1):
        parts[4] = str(bool(parts[4]))
    if isinstance(parts[5], float) and parts[5].is_integer():
        parts[5] = int(parts[5])
    texts = [None if part is None else words(part) for part in parts[:5]]
    if any(text is not None and (text != _name(text)) for text in texts):
        return None
    try:
        return RunKey.of(*texts, parts[5])
    except ValueError:
        return None


def words(value: Any) -> Optional[str]:
    """A value of any type as a text; bytes that are not text as their number."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return f"({len(value)} bytes, {value[:16].hex()}...)"
    return str(value)


def micros(value: Any) -> int:
    """Microseconds since 1970 of a time; without an offset it is UTC, and 0 where it is not a time."""
    try:
        if isinstance(value, (int, float)):
            while _MOST_SECONDS <= value < math.inf:  # milliseconds, and so on
                value /= 1000
            moment = int(value * 1_000_000)
        else:
            text = str(words(value)).strip().replace("Z", "+00:00")
            moment = _micros_of(datetime.datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return 0
    return moment if 0 <= moment <= _LATEST else 0


def _micros_of(time: datetime.datetime) -> int:
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    return (time - _EPOCH) // datetime.timedelta(microseconds=1)


def at(moment: int) -> str:
    """The time of a line."""
    return f'"at":{moment // 1_000_000}.{moment % 1_000_000:06d}'


def start(identity: Identity, kind: str, values: Values, settings: Settings) -> str:
    """The start of a run, with its configuration; columns that we do not know are added to that."""
    body = dict(identity.name)
    name = first_of(values, NAMES)
    if name is not None:
        body.setdefault("name", _name(text_of(words(name))))
    if values.get("notes") is not None:
        body["notes"] = cut_middle(text_of(words(values["notes"])), settings.config_max_bytes).text
    tags = tags_of(values.get("tags"))
    if tags:
        body["tags"] = tags
    slurm = _job(values)
    if slurm:
        body["slurm"] = slurm
    config = parsed(first_of(values, _CONFIG))
    tree = {} if config is None else config_values(config)
    known = _KNOWN.union(*_PARTS) if kind == FIVE else _KNOWN
    for column, value in values.items():
        if column not in known and value is not None:
            tree.setdefault(column, _plain(value))
    if not tree:
        return f'"start":{dumps(body)}'
    kept = stored(tree, settings.secrets, settings.config_max_bytes)
    return f'"start":{dumps({**body, **kept.said()})[:-1]},"config":{kept.json}}}'


def parsed(value: Any) -> Any:
    """A column of JSON; what is not JSON is kept as a text."""
    text = words(value)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return text


def tags_of(value: Any) -> List[str]:
    """Tags from a JSON array, or from a text with commas."""
    tags = parsed(value)
    if isinstance(tags, str):
        tags = [part.strip() for part in tags.split(",")]
    return [text_of(tag) for tag in tags if tag not in (None, "")] if isinstance(tags, list) else []


def _plain(value: Any) -> Any:
    return words(value) if isinstance(value, bytes) else value


def _whole(value: Any) -> Optional[int]:
    try:
        return int(value) if isinstance(value, (int, str)) else None
    except ValueError:
        return None


def _job(values: Values) -> Dict[str, object]:
    job = _whole(first_of(values, _JOB))
    task = _whole(first_of(values, _TASK))
    return {} if job is None else {"job_id": job, **({} if task is None else {"array_task_id": task})}


def with_task(job: Values, run: Values) -> Values:
    """The row of a job with the task that its run names, if that is one of the same job."""
    said = _job(run)
    if _job(job).get("job_id", said.get("job_id")) != said.get("job_id") or first_of(job, _TASK) is not None:
        return job
    return {**job, _JOB[0]: said.get("job_id"), _TASK[0]: said.get("array_task_id")}


def slurm(values: Values) -> Optional[str]:
    """What is known of a job, as a part in an attempt that adds it; None without the id of a job."""
    job = _job(values)
    if not job:
        return None
    used = {"id", "run_id", *_JOB, *_TASK}
    for name, columns in _SLURM_WORDS.items():
        value = first_of(values, columns)
        if value is not None:
            job[name] = text_of(words(value))
        used.update(columns)
    rest = {name: text_of(words(value)) for name, value in values.items() if name not in used and value is not None}
    return f'"start":{dumps({"slurm": {**job, **({"allocated": rest} if rest else {})}})}'


class StatusLine(NamedTuple):
    """A status that a run has had."""

    status: str
    body: str


def statuses(values: Values, last: int) -> List[StatusLine]:
    """The statuses of a run that its row shows. ``last`` is when it is known to have lived."""
    given = words(values.get("status"))
    status, reason = _meaning("running" if given is None else given, values)
    found = []
    began = micros(first_of(values, _STARTED))
    if began and status not in ("pending", "running"):
        found.append(StatusLine("running", f'{at(began)},"status":"running"'))
    ended = micros(first_of(values, _FINISHED)) or micros(first_of(values, _CHANGED)) or last
    when = began if status == "running" and began else micros(first_of(values, CREATED))
    body = f'{at(when if status in ("pending", "running") else max(ended, when))},"status":"{status}"'
    code = values.get("exit_code")
    if isinstance(code, int) and 0 <= code <= 255:
        body += f',"exit_code":{code}'
    elif code is not None:
        reason = f"{reason}; exit code {words(code)}" if reason else f"exit code {words(code)}"
    if reason:
        body += f',"reason":{dumps(text_of(reason))}'
    found.append(StatusLine(status, body))
    return found


def _meaning(given: str, values: Values) -> Tuple[str, str]:
    word = given.strip().lower()
    if word in STATUSES:
        return word, ""
    code = values.get("exit_code")
    ended = first_of(values, _FINISHED) is not None or code is not None
    guess = "running" if not ended else "completed" if code in (None, 0) else "failed"
    return _MEANINGS.get(word, guess), f"the earlier tracker says {given[:100]!r}"


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
            label = self._names[name] = json.dumps(words(name) or "")
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
    return json.dumps(words(value) if isinstance(value, (str, bytes)) else value, default=str)


def artifact(values: Values, settings: Settings) -> str:
    """A file, as the row says: it may be gone by now."""
    metadata = parsed(values.get("metadata"))
    tree = {} if metadata is None else dict(config_values(metadata)) if isinstance(metadata, dict) else {"metadata": metadata}
    known = {"artifact_id", "id", "run_id", "artifact_type", "type", "filepath", "path", "metadata", "created_at"}
    for column, value in values.items():
        if column not in known and value is not None:
            tree.setdefault(column, _plain(value))
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
            found[column] = _plain(value)
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
