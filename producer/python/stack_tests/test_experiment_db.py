"""The documented uses of the two SQLite trackers before Runledger, with one import changed.

Needs a relay on RUNLEDGER_SPOOL and a service that writes RUNLEDGER_DB: PythonIT starts them.
"""

import math
import os
import sqlite3
import tempfile
import unittest
from pathlib import Path

import runledger
from runledger import ExperimentDB

CONFIG = {
    "learning_rate": 5e-5,
    "batch_size": 4,
    "model": {"n_layers": 12, "n_heads": 8},
    "optimizer": {"betas": [0.9, 0.999]},
    "scheduler": None,
}


class ThreeTablesTest(unittest.TestCase):
    """The tracker with ten methods: a run by name, metrics by name, artifacts."""

    def setUp(self):
        self.db = ExperimentDB(wait=60)

    def trained(self, name, losses, accuracies=()):
        run_id = self.db.log_run(name, CONFIG, notes="Initial baseline")
        for epoch, (train, val) in enumerate(losses):
            self.db.log_metric(run_id, "train/loss", train, epoch=epoch)
            self.db.log_metric(run_id, "val/loss", val, epoch=epoch)
        for epoch, accuracy in enumerate(accuracies):
            self.db.log_metric(run_id, self.id() + "/accuracy", accuracy, epoch=epoch)
        return run_id

    def test_a_configuration_with_nested_values_comes_back_equal(self):
        run_id = self.db.log_run("test-run", CONFIG, notes="Initial baseline")

        run = self.db.get_run(run_id)
        self.assertEqual(CONFIG, run["config"])
        self.assertEqual(
            ("test-run", "Initial baseline", "running"),
            (run["run_name"], run["notes"], run["status"]),
        )
        self.assertEqual(run_id, run["run_id"])

    def test_runs_of_one_name_are_different_runs(self):
        self.assertNotEqual(self.db.log_run("twice"), self.db.log_run("twice"))

    def test_metrics_of_epochs_and_of_steps_stand_beside_each_other(self):
        run_id = self.db.log_run("dual")
        self.db.log_metric(run_id, "train/loss", 0.42, epoch=0)
        for step in range(100, 105):
            self.db.log_metric(run_id, "train/batch_loss", 0.45 + step, step=step, epoch=0)
        self.db.log_metric(run_id, "train/loss", math.nan, epoch=1)

        everything = self.db.get_metrics(run_id, as_frame=False)
        epochs = self.db.get_metrics(run_id, "train/loss", as_frame=False)
        steps = self.db.get_metrics(run_id, "train/batch_loss", as_frame=False)
        self.assertEqual(7, len(everything))
        self.assertEqual([(0.42, None, 0)], [(m["value"], m["step"], m["epoch"]) for m in epochs[:1]])
        self.assertTrue(math.isnan(epochs[1]["value"]))
        self.assertEqual(list(range(100, 105)), [m["step"] for m in steps])
        self.assertEqual(
            {"metric_id", "run_id", "metric_name", "value", "step", "epoch", "timestamp"},
            set(everything[0]),
        )

    def test_an_artifact_has_its_metadata(self):
        run_id = self.db.log_run("artifacts")
        with tempfile.TemporaryDirectory() as directory:
            checkpoint = Path(directory, "epoch_5.pt")
            checkpoint.write_bytes(b"weights")
            self.db.log_artifact(
                run_id, "checkpoint", checkpoint, metadata={"epoch": 5, "val_loss": 0.38}
            )
        self.db.update_run_status(run_id, "completed")

        self.assertEqual("completed", self.db.get_run(run_id)["status"])
        with sqlite3.connect(f"file:{os.environ['RUNLEDGER_DB']}?mode=ro", uri=True) as connection:
            found = connection.execute(
                "SELECT artifact_type, size_bytes, json_extract(metadata, '$.val_loss')"
                " FROM artifacts WHERE run_id = ?",
                (run_id,),
            ).fetchall()
        self.assertEqual([("checkpoint", 7, 0.38)], found)

    def test_runs_are_compared_and_missing_ones_left_out(self):
        good = self.trained("good", [(0.9, 0.8), (0.5, 0.25), (0.4, 0.3)])
        bare = self.db.log_run("bare")

        with self.assertLogs("runledger", "WARNING"):
            rows = self.db.compare_runs([good, bare, 12345], as_frame=False)
        for row in rows:
            self.assertEqual("running", row.pop("status"))
            self.assertTrue(row.pop("created_at"))
        self.assertEqual(
            [
                {
                    "run_id": good, "run_name": "good", "final_train_loss": 0.4,
                    "final_val_loss": 0.3, "best_val_loss": 0.25, "best_epoch": 1,
                    "total_epochs": 3,
                },
                {
                    "run_id": bare, "run_name": "bare", "final_train_loss": None,
                    "final_val_loss": None, "best_val_loss": None, "best_epoch": None,
                    "total_epochs": 0,
                },
            ],
            rows,
        )

    def test_the_best_run_by_min_and_by_max_over_all_epochs(self):
        first = self.trained("first", [(1, 1)], [0.5, 0.9, 0.7])
        second = self.trained("second", [(1, 1)], [0.1, 0.8])
        metric = self.id() + "/accuracy"

        best = self.db.get_best_run(metric, mode="max")
        worst = self.db.get_best_run(metric, mode="min")
        self.assertEqual((first, "first", 0.9, 1), tuple(best[k] for k in ("run_id", "run_name", "best_value", "epoch")))
        self.assertEqual((second, 0.1, 0), tuple(worst[k] for k in ("run_id", "best_value", "epoch")))
        self.assertEqual(CONFIG, best["config"])

    def test_an_invalid_mode_and_a_missing_metric_are_errors(self):
        with self.assertRaisesRegex(ValueError, "mode must be 'min' or 'max', got 'fastest'"):
            self.db.get_best_run("val/loss", mode="fastest")
        with self.assertRaisesRegex(ValueError, "No runs found with metric 'no/such'"):
            self.db.get_best_run("no/such")

    def test_a_missing_run_is_an_error(self):
        for call in (
            lambda: self.db.get_run(12345),
            lambda: self.db.log_metric(12345, "loss", 1.0),
            lambda: self.db.update_run_status(12345, "completed"),
        ):
            with self.assertRaisesRegex(ValueError, "Run 12345 not found"):
                call()
        with self.assertRaisesRegex(ValueError, "'done' is not one of"):
            self.db.update_run_status(12345, "done")

    def test_the_newest_runs_are_listed_first(self):
        ids = [self.db.log_run(f"listed {number}") for number in range(3)]

        rows = self.db.list_runs(limit=3, as_frame=False)
        self.assertEqual(list(reversed(ids)), [row["run_id"] for row in rows])
        self.assertEqual(1, len(self.db.list_runs(limit=1, as_frame=False)))


