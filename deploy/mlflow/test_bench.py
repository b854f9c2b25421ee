"""'runledger bench gateway' measures both servers, and finds there what it logged."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import List

import servers

BENCH_SECONDS = 600


class Bench(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name).resolve()

    def bench(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [servers.RUNLEDGER, "bench", "gateway", "--dir=place", *words],
            cwd=self.directory,
            env=servers.environment(self.directory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=BENCH_SECONDS,
        )

    def test_each_figure_has_one_of_mlflows_server_beside_it(self) -> None:
        program = str(Path(sys.executable).with_name("mlflow"))

        done = self.bench(f"--mlflow={program}", "--query-runs=60", "--seconds=2", "--out=figures.json")

        self.assertEqual(0, done.returncode, done.stderr)
        figures: List[dict] = json.loads((self.directory / "figures.json").read_text(encoding="utf-8"))["figures"]
        self.assertEqual([">= 50.0 x", ">= 20.0 x", "<= 1.00 x", "<= 1.00 x"], [one["budget"] for one in figures if "budget" in one])
        for figure in figures:
            self.assertGreater(figure["value"], 0, figure)
            self.assertGreater(figure["reference"], 0, figure)
        self.assertEqual([], list((self.directory / "place").iterdir()))

    def test_without_mlflow_it_says_how_to_get_it(self) -> None:
        done = self.bench("--mlflow=nothing")

        self.assertEqual(1, done.returncode)
        self.assertIn("pip install mlflow", done.stderr)


if __name__ == "__main__":
    unittest.main()
