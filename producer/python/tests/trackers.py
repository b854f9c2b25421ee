"""A ledger for the tests of the two trackers before Runledger, which no service keeps."""

import atexit
import functools
import os
import shutil
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

COMMAND = Path(
    os.environ.get("RUNLEDGER_COMMAND", REPOSITORY / "deploy/cli/target/runledger/bin/runledger")
)


@functools.lru_cache(maxsize=None)
def directory_of_all():
    """Where all ledgers of this process are; what follows them ends with it."""
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    atexit.register(_end_follower, directory)
    return directory


def _end_follower(directory):
    deadline = time.monotonic() + 20
    for file in Path(directory, "runledger").glob("*/started"):
        process = int(file.read_text())
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
            while time.monotonic() < deadline:
                time.sleep(0.02)
                os.kill(process, 0)


class Ledger:
    """A fresh one. ``path`` is that of its database."""

    def __init__(self):
        if not COMMAND.exists():
            raise unittest.SkipTest(f"{COMMAND} is not built.")
        home = directory_of_all()
        self.path = Path(tempfile.mkdtemp(dir=home), "experiments.db")
        self._before = dict(os.environ)
        for name in list(os.environ):
            if name.startswith(("RUNLEDGER_", "SLURM_", "XDG_")) or name in ("RANK", "WORLD_SIZE"):
                del os.environ[name]
        os.environ.update(
            RUNLEDGER_COMMAND=str(COMMAND), RUNLEDGER_HEARTBEAT_SECONDS="0", HOME=home, XDG_RUNTIME_DIR=home
        )

    def open(self):
        return ExperimentDB(self.path, wait=20)

    def close(self):
        for run in open_runs.all_open():
            run._release()
        os.environ.clear()
        os.environ.update(self._before)


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