class FiveTablesTest(unittest.TestCase):
    """The tracker with the UNIQUE run key: metrics of one moment, errors, results."""

    def setUp(self):
        self.db = ExperimentDB(wait=60)

    def test_a_run_goes_from_pending_to_completed(self):
        run_id = self.db.create_run(7, "mnist", "cnn", "s01", "stage-2", 3, config=CONFIG)
        self.assertEqual("pending", self.db.get_run(run_id)["status"])

        self.db.update_run_status(run_id, "running")
        for epoch in range(3):
            self.db.log_metrics(
                run_id, elapsed_seconds=10.0 * epoch, epoch=epoch, loss=1.0 - epoch / 4, f1=0.5,
                gpu_memory_mb=None,
            )
        self.db.log_results(run_id, {"best_loss": 0.5, "confusion": [[9, 1], [0, 10]]})
        self.db.update_run_status(run_id, "completed", exit_code=0)

        metrics = self.db.get_run_metrics(run_id)
        self.assertEqual([0.0, 10.0, 20.0], [row["elapsed_seconds"] for row in metrics])
        self.assertEqual([1.0, 0.75, 0.5], [row["loss"] for row in metrics])
        self.assertEqual([0.5] * 3, [row["f1"] for row in metrics])
        self.assertEqual([None] * 3, [row["gpu_memory_mb"] for row in metrics])
        run = self.db.get_run(run_id)
        self.assertEqual(("completed", 0), (run["status"], run["exit_code"]))
        (found,) = [row for row in self.db.get_all_runs(7) if row["run_id"] == run_id]
        self.assertEqual(("7", "mnist", 3), (found["experiment"], found["dataset"], found["seed"]))
        self.assertEqual([], self.db.get_all_runs("no such experiment"))

    def test_the_same_key_is_the_same_run(self):
        key = ("8", "mnist", "cnn", None, None, 1)
        self.assertEqual(self.db.create_run(*key), self.db.create_run(*key))
        self.db.get_run(self.db.create_run(*key))
        self.assertEqual(1, len(self.db.get_all_runs(8)))

    def test_an_error_has_its_traceback(self):
        run_id = self.db.create_run("9", seed=1)
        try:
            raise RuntimeError("CUDA out of memory")
        except RuntimeError as error:
            self.db.log_error(run_id, error)
        self.db.update_run_status(run_id, "failed", exit_code=1)

        self.assertEqual("failed", self.db.get_run(run_id)["status"])
        with sqlite3.connect(f"file:{os.environ['RUNLEDGER_DB']}?mode=ro", uri=True) as connection:
            (found,) = connection.execute(
                "SELECT exception_type, message, traceback FROM run_errors WHERE run_id = ?",
                (run_id,),
            ).fetchall()
        self.assertEqual(("RuntimeError", "CUDA out of memory"), found[:2])
        self.assertIn("raise RuntimeError", found[2])

    def test_another_process_goes_on_with_a_run(self):
        run_id = self.db.create_run("10", seed=1)
        self.db.get_run(run_id)
        other = ExperimentDB(wait=60)
        other.log_metrics(run_id, elapsed_seconds=1.0, loss=0.25)
        other.update_run_status(run_id, "completed")

        self.assertEqual([0.25], [row["loss"] for row in other.get_run_metrics(run_id)])
        self.assertEqual("completed", other.get_run(run_id)["status"])


class RunTest(unittest.TestCase):
    def test_what_a_run_says_is_in_the_database(self):
        with runledger.init("11", seed=2, config={"lr": 0.1}, tags=["grid"]) as run:
            for step in range(100):
                run.log({"loss": 1.0 / (step + 1), "lr": 0.1}, step=step)
            run.results({"best": 0.01})
            run.add_tags("kept")

        db = ExperimentDB(wait=60)
        found = db.get_run(run.run_id)
        self.assertEqual(("completed", {"lr": 0.1}), (found["status"], found["config"]))
        self.assertEqual({"grid", "kept"}, set(found["tags"]))
        self.assertEqual(200, len(db.get_metrics(run.run_id, as_frame=False)))


if __name__ == "__main__":
    unittest.main()
