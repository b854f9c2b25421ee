"""What the rows about runs and their jobs of the trackers before Runledger say, as lines."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from runledger.identity import RunKey, run_id_of_instance, run_id_of_key, to_text, well_formed
from runledger.json_values import config_values, cut_middle, dumps, text_of
from runledger.old_file import FIVE, Values
from runledger.old_values import CREATED, at, first_of, micros, parsed, plain_value, words
from runledger.recording import ENDS, STATUSES
from runledger.settings import Settings
from runledger.stored_config import stored

#: Characters of a name; a longer one would not be accepted as a name.
_LONGEST_NAME = 5_000

_LOW_BITS = 21

#: Milliseconds that an id can hold, up to the year 2109.
_LAST_OF_IDS = 2**42 - 1

NAMES = ("run_name", "name")

#: When a run was made, in columns that do not change.
_BORN = ("created_at", "timestamp", "start_time")
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
_SLURM_WORDS = {
    "job_name": ("job_name", "name"), "partition": ("partition",), "account": ("account",), "qos": ("qos",),
    "nodes": ("nodes", "node", "nodelist", "node_list"), "cluster": ("cluster",),
}

_UNFINISHED = ("PENDING", "QUEUED", "SUBMITTED", "CONFIGURING", "RUNNING", "COMPLETING")

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


def identity_of(kind: str, number: int, values: Values, project: str) -> Identity:
    """Follows from the row alone: from what does not change while the old tracker is used."""
    created = micros(first_of(values, _BORN))
    attempt = max(1, min(created // 1000, _LAST_OF_IDS) << _LOW_BITS | number & ((1 << _LOW_BITS) - 1))
    key = _key(values) if kind == FIVE else None
    if key is not None:
        parts = {part: value for part, value in key._asdict().items() if value is not None}
        return Identity(run_id_of_key(key), attempt, parts)
    given = text_of(words(first_of(values, NAMES)) or _parts_shown(kind, values) or f"run {number}")
    name = _name(given)
    said = json.dumps([kind, number, given, words(first_of(values, _BORN))])
    digest = hashlib.sha256(b"runledger.old-run.v1\0" + said.encode()).digest()
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
    if any(text and text != _name(text) for text in texts):
        return None
    try:
        return RunKey.of(texts[0], texts[1], texts[2], texts[3], texts[4], parts[5])
    except ValueError:
        return None


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
            tree.setdefault(column, plain_value(value))
    if not tree:
        return f'"start":{dumps(body)}'
    kept = stored(tree, settings.secrets, settings.config_max_bytes)
    return f'"start":{dumps({**body, **kept.said()})[:-1]},"config":{kept.json}}}'


def tags_of(value: Any) -> List[str]:
    """Tags from a JSON array, or from a text with commas."""
    tags = parsed(value)
    if isinstance(tags, str):
        tags = [part.strip() for part in tags.split(",")]
    return [text_of(tag) for tag in tags if tag not in (None, "")] if isinstance(tags, list) else []


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
    rest = {
        name: text_of(words(value))
        for name, value in values.items()
        if name not in used and value is not None and not (name in ("status", "state") and _may_change(value))
    }
    return f'"start":{dumps({"slurm": {**job, **({"allocated": rest} if rest else {})}})}'


def _may_change(state: object) -> bool:
    """Whether a job is on its way: what is imported once would say so forever."""
    return str(words(state)).strip().upper() in _UNFINISHED


class StatusLine(NamedTuple):
    """A status that a run has had."""

    status: str
    body: str


def statuses(values: Values, last: Callable[[], int]) -> List[StatusLine]:
    """The statuses of a run that its row shows. ``last`` knows when it lived, where no end is stored."""
    given = words(values.get("status"))
    status, reason = _meaning("running" if given is None else given, values)
    found = []
    began = micros(first_of(values, _STARTED))
    if began and status in ENDS:
        found.append(StatusLine("running", f'{at(began)},"status":"running"'))
    when = began if status == "running" and began else micros(first_of(values, CREATED))
    if status in ENDS:
        when = max(when, micros(first_of(values, _FINISHED)) or micros(first_of(values, _CHANGED)) or last())
    body = f'{at(when)},"status":"{status}"'
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
