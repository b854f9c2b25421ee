"""How the tools' tests query the ledger with its own verbs, and what they expect of it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"

sys.path.insert(0, str(PROGRAMS))
from training import Diverged, losses  # noqa: E402

#: Ingest takes part of a second; a busy machine and the start of a verb take the rest.
_ARRIVAL_SECONDS = 90

_PROGRAM_SECONDS = 240


class Series(NamedTuple):
    """What a run shows for one of its metrics."""

    count: int
    #: The smallest and the largest that is a number; None where none of them is.
    low: Any
    high: Any
    last: Any
    step: Optional[int]


class Run(NamedTuple):
    """What the ledger shows for a run. The defaults are those of a training that went well."""

    #: None where no start said any.
    config: Optional[Mapping[str, Any]]
    metrics: Mapping[str, Series]
    status: str = "completed"
    exit_code: Optional[int] = None
    reason: Optional[str] = None
    #: Exception types and messages, sorted; of an attempt that failed without any its status and reason.
    errors: Tuple[Tuple[str, str], ...] = ()
    attempts: int = 1
    tags: Tuple[str, ...] = ()
    #: What never arrived, what was dropped, and whether attempts disagree on the configuration.
    lost: Tuple[int, int, bool] = (0, 0, False)


class LedgerTest(unittest.TestCase):
    """Runs programs as a user does, and compares what was recorded."""

    maxDiff = None

    #: All runs that a test of this process has expected; nothing else may be in the ledger at the end.
    all_expected: Dict[str, Run] = {}

    def run_program(
        self,
        *command: str,
        code: int = 0,
        directory: Optional[Path] = None,
        environment: Mapping[str, str] = {},
    ) -> str:
        """Runs a command to its end; returns what it printed."""
        done = subprocess.run(
            command,
            cwd=directory or os.environ["TOOLS_DIRECTORY"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PROGRAM_SECONDS,
        )
        self.assertEqual(done.returncode, code, f"{command}:\n{done.stdout}")
        return done.stdout

    def assert_runs(
        self, experiment: str, expected: Mapping[str, Run], prefix: str = ""
    ) -> None:
        """The experiment has these runs and no others with that prefix, once everything has arrived."""
        self.assertTrue(expected)
        LedgerTest.all_expected.update(expected)
        deadline = time.monotonic() + _ARRIVAL_SECONDS
        while True:
            listed = runs("--experiment", experiment)
            found = {name: run for name, run in listed.items() if name.startswith(prefix)}
            if expected == found or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        self.assertEqual(_plain(found), _plain(expected))


def program(name: str) -> str:
    return str(PROGRAMS / name)


def verb(*words: str) -> str:
    """Runs a verb of the ledger; returns what it wrote to stdout."""
    return subprocess.run(
        ["runledger", *words],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_PROGRAM_SECONDS,
    ).stdout


def runs(*filters: str) -> Dict[str, Run]:
    """All runs that match, by name."""
    listed = json.loads(verb("list", "--json", "--limit", "100000", *filters))["runs"]
    errors: Dict[str, list] = {}
    for error in json.loads(verb("errors", "--json", "--limit", "100000"))["errors"]:
        # Without a type it is the end of an attempt that logged none.
        what = (
            (error["exception_type"], error["message"])
            if error["exception_type"]
            else (error["status"], error["status_reason"])
        )
        errors.setdefault(error["run_id"], []).append(what)
    found = {}
    for run in listed:
        # Two runs may have one name, where it is not a key.
        name = run["run_name"] if run["run_name"] not in found else run["id"]
        found[name] = Run(
            config=run["config"],
            metrics={
                one["metric_name"]: Series(
                    one["count"],
                    one["min"] and one["min"]["value"],
                    one["max"] and one["max"]["value"],
                    one["last"]["value"],
                    one["last"]["step"],
                )
                for one in run["metrics"]
            },
            status=run["status"],
            exit_code=run["exit_code"],
            reason=run["status_reason"],
            errors=tuple(sorted(errors.get(run["run_id"], ()))),
            attempts=run["attempts"],
            tags=tuple(run["tags"]),
            lost=(run["missing_events"], run["dropped_events"], run["config_drift"]),
        )
    return found


def failed(rate: float) -> Dict[str, object]:
    """How a run shows that its training raised what this rate makes it raise."""
    try:
        losses(rate, 1)
    except Diverged as error:
        # Of a class of the program's own, with its module. Whoever runs the sweep catches it, so that no process exits with 1.
        name = f"{Diverged.__module__}.{Diverged.__name__}"
        return {"status": "failed", "reason": name, "errors": ((name, str(error)),)}
    return {}


def series(values: Sequence[float]) -> Series:
    """Of values that were logged at the steps 0, 1, ..."""
    numbers = [value for value in values if not math.isnan(value)] or [None]
    ends = (_shown(min(numbers)), _shown(max(numbers)), _shown(values[-1]))
    return Series(len(values), *ends, len(values) - 1)


def _shown(value: Optional[float]) -> Any:
    """As the verbs write it: JSON has no word for what is not finite."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _plain(expected: Mapping[str, Run]) -> Dict[str, Dict[str, Any]]:
    """In dictionaries, of which unittest shows the lines that differ."""
    return {name: run._asdict() for name, run in sorted(expected.items())}
