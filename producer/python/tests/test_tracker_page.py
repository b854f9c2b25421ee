"""The page for users of the trackers before Runledger says what is so."""

import contextlib
import inspect
import math
import re
import sqlite3
import types
import unittest

from lines import REPOSITORY
from runledger import ExperimentDB
from trackers import Ledger, TrackerTest, has_pandas

PAGE = (REPOSITORY / "deploy/docs/experiment-db.md").read_text(encoding="utf-8")

LEDGER = None


def setUpModule():
    global LEDGER
    LEDGER = Ledger()


def tearDownModule():
    LEDGER.close()


class MethodsTest(unittest.TestCase):
    def test_all_methods_have_the_arguments_of_the_page_by_name_and_in_their_order(self):
        calls = re.findall(r"^\| `(\w+)\(([^)]*)\)`", PAGE, re.MULTILINE)
        self.assertEqual(18, len(calls))
        for method, arguments in calls:
            signature = inspect.signature(getattr(ExperimentDB, method))
            names = arguments.split(", ") if arguments else []
            signature.bind("self", *names)
            signature.bind("self", **dict.fromkeys(names))

    def test_no_public_method_is_missing(self):
        public = {name for name, _ in inspect.getmembers(ExperimentDB, inspect.isfunction) if name[0] != "_"}

        self.assertEqual(set(), {name for name in public if f"`{name}(" not in PAGE})

    def test_each_difference_has_a_test(self):
        said = set(re.findall(r"^- \*\*(.+?)\*\*", PAGE, re.MULTILINE))
        tested = {
            test.__doc__ for name, test in vars(DifferencesTest).items() if name.startswith("test_")
        }

        self.assertEqual(said, tested)


