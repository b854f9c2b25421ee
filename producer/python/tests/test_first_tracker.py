"""What the tracker with the tables runs, metrics and artifacts promised, with one import changed."""

import json
import os
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path

from lines import SOURCE
from runledger import ExperimentDB
from runledger.identity import to_text
from trackers import Ledger, TrackerTest, has_pandas, with_pandas_and_without

LEDGER = None

CONFIG = {
    "learning_rate": 5e-5,
    "batch_size": 4,
    "model": {"n_layers": 12, "n_heads": 8},
    "optimizer": {"betas": [0.9, 0.999]},
    "scheduler": None,
}


def setUpModule():
    global LEDGER
    LEDGER = Ledger()


def tearDownModule():
    LEDGER.close()


@with_pandas_and_without
class Schema(TrackerTest):
    def columns(self, table):
        return {row[1] for row in self.db.conn.execute(f"PRAGMA table_info({table})")}

    def test_opening_makes_the_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "experiments.db")

            self.assertEqual(path, ExperimentDB(path).db_path)
            self.assertTrue(path.exists())

    def test_runs_have_their_columns(self):
        wanted = {"run_id", "run_name", "config", "notes", "created_at", "status"}
        self.assertLessEqual(wanted, self.columns("runs"))

    def test_metrics_have_their_columns(self):
        wanted = {"metric_id", "run_id", "metric_name", "value", "step", "epoch", "timestamp"}
        self.assertLessEqual(wanted, self.columns("metrics"))

    def test_artifacts_have_their_columns(self):
        wanted = {"artifact_id", "run_id", "artifact_type", "filepath", "metadata", "created_at"}
        self.assertLessEqual(wanted, self.columns("artifacts"))

    def test_one_metric_of_a_run_is_found_by_an_index(self):
        plan = self.db.conn.execute(
            "EXPLAIN QUERY PLAN SELECT value FROM metrics WHERE run_id = 1 AND metric_name = 'val/loss'"
        ).fetchall()

        self.assertEqual([], [row[3] for row in plan if row[3].startswith("SCAN")])

    def test_opening_it_twice_changes_nothing(self):
        run_id = self.db.log_run(self.name, CONFIG)

        again = LEDGER.open()

        self.assertEqual(self.db.db_path, again.db_path)
        self.assertEqual(CONFIG, again.get_run(run_id)["config"])


