"""A broker that stops answering in the middle of a training changes nothing for the training, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import List

import psutil
import servers

HERE = Path(__file__).resolve().parent
STEPS = 600
TRAINING_SECONDS = 300
ARRIVAL_SECONDS = 240


class Outage(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.server = servers.with_broker(Path(scratch.name).resolve() / "up")
        self.addCleanup(self.server.stop)

    def training(self, *words: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, str(HERE / "training.py"), str(STEPS), *words],
            cwd=self.server.directory,
            env={**servers.environment(self.server.directory), "MLFLOW_TRACKING_URI": self.server.url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def seconds(self, training: subprocess.Popen) -> float:
        out, err = training.communicate(timeout=TRAINING_SECONDS)
        self.assertEqual(0, training.returncode, err)
        return float(out.split()[-1])

    def broker(self) -> psutil.Process:
        """That of this 'up' alone."""
        below = psutil.Process(self.server.process("up").pid).children(recursive=True)
        found = [one for one in below if any(word.endswith(".BrokerMain") for word in one.cmdline())]
        self.assertEqual(1, len(found))
        return found[0]

    def runledger(self, *words: str) -> str:
        done = subprocess.run(
            [servers.RUNLEDGER, *words],
            cwd=self.server.directory,
            env={**servers.environment(self.server.directory), "RUNLEDGER_CONFIG": "data/stack.properties"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def points(self) -> List[int]:
        """Of each run, how many points of the metric there are and how many steps they are of."""
        printed = self.runledger(
            "sql",
            "--json",
            "SELECT count(*) AS points, count(DISTINCT step) AS steps FROM logged_points WHERE name = 'loss' GROUP BY run_id",
        )
        return sorted([row["points"], row["steps"]] for row in json.loads(printed)["rows"])

    def test_a_training_goes_on_while_the_broker_is_stopped(self) -> None:
        undisturbed = self.seconds(self.training())

        marker = self.server.directory / "a third is logged"
        training = self.training(str(marker))
        self.server.await_true(lambda: marker.exists() or training.poll() is not None, "the training does not begin")
        broker = self.broker()
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            disturbed = self.seconds(training)
            self.assertEqual(psutil.STATUS_STOPPED, broker.status())
            # The training is over, and the ledger cannot have all of it.
            self.assertNotEqual([[STEPS, STEPS]] * 2, self.points())
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        print(f"{STEPS} calls: {undisturbed:.1f} s undisturbed, {disturbed:.1f} s while the broker was stopped")

        deadline = time.monotonic() + ARRIVAL_SECONDS
        while self.points() != [[STEPS, STEPS]] * 2 and time.monotonic() < deadline:
            time.sleep(1)
        self.assertEqual([[STEPS, STEPS]] * 2, self.points())
        ends = self.runledger("sql", "--json", "SELECT status FROM experiment_runs")
        self.assertEqual(["completed"] * 2, [row["status"] for row in json.loads(ends)["rows"]])
        self.runledger("verify")


if __name__ == "__main__":
    unittest.main()
