"""What MLflow's clients read back from Runledger is what MLflow's own server answers, but for what differences.json lists."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List

import servers

HERE = Path(__file__).resolve().parent
CALLS = str(HERE / "calls.py")

#: What Java's client observes is named so.
JAVA = "java: "

NOT_OBSERVED = "not observed"


def compared(theirs: Dict[str, Any], ours: Dict[str, Any], listed: Dict[str, Any]) -> List[str]:
    """A sentence for each value that differs and is not listed so, or is listed and does not differ."""
    wrong = []
    for name in sorted({*theirs, *ours, *listed}):
        one, other = theirs.get(name, NOT_OBSERVED), ours.get(name, NOT_OBSERVED)
        difference = listed.get(name)
        if difference is None:
            if one != other:
                wrong.append(f"'{name}' differs and is not listed: MLflow's server {one!r}, here {other!r}")
        elif one == other:
            wrong.append(f"'{name}' is listed and does not differ any more: both {one!r}")
        elif [one, other] != [difference["theirs"], difference["ours"]]:
            wrong.append(f"'{name}' does not differ as listed: MLflow's server {one!r}, here {other!r}")
    return wrong


class Clients(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name).resolve()
        self.listed = json.loads((HERE / "differences.json").read_text(encoding="utf-8"))

    def both(self, *command: str, **settings: str) -> List[Dict[str, Any]]:
        """What the command observes at MLflow's server and at ours, at the same time."""

        def observe(start, name):
            server = start(self.directory / name)
            self.addCleanup(server.stop)
            return servers.observed(server, *command, **settings)

        with ThreadPoolExecutor() as two:
            runs = [two.submit(observe, servers.theirs, "theirs"), two.submit(observe, servers.ours, "ours")]
            theirs, ours = (run.result() for run in runs)
        print(f"{len({*theirs, *ours})} values compared: {self.id().split('.')[-1]}")
        return [theirs, ours]

    def assert_compared(self, theirs: Dict[str, Any], ours: Dict[str, Any], listed: Dict[str, Any]) -> None:
        self.assertEqual([], compared(theirs, ours, listed))

    def test_the_full_client_with_models_and_autologging(self) -> None:
        theirs, ours = self.both(sys.executable, CALLS, "models")
        self.assertIn("autolog: the model's predictions", theirs)
        self.assert_compared(theirs, ours, {name: each for name, each in self.listed.items() if not name.startswith(JAVA)})

    def test_the_skinny_client(self) -> None:
        theirs, ours = self.both(os.environ["SKINNY_PYTHON"], CALLS)
        # It makes some of the calls alone.
        self.assert_compared(theirs, ours, {name: each for name, each in self.listed.items() if name in theirs})

    def test_the_client_for_java(self) -> None:
        # It leaves artifacts to a Python.
        theirs, ours = self.both("java", "-cp", os.environ["JAVA_CLIENT_CLASSPATH"], "Calls", MLFLOW_PYTHON_EXECUTABLE=sys.executable)
        observed = [{JAVA + name: value for name, value in each.items()} for each in (theirs, ours)]
        self.assert_compared(*observed, {name: each for name, each in self.listed.items() if name.startswith(JAVA)})

    def test_each_difference_is_justified(self) -> None:
        for name, difference in self.listed.items():
            with self.subTest(name):
                self.assertEqual({"theirs", "ours", "why"}, set(difference))
                self.assertGreater(len(difference["why"]), 20)


class Comparison(unittest.TestCase):
    LISTED = {"a": {"theirs": 1, "ours": 2, "why": "because of this"}}

    def test_what_is_equal_or_listed_passes(self) -> None:
        self.assertEqual([], compared({"a": 1, "b": 3}, {"a": 2, "b": 3}, self.LISTED))

    def test_what_differs_and_is_not_listed_is_reported(self) -> None:
        self.assertEqual(1, len(compared({"a": 1, "b": 3}, {"a": 2, "b": 4}, self.LISTED)))
        self.assertEqual(1, len(compared({"a": 1, "b": 3}, {"a": 2}, self.LISTED)))

    def test_what_is_listed_and_does_not_differ_so_is_reported(self) -> None:
        self.assertEqual(1, len(compared({"a": 2}, {"a": 2}, self.LISTED)))
        self.assertEqual(1, len(compared({"a": 1}, {"a": 3}, self.LISTED)))
        self.assertEqual(1, len(compared({}, {}, self.LISTED)))


if __name__ == "__main__":
    unittest.main()
