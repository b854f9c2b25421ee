"""A ledger for the tests of the two trackers before Runledger, which no service keeps."""

import os
import signal
import sys
import tempfile
import time
import unittest
from contextlib import suppress
from pathlib import Path
from unittest import mock

from lines import REPOSITORY
from runledger import ExperimentDB, open_runs

COMMAND = REPOSITORY / "deploy/cli/target/runledger/bin/runledger"


class Ledger:
    """One for a module, because a process keeps each. ``path`` is that of its database."""

    def __init__(self):
        if not COMMAND.exists():
            raise unittest.SkipTest(f"{COMMAND} is not built.")
        self._directory = tempfile.TemporaryDirectory()
        self.path = Path(self._directory.name, "experiments.db")
        self._before = dict(os.environ)
        for name in list(os.environ):
            if name.startswith(("RUNLEDGER_", "SLURM_", "XDG_")) or name in ("RANK", "WORLD_SIZE"):
                del os.environ[name]
        os.environ.update(
            RUNLEDGER_COMMAND=str(COMMAND), RUNLEDGER_HEARTBEAT_SECONDS="0", HOME=self._directory.name
        )

    def open(self):
        return ExperimentDB(self.path, wait=20)

    def close(self):
        for run in open_runs.all_open():
            run._release()
        self._end_follower()
        os.environ.clear()
        os.environ.update(self._before)
        self._directory.cleanup()

    def _end_follower(self):
        try:
            process = int(Path(f"{self.path}.spool", ".follower").read_text())
        except (OSError, ValueError):
            return
        deadline = time.monotonic() + 20
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
            while time.monotonic() < deadline:
                time.sleep(0.02)
                os.kill(process, 0)


def has_pandas():
    try:
        import pandas  # noqa: F401
    except ImportError:
        return False
    return True


def with_pandas_and_without(kind):
    """Makes two test cases of a class: what is read must not depend on what is installed."""
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
        self.addCleanup(self.db.close)
        self.name = self.id()

    def is_missing(self, value):
        return value is None or value != value
