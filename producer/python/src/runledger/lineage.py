"""Which runs the ancestors of this process have open: the marks by which a worker finds its attempt.

A process that begins a run says so in its environment, which its children inherit however they are
started. A child that begins a run of the same name takes part in that attempt; one that begins
another run begins another run.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple
from uuid import UUID

from runledger import this_process
from runledger.identity import RunKey, parse_id, run_id_of_instance, run_id_of_key, to_text
from runledger.spool_file import database_of

_LOG = logging.getLogger("runledger")

RUN_ID = "RUNLEDGER_RUN_ID"
ATTEMPT_ID = "RUNLEDGER_ATTEMPT_ID"
SPOOL = "RUNLEDGER_SPOOL"
#: The spool of a wrapper, where nobody has named one.
DEFAULT_SPOOL = "RUNLEDGER_DEFAULT_SPOOL"
#: The attempt of a wrapper that was given no name, and the job in which it is.
UNNAMED = "RUNLEDGER_UNNAMED"
#: The attempt of a wrapper that samples what its processes use, and the job in which it is.
SAMPLED = "RUNLEDGER_SAMPLED"
#: Which process started this one, and the runs that it had open then, as JSON.
PARENT = "RUNLEDGER_PARENT"

#: An environment has little room; children of a process with more open runs know the newest.
_MOST_RUNS = 50
_OF_MULTIPROCESSING = "runledger"


class Relative(NamedTuple):
    """An attempt that an ancestor of this process has open."""

    run_id: int
    attempt_id: int
    spool: str
    #: The project and name of a run without a key.
    instance: Optional[str]

    def is_named(self, key: Optional[RunKey], project: str, name: str) -> bool:
        """Whether a run of this name is the one of the attempt."""
        if key is not None:
            return run_id_of_key(key) == self.run_id
        if self.instance is None:
            return False
        return run_id_of_instance(project, name, UUID(self.instance)) == self.run_id


class Family(NamedTuple):
    """What this process inherited at its start."""

    #: Attempts of ancestors, the newest last.
    relatives: List[Relative]
    #: The attempt that another program, such as ``runledger exec``, began for this process.
    given: Optional[Tuple[int, int]]
    #: Whether the ancestor is this very process, which has replaced its program since.
    is_self: bool
    #: Whether whoever began the given attempt was given no name for its run.
    is_unnamed: bool
    #: Whether whoever began the given attempt samples what its processes use.
    is_sampled: bool


#: In the marks: the spool that the environment named before a run was published there, as text or None.
_OUTSIDE = "outside"

_own: List[Relative] = []
_written: Dict[str, str] = {}
_before: Dict[str, Optional[str]] = {}


def outer() -> Mapping[str, str]:
    """The environment without what this process itself has put there for its children."""
    environment: Dict[str, str] = dict(os.environ)
    for name, value in _written.items():
        if environment.get(name) == value:
            del environment[name]
            before = _before.get(name)
            if before is not None:
                environment[name] = before
    return environment


def outside() -> Mapping[str, str]:
    """The environment without the spool that a run was begun in, here, in an ancestor or by a wrapper.

    What remains is what somebody has named.
    """
    environment = dict(outer())
    marks = _marks(environment.get(PARENT))
    newest = (marks.get("runs") or [{}])[-1]
    if _OUTSIDE in marks and environment.get(SPOOL) == newest.get("spool"):
        named = marks[_OUTSIDE]
        environment.pop(SPOOL, None)
        if isinstance(named, str):
            environment[SPOOL] = named
    if environment.get(SPOOL) == environment.get(DEFAULT_SPOOL):
        environment.pop(SPOOL, None)
    return environment


def family(spool: Optional[str] = None) -> Family:
    """The attempts that a run in a spool can take part in; None for that of the environment. Never fails."""
    environment, marks = _inherited()
    given = _attempt(environment)
    if given is not None and any(given == one[:2] for one in _relatives(marks)):
        given = None
    if spool is not None and spool != environment.get(SPOOL) and database_of(spool) is not None:
        # A path is a ledger of its own, and what began this process records in another.
        given = None
    relatives = _close_relatives(environment, marks)
    is_self = bool(relatives) and this_process.is_self(marks)
    # A job submitted by a wrapped command inherits the marks, and is not part of the attempt.
    mark = f"{environment.get(ATTEMPT_ID)} {job(environment)}".rstrip()
    is_unnamed, is_sampled = environment.get(UNNAMED) == mark, environment.get(SAMPLED) == mark
    return Family(relatives, given, is_self, is_unnamed, is_sampled)


def attempt_of(run_id: int) -> Tuple[Optional[int], str]:
    """The attempt of a run that this process or an ancestor has open, and its spool."""
    known = [*_close_relatives(*_inherited()), *_own]
    return next(
        ((one.attempt_id, one.spool) for one in reversed(known) if one.run_id == run_id), (None, "")
    )


def _inherited() -> Tuple[Dict[str, str], Dict[str, Any]]:
    environment = dict(outer())
    marks = _marks(environment.get(PARENT))
    handed_on = _marks(_of_multiprocessing())
    if handed_on and handed_on.get("pid") != os.getpid():
        # Newer than the environment of a server that was forked before the run began.
        marks = handed_on
        environment.update(_newest(marks))
    return environment, marks


def _close_relatives(environment: Mapping[str, str], marks: Dict[str, Any]) -> List[Relative]:
    if marks.get("job") != job(environment) or this_process.is_dead(marks):
        # Such as a job that a training submitted: it inherits the mark, and is not part of the attempt.
        return []
    return _relatives(marks)


def publish(relative: Relative) -> None:
    """Lets children that are started from now on know the attempt."""
    _own.append(relative)
    _write()


def withdraw(run_id: int, attempt_id: int) -> None:
    """The attempt has ended: children that are started from now on are not part of it."""
    kept = [one for one in _own if (one.run_id, one.attempt_id) != (run_id, attempt_id)]
    if len(kept) != len(_own):
        _own[:] = kept
        _write()


def after_fork() -> None:
    """In a forked child: what its parent has written is what it inherited."""
    _own.clear()
    _written.clear()
    _before.clear()


def job(environment: Mapping[str, str]) -> str:
    """The SLURM job and its start: what is submitted again is another."""
    number = environment.get("SLURM_JOB_ID", "")
    return f"{number}/{environment.get('SLURM_RESTART_COUNT') or 0}" if number else ""


def _write() -> None:
    for name, value in _written.items():
        if os.environ.get(name) == value:
            _put(name, _before.get(name))
    _written.clear()
    if _own:
        # Children of children may take part in the runs of this process's ancestors.
        known = [*_close_relatives(*_inherited()), *_own][-_MOST_RUNS:]
        marks: Dict[str, Any] = {
            **this_process.identity(),
            "job": job(os.environ),
            _OUTSIDE: outside().get(SPOOL),
            "runs": [
                {**one._asdict(), "run_id": to_text(one.run_id), "attempt_id": to_text(one.attempt_id)}
                for one in known
            ],
        }
        text = json.dumps(marks)
        _written.update(_newest(marks))
        _written[PARENT] = text
        _written[SPOOL] = _own[-1].spool
        for name, value in _written.items():
            _before[name] = os.environ.get(name)
            _put(name, value)
    _tell_multiprocessing(_written.get(PARENT))


def _put(name: str, value: Optional[str]) -> None:
    if value is None:
        os.environ.pop(name, None)
        return
    try:
        os.environ[name] = value
    except ValueError:  # such as a path that an environment cannot hold
        _LOG.warning("%s cannot be passed on to workers of this process.", name)


def _newest(marks: Mapping[str, Any]) -> Dict[str, str]:
    runs = marks.get("runs") or [{}]
    newest = runs[-1]
    return {RUN_ID: str(newest.get("run_id")), ATTEMPT_ID: str(newest.get("attempt_id"))}


def _marks(text: Optional[str]) -> Dict[str, Any]:
    try:
        marks = json.loads(text or "{}")
    except ValueError:
        return {}
    runs = marks.get("runs") if isinstance(marks, dict) else None
    return marks if isinstance(runs, list) and all(isinstance(run, dict) for run in runs) else {}


def _relatives(marks: Mapping[str, Any]) -> List[Relative]:
    found = []
    for run in marks.get("runs", ()):
        try:
            instance = run.get("instance")
            found.append(
                Relative(
                    parse_id(run["run_id"]),
                    parse_id(run["attempt_id"]),
                    str(run["spool"]),
                    None if instance is None else str(UUID(instance)),
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return found


def _attempt(environment: Mapping[str, str]) -> Optional[Tuple[int, int]]:
    run, attempt = environment.get(RUN_ID), environment.get(ATTEMPT_ID)
    if not run or not attempt:
        return None
    try:
        return parse_id(run), parse_id(attempt)
    except ValueError as trouble:
        _LOG.warning(
            "RUNLEDGER_RUN_ID or RUNLEDGER_ATTEMPT_ID: %s Starting a new attempt.", trouble
        )
        return None


def _process_of_multiprocessing() -> Any:
    process = sys.modules.get("multiprocessing.process")
    current = getattr(process, "current_process", None)
    return None if current is None else current()


def _of_multiprocessing() -> Optional[str]:
    """What the process object, which each child receives, holds of its parent."""
    config = getattr(_process_of_multiprocessing(), "_config", None)
    text = config.get(_OF_MULTIPROCESSING) if isinstance(config, dict) else None
    return text if isinstance(text, str) else None


def _tell_multiprocessing(marks: Optional[str]) -> None:
    config = getattr(_process_of_multiprocessing(), "_config", None)
    if isinstance(config, dict):
        if marks is None:
            config.pop(_OF_MULTIPROCESSING, None)
        else:
            config[_OF_MULTIPROCESSING] = marks