class DifferencesTest(TrackerTest, unittest.TestCase):
    patches = {"pandas": None}

    def setUp(self):
        super().setUp()
        self.run_id = self.db.create_run(4, method=self.name, seed=1, config={"lr": 0.1}, gpu_id=3)

    def test_ids(self):
        """Ids do not count from 1."""
        self.assertGreater(self.run_id, 2**32)
        with self.assertRaises(ValueError):
            self.db.get_run(float(self.run_id))

    @unittest.skipUnless(has_pandas(), "pandas and numpy are not installed")
    def test_numbers_of_numpy(self):
        """Ids do not count from 1."""
        import numpy

        self.assertEqual("pending", self.db.get_run(numpy.int64(self.run_id))["status"])
        with self.assertRaisesRegex(ValueError, "is a float"):
            self.db.get_run(numpy.float64(self.run_id))
        self.assertEqual(self.run_id, self.db.create_run(numpy.int64(4), method=self.name, seed=numpy.int32(1)))
        flags = [self.db.create_run(4, use_cl_info=flag, seed=1) for flag in (True, numpy.bool_(True), numpy.int8(1))]
        self.assertEqual(1, len(set(flags)))
        self.db.log_metrics(
            self.run_id, numpy.float32(1), numpy.int64(2), numpy.float32(0.5), numpy.array(0.25), numpy.array([0.75]))
        (row,) = self.db.get_run_metrics(self.run_id)
        self.assertEqual((1.0, 2, 0.5, 0.25, 0.75), tuple(
            row[name] for name in ("elapsed_time", "epoch", "train_loss", "test_loss", "f1_score")))

    def test_waiting(self):
        """A call returns when its event is in the spool."""
        self.db.log_metric(self.run_id, "loss", 0.5)

        sql = "SELECT count(*) FROM metrics WHERE run_id = ?"
        self.assertEqual(1, self.db.conn.execute(sql, (self.run_id,)).fetchone()[0])

    def test_reading_only(self):
        """The database is for reading."""
        with self.assertRaises(sqlite3.OperationalError):
            self.db.conn.execute("DELETE FROM artifacts")
        kinds = {
            self.db.conn.execute("SELECT type FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            for name in ("runs", "metrics", "run_metrics")
        }
        self.assertEqual({"view"}, kinds)

    def test_missing_runs(self):
        """A run that is not there is an error when something is logged to it."""
        with self.assertRaises(ValueError):
            self.db.log_metric(999, "loss", 0.5)
        with self.assertRaises(ValueError):
            self.db.update_run_status(self.run_id, "crashed")

    def test_attempts(self):
        """A key that exists gets another attempt."""
        self.db.log_metric(self.run_id, "loss", 0.5)
        self.db.update_run_status(self.run_id, "completed")

        self.assertEqual(self.run_id, self.db.create_run(4, method=self.name, seed=1, config={"lr": 0.1}))
        run = self.db.get_run(self.run_id)
        self.assertEqual(("pending", 2), (run["status"], run["attempts"]))
        self.assertEqual(1, len(self.db.get_metrics(self.run_id)))

    def test_dropped(self):
        """Nothing vanishes."""
        self.db.log_metric(self.run_id, "loss", math.nan)
        with self.assertLogs("runledger", "WARNING"):
            self.db.log_metric(self.run_id, "loss", "low")
            self.db.log_metrics(self.run_id, 1.0, 2)
            self.db.update_run_status(self.run_id, "completed")

        self.assertTrue(math.isnan(self.db.get_metrics(self.run_id)["value"][0]))
        sql = "SELECT dropped_events FROM run_overview WHERE run_id = ?"
        self.assertEqual(2, self.db.conn.execute(sql, (self.run_id,)).fetchone()[0])

    def test_epochs(self):
        """Epochs are counted from the first one logged to the last."""
        for first in (0, 1, 100):
            run_id = self.db.log_run("epochs")
            for epoch in range(3):
                self.db.log_metric(run_id, "val/loss", 0.5, epoch=first + epoch)
            self.assertEqual([3], self.db.compare_runs([run_id])["total_epochs"])

    def test_tables(self):
        """pandas is not needed."""
        run_id = self.db.log_run("first", notes="of two")

        runs = self.db.list_runs(limit=1)
        self.assertEqual([run_id], runs["run_id"])
        self.assertEqual([{"run_name": "first", "notes": "of two"}], runs[["run_name", "notes"]])
        self.assertEqual([(0, runs.iloc[0])], list(runs.iterrows()))
        self.assertEqual("run_id,run_name,created_at,status,notes", runs.to_csv(index=False).splitlines()[0])
        self.assertEqual(["   run_name", "0     first"], str(runs[["run_name"]]).splitlines())
        with self.assertRaisesRegex(KeyError, "'loss' is not a column of run_id"):
            runs["loss"]
        with self.assertRaisesRegex(TypeError, "Conditions on columns need pandas"):
            runs[runs["status"] == "running"]

    def test_names(self):
        """Some columns have other names in the file."""
        self.db.finalize_run(self.run_id, {"best": 0.5})
        self.db.log_error(self.run_id, "python_exception", "text")
        self.db.log_metrics(self.run_id, 1.0, 1, {"own": 0.25})
        sql = """
            SELECT e.experiment, e.cl_info, f.exception_type, f.message, s.value, json_extract(m.metrics, '$.own')
              FROM experiment_runs e
              JOIN run_errors  f ON f.run_id = e.run_id
              JOIN run_summary s ON s.run_id = e.run_id AND s.name = 'best'
              JOIN run_metrics m ON m.run_id = e.run_id
             WHERE e.run_id = ?
            """
        wanted = ("4", None, "python_exception", "text", 0.5, 0.25)
        self.assertEqual(wanted, tuple(self.db.conn.execute(sql, (self.run_id,)).fetchone()))
        with contextlib.closing(sqlite3.connect(LEDGER.path)) as connection:
            self.assertEqual(wanted, connection.execute(sql, (self.run_id,)).fetchone())
        self.db.conn.execute("SELECT experiment_number, use_cl_info, config_json FROM experiment_runs")

    def test_gpu(self):
        """gpu_id is an entry of the configuration."""
        run = self.db.get_run(self.run_id)
        self.assertEqual(({"lr": 0.1, "gpu_id": 3}, 3), (run["config"], run["gpu_id"]))
        objects = self.db.create_run(5, method=self.name, config=types.SimpleNamespace(lr=0.1), gpu_id=0)
        self.assertEqual(0, self.db.get_run(objects)["gpu_id"])


if __name__ == "__main__":
    unittest.main()