@with_pandas_and_without
class RunLogging(TrackerTest):
    def test_a_run_has_a_positive_whole_number(self):
        run_id = self.db.log_run("test-run", CONFIG, notes="Test notes")

        self.assertIsInstance(run_id, int)
        self.assertGreater(run_id, 0)

    def test_each_call_begins_a_run_with_its_own_id(self):
        self.assertNotEqual(self.db.log_run("twice", CONFIG), self.db.log_run("twice", CONFIG))

    def test_the_configuration_is_stored_as_json(self):
        run_id = self.db.log_run("test-run", CONFIG)

        (text,) = self.db.conn.execute("SELECT config FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        self.assertEqual(CONFIG, json.loads(text))

    def test_a_new_run_is_running(self):
        run_id = self.db.log_run("test-run", CONFIG)

        (status,) = self.db.conn.execute("SELECT status FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        self.assertEqual("running", status)

    def test_a_run_comes_back_with_all_that_was_given(self):
        run_id = self.db.log_run("test-run", CONFIG, "Test notes", tags=["grid"])

        run = self.db.get_run(run_id)
        self.assertEqual(run_id, run["run_id"])
        self.assertEqual("test-run", run["run_name"])
        self.assertEqual(CONFIG, run["config"])
        self.assertEqual("Test notes", run["notes"])
        self.assertEqual("running", run["status"])
        self.assertEqual(["grid"], run["tags"])
        self.assertRegex(run["created_at"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

    def test_a_missing_run_is_an_error(self):
        for run_id in (999, 0, -1):
            with self.assertRaisesRegex(ValueError, f"Run {run_id} not found in database"):
                self.db.get_run(run_id)
        with self.assertRaisesRegex(ValueError, "Run 999 not found"):
            self.db.log_metric(999, "train/loss", 0.5)
        with self.assertRaisesRegex(ValueError, "Run 999 not found"):
            self.db.update_run_status(999, "completed")

    def test_a_run_takes_the_statuses_that_it_is_given(self):
        run_id = self.db.log_run("test-run", CONFIG)
        for status in ("completed", "failed", "running"):
            self.db.update_run_status(run_id, status)
            self.assertEqual(status, self.db.get_run(run_id)["status"])
        with self.assertRaisesRegex(ValueError, "'done' is not one of"):
            self.db.update_run_status(run_id, "done")

    def test_a_run_id_as_a_float_is_refused(self):
        run_id = self.db.log_run("test-run", CONFIG)

        for call in (self.db.get_run, self.db.get_metrics, lambda run: self.db.compare_runs([run])):
            with self.assertRaisesRegex(ValueError, "is a float, which cannot hold the 63 bits"):
                call(float(run_id))


@with_pandas_and_without
class MetricLogging(TrackerTest):
    def setUp(self):
        super().setUp()
        self.run_id = self.db.log_run(self.name, {"learning_rate": 5e-5})

    def test_a_metric_of_an_epoch(self):
        self.db.log_metric(self.run_id, "train/loss", 0.42, epoch=0)

        metrics = self.db.get_metrics(self.run_id, "train/loss")
        self.assertEqual(1, len(metrics))
        first = metrics.iloc[0]
        self.assertEqual(("train/loss", 0.42, 0), (first["metric_name"], first["value"], first["epoch"]))
        self.assertTrue(self.is_missing(first["step"]))

    def test_a_metric_of_a_step(self):
        self.db.log_metric(self.run_id, "train/batch_loss", 0.45, 100, 0)

        first = self.db.get_metrics(self.run_id, "train/batch_loss").iloc[0]
        self.assertEqual((0.45, 100, 0), (first["value"], first["step"], first["epoch"]))

    def test_several_metrics_over_epochs(self):
        for epoch, (train, val) in enumerate(((0.5, 0.6), (0.4, 0.5), (0.3, 0.4))):
            self.db.log_metric(self.run_id, "train/loss", train, epoch=epoch)
            self.db.log_metric(self.run_id, "val/loss", val, epoch=epoch)

        train = self.db.get_metrics(self.run_id, "train/loss")
        self.assertEqual([0.5, 0.4, 0.3], list(train["value"]))
        self.assertEqual([0.6, 0.5, 0.4], list(self.db.get_metrics(self.run_id, "val/loss")["value"]))

    def test_all_metrics_of_a_run(self):
        for name in ("train/loss", "val/loss", "train/accuracy"):
            self.db.log_metric(self.run_id, name, 0.5, epoch=0)

        metrics = self.db.get_metrics(self.run_id)
        self.assertEqual({"train/loss", "val/loss", "train/accuracy"}, set(metrics["metric_name"]))
        self.assertEqual(
            ["metric_id", "run_id", "metric_name", "value", "step", "epoch", "timestamp"],
            list(metrics.columns),
        )
        self.assertEqual({self.run_id}, set(metrics["run_id"]))
        self.assertEqual(3, len(set(metrics["metric_id"])))
        self.assertEqual(0, len(self.db.get_metrics(self.run_id, "no/such")))

    def test_one_metric_has_the_same_ids_alone_as_among_others(self):
        for epoch in range(3):
            for name in ("train/loss", "val/loss"):
                self.db.log_metric(self.run_id, name, 0.5, epoch=epoch)

        alone = self.db.get_metrics(self.run_id, "val/loss", as_frame=False)
        among = self.db.get_metrics(self.run_id, as_frame=False)
        ids = [row["metric_id"] for row in alone]
        self.assertEqual(sorted(ids), ids)
        self.assertEqual(ids, [row["metric_id"] for row in among if row["metric_name"] == "val/loss"])

    def test_metrics_come_in_the_order_in_which_they_were_logged(self):
        for epoch, value in ((2, 0.5), (0, 0.7), (1, 0.6)):
            self.db.log_metric(self.run_id, "train/loss", value, epoch=epoch)

        self.assertEqual([2, 0, 1], list(self.db.get_metrics(self.run_id, "train/loss")["epoch"]))

    def test_values_of_other_types_are_numbers(self):
        class Scalar:
            def item(self):
                return 0.25

        for value in (Scalar(), 1, "0.5", True):
            self.db.log_metric(self.run_id, "loss", value)

        self.assertEqual([0.25, 1, 0.5, 1], list(self.db.get_metrics(self.run_id, "loss")["value"]))


@with_pandas_and_without
class ArtifactLogging(TrackerTest):
    def setUp(self):
        super().setUp()
        self.run_id = self.db.log_run(self.name, CONFIG)

    def artifacts(self):
        return self.db.conn.execute(
            "SELECT artifact_type, filepath, metadata FROM artifacts WHERE run_id = ? ORDER BY seq",
            (self.run_id,),
        ).fetchall()

    def test_an_artifact_has_its_type_and_its_path_as_given(self):
        self.db.log_artifact(self.run_id, "checkpoint", "checkpoints/epoch_5.pt")

        (artifact,) = self.artifacts()
        self.assertEqual(("checkpoint", "checkpoints/epoch_5.pt", None), tuple(artifact))

    def test_metadata_is_stored_as_json(self):
        metadata = {"epoch": 5, "val_loss": 0.38}
        self.db.log_artifact(self.run_id, "checkpoint", "checkpoints/epoch_5.pt", metadata=metadata)

        (artifact,) = self.artifacts()
        self.assertEqual(metadata, json.loads(artifact["metadata"]))

    def test_a_run_has_several_artifacts(self):
        for kind, path in (("checkpoint", "epoch_5.pt"), ("plot", "curves.png"), ("config", "config.json")):
            self.db.log_artifact(self.run_id, kind, path)

        self.assertEqual(["checkpoint", "plot", "config"], [row[0] for row in self.artifacts()])

    def test_a_path_object_is_a_path(self):
        self.db.log_artifact(self.run_id, "checkpoint", Path("checkpoints/epoch_5.pt"))

        (artifact,) = self.artifacts()
        self.assertEqual("checkpoints/epoch_5.pt", artifact["filepath"])


@with_pandas_and_without
class RunComparison(TrackerTest):
    def test_runs_are_side_by_side_in_the_order_asked_for(self):
        first, second = self.db.log_run("run-1", CONFIG), self.db.log_run("run-2", CONFIG)
        for run_id, train, val in ((first, 0.5, 0.45), (second, 0.4, 0.38)):
            self.db.log_metric(run_id, "train/loss", train, epoch=0)
            self.db.log_metric(run_id, "val/loss", val, epoch=0)
        self.db.update_run_status(second, "completed")

        comparison = self.db.compare_runs([first, second])
        self.assertEqual(["run-1", "run-2"], list(comparison["run_name"]))
        self.assertEqual([0.5, 0.4], list(comparison["final_train_loss"]))
        self.assertEqual([0.45, 0.38], list(comparison["final_val_loss"]))
        self.assertEqual(["running", "completed"], list(comparison["status"]))
        highest = comparison.sort_values("best_val_loss", ascending=False)
        self.assertEqual(["run-1", "run-2"], list(highest["run_name"]))
        self.assertEqual(["run-2", "run-1"], list(comparison.sort_values("best_val_loss")["run_name"]))
        self.assertTrue(all(comparison["created_at"]))

    def test_the_best_loss_is_that_of_any_epoch(self):
        run_id = self.db.log_run("test-run", CONFIG)
        for epoch, loss in enumerate((0.5, 0.3, 0.4)):
            self.db.log_metric(run_id, "val/loss", loss, epoch=epoch)

        row = self.db.compare_runs([run_id]).iloc[0]
        self.assertEqual((0.4, 0.3, 1), (row["final_val_loss"], row["best_val_loss"], row["best_epoch"]))

    def test_epochs_are_counted_wherever_they_begin(self):
        for first in (0, 1):
            run_id = self.db.log_run("test-run", CONFIG)
            for epoch in range(5):
                self.db.log_metric(run_id, "train/loss", 0.5, epoch=first + epoch)

            self.assertEqual(5, self.db.compare_runs([run_id]).iloc[0]["total_epochs"])

    def test_missing_runs_are_left_out(self):
        run_id = self.db.log_run("run-1", CONFIG)

        with self.assertLogs("runledger", "WARNING") as logged:
            comparison = self.db.compare_runs([run_id, 999])
        self.assertEqual([run_id], list(comparison["run_id"]))
        self.assertIn("Run 999 not found", logged.output[0])

    def test_a_run_without_metrics_is_compared(self):
        run_id = self.db.log_run("test-run", CONFIG)

        comparison = self.db.compare_runs([run_id])
        row = comparison.iloc[0]
        for column in ("final_train_loss", "final_val_loss", "best_val_loss", "best_epoch"):
            self.assertTrue(self.is_missing(row[column]), column)
        self.assertEqual(0, row["total_epochs"])
        self.assertEqual(0, len(self.db.compare_runs([])))


@with_pandas_and_without
class ListRuns(TrackerTest):
    def test_runs_are_a_table(self):
        self.db.log_run("test-run", CONFIG)

        runs = self.db.list_runs()
        self.assertEqual("DataFrame" if "pandas" not in self.patches else "Table", type(runs).__name__)
        self.assertFalse(runs.empty)
        self.assertIsInstance(self.db.list_runs(as_frame=False), list)

    def test_the_newest_are_first(self):
        for number in (1, 2, 3):
            self.db.log_run(f"run-{number}", CONFIG)

        runs = self.db.list_runs()
        self.assertEqual(["run-3", "run-2", "run-1"], list(runs["run_name"])[:3])
        self.assertEqual(["run-3", "run-2", "run-1"], [
            self.db.get_run(run_id)["run_name"] for run_id in list(runs["run_id"])[:3]])

    def test_there_are_no_more_than_the_limit(self):
        for number in range(5):
            self.db.log_run(f"run-{number}", CONFIG)

        self.assertEqual(3, len(self.db.list_runs(limit=3)))
        self.assertEqual(4, len(self.db.list_runs(4)))

    def test_a_limit_that_is_no_number_is_named(self):
        run_id = self.db.log_run(self.name, CONFIG)

        self.assertEqual(1, len(self.db.list_runs("1")))
        self.assertEqual(1, len(self.db.list_runs(1.0)))
        with self.assertRaisesRegex(TypeError, "limit must be a whole number or None, not 'ten'"):
            self.db.list_runs("ten")
        with self.assertRaisesRegex(TypeError, "max_points must be a whole number or None, not '1.5'"):
            self.db.get_run_metrics(run_id, max_points=1.5)

    def test_one_id_in_place_of_a_list_is_named(self):
        run_id = self.db.log_run(self.name, CONFIG)

        for one in (run_id, to_text(run_id), None):
            with self.assertRaisesRegex(TypeError, f"compare_runs needs a list of run_ids, not '{one}'"):
                self.db.compare_runs(one)

    def test_a_run_has_the_columns_of_the_tracker_and_ours_if_asked(self):
        self.db.log_run("test-run", CONFIG, notes="Test notes")

        runs = self.db.list_runs()
        self.assertEqual({"run_id", "run_name", "created_at", "status", "notes"}, set(runs.columns))
        self.assertEqual("Test notes", runs.iloc[0]["notes"])
        more = self.db.list_runs(limit=1, all_columns=True)
        self.assertLess({"config", "metric_count", "best_val_loss", "notes"}, set(more.columns))


@with_pandas_and_without
class BestRun(TrackerTest):
    def setUp(self):
        super().setUp()
        self.first = self.db.log_run("run-1", {**CONFIG, "batch_size": 1})
        self.second = self.db.log_run("run-2", {**CONFIG, "batch_size": 2})

    def test_the_lowest_value_is_the_best(self):
        self.db.log_metric(self.first, self.name, 0.5, epoch=0)
        self.db.log_metric(self.second, self.name, 0.3, epoch=0)

        best = self.db.get_best_run(self.name)
        self.assertEqual((self.second, "run-2", 0.3, 0), tuple(
            best[name] for name in ("run_id", "run_name", "best_value", "best_epoch")))
        self.assertEqual(best, self.db.get_best_run(self.name, "min"))

    def test_the_highest_value_is_the_best_where_that_is_asked(self):
        self.db.log_metric(self.first, self.name, 0.85, epoch=0)
        self.db.log_metric(self.second, self.name, 0.92, epoch=0)

        best = self.db.get_best_run(self.name, mode="max")
        self.assertEqual((self.second, 0.92), (best["run_id"], best["best_value"]))

    def test_the_best_value_is_that_of_any_epoch(self):
        for epoch, loss in enumerate((0.5, 0.3, 0.4)):
            self.db.log_metric(self.first, self.name, loss, epoch=epoch)
        self.db.log_metric(self.second, self.name, float("nan"), epoch=0)

        best = self.db.get_best_run(self.name, mode="min")
        self.assertEqual((self.first, 0.3, 1), (best["run_id"], best["best_value"], best["best_epoch"]))

    def test_another_mode_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "mode must be 'min' or 'max', got 'fastest'"):
            self.db.get_best_run(self.name, mode="fastest")

    def test_a_metric_that_no_run_has_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "No runs found with metric 'no/such'"):
            self.db.get_best_run("no/such", mode="min")

    def test_the_best_run_has_its_configuration(self):
        self.db.log_metric(self.first, self.name, 0.5, epoch=0)

        self.assertEqual({**CONFIG, "batch_size": 1}, self.db.get_best_run(self.name)["config"])


@with_pandas_and_without
class JsonSerialization(TrackerTest):
    def stored(self, config):
        return self.db.get_run(self.db.log_run("test-run", config))["config"]

    def test_nested_values_come_back_equal(self):
        config = {"model": {"n_layers": 12, "n_heads": 8}, "optimizer": {"name": "AdamW", "betas": [0.9, 0.999]}}
        self.assertEqual(config, self.stored(config))

    def test_numbers_keep_all_their_digits(self):
        config = {"learning_rate": 5e-5, "weight_decay": 1e-4, "epsilon": 1e-8, "third": 1 / 3, "big": 2**62}
        self.assertEqual(config, self.stored(config))

    def test_lists_stay_lists(self):
        config = {"hidden_sizes": [256, 512, 1024], "dropout_rates": [0.1, 0.2, 0.3], "none": []}
        self.assertEqual(config, self.stored(config))

    def test_none_stays_none(self):
        config = {"scheduler": None, "warmup": [None, 1]}
        self.assertEqual(config, self.stored(config))

    def test_a_configuration_object_is_its_attributes(self):
        class TrainingConfig:
            def __init__(self):
                self.learning_rate = 5e-5
                self.layers = [1, 2]

        class OfClass:
            learning_rate = 5e-5
            layers = [1, 2]

            def parameters(self):
                return {}

        class WithDict(TrainingConfig):
            def to_dict(self):
                return {"of": "to_dict"}

        values = {"learning_rate": 5e-5, "layers": [1, 2]}
        self.assertEqual(values, self.stored(TrainingConfig()))
        self.assertEqual(values, self.stored(types.SimpleNamespace(**values)))
        self.assertEqual([values, values], [self.stored(OfClass()), self.stored(OfClass)])
        self.assertEqual({"of": "to_dict"}, self.stored(WithDict()))
        self.assertEqual({}, self.stored(None))


#: The documented example, with the trainings that it leaves out.
EXAMPLE = '''
from runledger import ExperimentDB
from runledger.identity import to_text


class TrainingConfig:
    def __init__(self, **values):
        self.values = values

    def to_dict(self):
        return self.values


# Initialize
db = ExperimentDB({path!r})

# Create run
config = TrainingConfig(learning_rate=5e-5, batch_size=4)
run_id = db.log_run('baseline-v1', config.to_dict(), notes='Initial baseline')

# Training loop
for epoch in range(10):
    train_loss = 1.0 / (epoch + 1)
    val_loss = 0.25 + abs(epoch - 7) / 10
    batch_losses = [train_loss + 0.5, train_loss - 0.5]

    # Log metrics
    db.log_metric(run_id, 'train/loss', train_loss, epoch=epoch)
    db.log_metric(run_id, 'val/loss', val_loss, epoch=epoch)

    # Log step metrics
    for step, batch_loss in enumerate(batch_losses):
        db.log_metric(run_id, 'train/batch_loss', batch_loss,
                     step=step, epoch=epoch)

# Log artifacts
db.log_artifact(run_id, 'checkpoint', 'checkpoints/best.pt')

# Mark complete
db.update_run_status(run_id, 'completed')

# Compare runs
comparison = db.compare_runs([1, run_id, 3])
print(comparison[['run_name', 'best_val_loss', 'best_epoch']])

# Find best
best = db.get_best_run('val/loss', mode='min')
print(f"Best run: {{best['run_name']}} (loss={{best['best_value']:.4f}})")
runs = db.list_runs(limit=10)
runs.to_csv('experiment_summary.csv', index=False)
'''


class ExampleTest(unittest.TestCase):
    def output(self, **environment):
        script = LEDGER.path.parent / "example.py"
        script.write_text(EXAMPLE.format(path=str(LEDGER.path)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, script],
            env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
            cwd=LEDGER.path.parent, capture_output=True, text=True, timeout=60,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def test_the_documented_example_prints_the_comparison(self):
        hidden = LEDGER.path.parent / "pandas.py"
        hidden.write_text("raise ImportError('hidden')\n", encoding="utf-8")
        without = os.pathsep.join((str(LEDGER.path.parent), str(SOURCE)))
        lines = self.output(PYTHONPATH=without).splitlines()
        hidden.unlink()

        self.assertEqual(
            ["      run_name  best_val_loss  best_epoch", "0  baseline-v1           0.25           7"],
            lines[:2],
        )
        self.assertRegex(lines[2], r"^Best run: \S+ \(loss=0\.\d{4}\)$")
        header = (LEDGER.path.parent / "experiment_summary.csv").read_text().splitlines()[0]
        self.assertEqual("run_id,run_name,created_at,status,notes", header)

    @unittest.skipUnless(has_pandas(), "pandas is not installed")
    def test_the_documented_example_prints_the_same_with_pandas(self):
        lines = self.output().splitlines()

        self.assertEqual(
            ["      run_name  best_val_loss  best_epoch", "0  baseline-v1           0.25           7"],
            lines[:2],
        )


if __name__ == "__main__":
    unittest.main()
