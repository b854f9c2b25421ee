"""A ledger for the tests of the two trackers before Runledger, which no service keeps."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from lines import REPOSITORY
from runledger import ExperimentDB, open_runs

COMMAND = REPOSITORY / "deploy/cli/target/runledger/bin/runledger"


class Ledger:
    """One of a module, because a Java machine keeps each."""

    def __init__(self):
        if not COMMAND.exists():
            raise unittest.SkipTest(f"{COMMAND} is not built.")
        self._directory = tempfile.TemporaryDirectory()
        self.path = Path(self._directory.name, "experiments.db")
        self.spool = Path(f"{self.path}.spool")
        self.spool.mkdir()
        self._before = dict(os.environ)
        for name in list(os.environ):
            if name.startswith(("RUNLEDGER_", "SLURM_")) or name in ("RANK", "WORLD_SIZE"):
                del os.environ[name]
        os.environ["RUNLEDGER_HEARTBEAT_SECONDS"] = "0"
        self._follower = subprocess.Popen(
            [COMMAND, "follow", "--spool", self.spool, "--db", self.path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not self.path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def open(self, path=None):
        return ExperimentDB(self.path, spool=self.spool, wait=20)

    def opened(self):
        """How a script opens it."""
        return f"ExperimentDB({str(self.path)!r}, spool={str(self.spool)!r})"

    def close(self):
        for run in open_runs.all_open():
            run._release()
        self._follower.terminate()
        self._follower.wait(20)
        os.environ.clear()
        os.environ.update(self._before)
        self._directory.cleanup()


def has_pandas():
    try:
        import pandas  # noqa: F401
    except ImportError:
        return False
    return True


def with_pandas_and_without(kind):
    """Makes two test cases of a class: what is shown must not depend on what is installed."""
    module = sys.modules[kind.__module__]
    for word, patches in (("WithPandas", {}), ("WithoutPandas", {"pandas": None})):
        name = kind.__name__ + word
        case = type(name, (kind, unittest.TestCase), {"patches": patches, "__module__": kind.__module__})
        if not patches:
            case = unittest.skipUnless(has_pandas(), "pandas is not installed")(case)
        setattr(module, name, case)
    return kind


class TrackerTest:
    """A test of a tracker's interface. ``name`` is a text that no other test has logged."""

    patches: dict = {}

    def setUp(self):
        patched = mock.patch.dict(sys.modules, self.patches)
        patched.start()
        self.addCleanup(patched.stop)
        self.ledger = sys.modules[type(self).__module__].LEDGER
        self.db = self.ledger.open()
        self.name = self.id()

    def is_missing(self, value):
        return value is None or value != value
