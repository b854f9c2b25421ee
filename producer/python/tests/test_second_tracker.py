"""What the tracker with the five tables promised, with one import changed."""

import argparse
import csv
import dataclasses
import io
import json
import math
import os
import sqlite3
import subprocess
import sys
import time
import traceback
import types
import unittest

from lines import SOURCE
from runledger import ExperimentDB
from runledger.tracker_calls import METRICS_BY_POSITION
from trackers import Ledger, TrackerTest

LEDGER = None


def setUpModule():
    global LEDGER
    LEDGER = Ledger()


def tearDownModule():
    LEDGER.close()


class Index:
    """A whole number of another library, as numpy has them."""

    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


class KeyTest(TrackerTest, unittest.TestCase):
    """``key``: one that no other test has, in the order of the tracker's arguments."""

    def setUp(self):
        super().setUp()
        self.key = (4, "cartpole", self.name, "sub01", True, 42)

    def created(self, *more, **named):
        return self.db.create_run(*self.key, *(more or ({"lr": 0.1},)), **named)

    def one(self, sql, run_id):
        return self.db.conn.execute(sql, (run_id,)).fetchone()


class CreateRunTest(KeyTest):
    def test_a_run_is_pending_and_has_a_positive_whole_number(self):
        run_id = self.created()

        self.assertIsInstance(run_id, int)
        self.assertGreater(run_id, 0)
        self.assertEqual("pending", self.db.get_run(run_id)["status"])

    def test_a_run_comes_back_with_the_columns_of_the_tracker(self):
        run_id = self.created({"lr": 0.1}, 1234, 7, 3)

        run = self.db.get_run_by_id(run_id)
        wanted = {
            "run_id": run_id, "experiment_number": 4, "dataset": "cartpole", "method": self.name,
            "subject": "sub01", "use_cl_info": 1, "seed": 42, "slurm_job_id": 1234, "slurm_array_task_id": 7,
            "gpu_id": 3, "status": "pending", "exit_code": None,
        }
        self.assertEqual(wanted, {name: run[name] for name in wanted})
        self.assertEqual(0.1, json.loads(run["config_json"])["lr"])
        self.assertTrue(run["created_at"])
        self.assertLessEqual(run["created_at"], run["updated_at"])

    def test_arguments_have_the_names_of_the_tracker_and_ours(self):
        theirs = self.db.create_run(
            experiment_number=4, dataset="cartpole", method=self.name, subject="sub01", use_cl_info=True,
            seed=42, config={}, slurm_job_id=None, slurm_array_task_id=None, gpu_id=None,
        )
        ours = self.db.create_run(
            experiment="4", dataset="cartpole", method=self.name, subject="sub01", cl_info="True", seed=42)
        older = self.db.create_run(
            experiment_num=4, dataset="cartpole", method=self.name, subject="sub01", cl_info="True", seed=42)

        self.assertEqual([theirs, theirs], [ours, older])
        with self.assertRaisesRegex(TypeError, "experiment_number and experiment, which are two names for"):
            self.db.create_run(4, experiment=5)
        with self.assertRaises(TypeError):
            self.db.create_run(4, experimant=5)

    def test_the_same_key_is_the_same_run(self):
        first = self.created()
        self.assertEqual(first, self.created())
        self.assertEqual(first, self.db.create_run(*self.key[:4], 1, 42, {}))

        runs = [run for run in self.db.get_all_runs(4) if run["method"] == self.name]
        self.assertEqual([first], [run["run_id"] for run in runs])

    def test_any_other_part_of_the_key_makes_another_run(self):
        runs = {self.created()}
        others = (5, "lunarlander", self.name + "2", "sub02", False, 43)
        for place, other in enumerate(others):
            key = list(self.key)
            key[place] = other
            runs.add(self.db.create_run(*key, {}))

        self.assertEqual(7, len(runs))

    def test_two_absent_parts_are_equal(self):
        self.assertEqual(
            self.db.create_run(4, None, self.name), self.db.create_run(4, method=self.name, seed=None))
        with self.assertRaisesRegex(ValueError, "A run needs at least one of experiment"):
            self.db.create_run(config={})

    def test_numbers_of_other_libraries_are_numbers(self):
        run_id = self.created()
        self.assertEqual(run_id, self.db.create_run("4", *self.key[1:5], Index(42)))
        self.assertEqual(run_id, self.db.get_run(Index(run_id))["run_id"])
        with self.assertRaisesRegex(ValueError, "The seed 'three' is not a whole number"):
            self.db.create_run(4, seed="three")

    def test_a_configuration_may_be_an_object(self):
        @dataclasses.dataclass
        class Data:
            lr: float = 0.1

        class Plain:
            def __init__(self):
                self.lr = 0.1

        configs = (Data(), Plain(), argparse.Namespace(lr=0.1), types.SimpleNamespace(lr=0.1), {"lr": 0.1})
        for seed, config in enumerate(configs):
            run_id = self.db.create_run(4, method=self.name, seed=seed, config=config)
            self.assertEqual({"lr": 0.1}, self.db.get_run(run_id)["config"], type(config))


class SlurmIdsTest(KeyTest):
    def jobs(self, run_id):
        return [tuple(row) for row in self.db.conn.execute(
            "SELECT cluster, slurm_job_id, slurm_array_task_id FROM slurm_jobs WHERE run_id = ?", (run_id,))]

    def test_ids_given_from_outside_of_a_job_make_the_columns_and_the_row(self):
        run_id = self.created({"lr": 0.1}, slurm_job_id="1234", slurm_array_task_id=7)

        run = self.db.get_run(run_id)
        self.assertEqual((1234, 7), (run["slurm_job_id"], run["slurm_array_task_id"]))
        self.assertEqual({"lr": 0.1}, run["config"])
        self.assertEqual([("", 1234, 7)], self.jobs(run_id))

    def test_ids_of_the_environment_are_taken_with_all_that_it_says(self):
        environment = {
            "SLURM_JOB_ID": "99", "SLURM_ARRAY_JOB_ID": "98", "SLURM_ARRAY_TASK_ID": "3",
            "SLURM_CLUSTER_NAME": "big", "SLURM_JOB_PARTITION": "gpu",
        }
        os.environ.update(environment)
        self.addCleanup(lambda: [os.environ.pop(name) for name in environment])

        plain, same = self.created(), self.db.create_run(5, *self.key[1:], None, 99, 3)
        other = self.db.create_run(6, *self.key[1:], None, 1234)

        for run_id in (plain, same):
            self.assertEqual([("big", 99, 3)], self.jobs(run_id))
            partition = self.one("SELECT partition FROM slurm_jobs WHERE run_id = ?", run_id)[0]
            self.assertEqual("gpu", partition)
        self.assertEqual([("big", 1234, None)], self.jobs(other))
        self.assertEqual(1234, self.db.get_run(other)["slurm_job_id"])

    def test_ids_that_are_no_numbers_are_refused(self):
        with self.assertRaisesRegex(ValueError, "The slurm_job_id 'none' is not a whole number"):
            self.created({}, "none")
        with self.assertRaisesRegex(ValueError, "slurm_array_task_id needs the slurm_job_id"):
            self.created({}, None, 7)


class StatusesTest(KeyTest):
    def test_a_run_goes_from_pending_over_running_to_its_end(self):
        for seed, (status, code) in enumerate((("completed", 0), ("failed", 1), ("timeout", None))):
            run_id = self.db.create_run(4, method=self.name, seed=seed)
            self.assertEqual("pending", self.db.get_run(run_id)["status"])
            self.db.update_run_status(run_id, "running")
            self.assertEqual("running", self.db.get_run(run_id)["status"])
            self.db.update_run_status(run_id, status, exit_code=code)

            run = self.db.get_run(run_id)
            self.assertEqual((status, code), (run["status"], run["exit_code"]))
            self.assertTrue(run["finished_at"])

    def test_an_exit_code_may_be_given_by_position(self):
        run_id = self.created()
        self.db.update_run_status(run_id, "failed", 137)

        self.assertEqual(137, self.db.get_run(run_id)["exit_code"])

    def test_another_word_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "'crashed' is not one of pending, running, completed"):
            self.db.update_run_status(self.created(), "crashed")

    def test_a_missing_run_is_an_error(self):
        calls = (
            lambda: self.db.update_run_status(999, "running"),
            lambda: self.db.log_metrics(999, 1.0, 1, train_loss=0.5),
            lambda: self.db.log_error(999, "python_exception", "message"),
            lambda: self.db.finalize_run(999, {}),
            lambda: self.db.log_results(999, {}),
        )
        for call in calls:
            with self.assertRaisesRegex(ValueError, "Run 999 not found"):
                call()


class LogMetricsTest(KeyTest):
    def rows(self, run_id, *names):
        return [tuple(row[name] for name in names) for row in self.db.get_run_metrics(run_id)]

    def test_a_call_is_a_row_with_the_columns_of_the_tracker(self):
        run_id = self.created()
        self.db.log_metrics(
            run_id=run_id, elapsed_time=1.5, epoch_or_generation=3, train_loss=0.5, test_loss=0.6, f1_score=0.7,
            best_fitness=None, mean_pct_diff=1.0, std_pct_diff=2.0, gpu_memory_mb=1024.0,
        )

        (row,) = self.db.get_run_metrics(run_id)
        wanted = {
            "run_id": run_id, "elapsed_time": 1.5, "epoch_or_generation": 3, "train_loss": 0.5, "test_loss": 0.6,
            "f1_score": 0.7, "best_fitness": None, "mean_pct_diff": 1.0, "std_pct_diff": 2.0, "gpu_memory_mb": 1024.0,
        }
        self.assertEqual(wanted, {name: row[name] for name in wanted})
        self.assertEqual(1, row["metric_id"])
        self.assertTrue(row["timestamp"])
        self.assertNotIn("elapsed_time", row["metrics"])

    def test_metrics_may_be_given_by_position(self):
        run_id = self.created()
        self.db.log_metrics(run_id, 10.0, 5, 0.1, 0.2, 0.3, None, 0.5, 0.6, 700.0)
        self.db.log_metrics(run_id, 20.0, 6, 0.05)

        names = ("elapsed_time", "epoch_or_generation", *METRICS_BY_POSITION)
        self.assertEqual(
            [(10.0, 5, 0.1, 0.2, 0.3, None, 0.5, 0.6, 700.0), (20.0, 6, 0.05, *(None,) * 6)],
            self.rows(run_id, *names))

    def test_metrics_may_be_given_as_a_dict_in_any_place(self):
        run_id = self.created()
        metrics = {"loss": 0.5, "val/f1": 0.7, "none": None}
        self.db.log_metrics(run_id, metrics)
        self.db.log_metrics(run_id, 1.0, metrics)
        self.db.log_metrics(run_id, 2.0, 1, metrics)
        self.db.log_metrics(run_id, 3.0, 2, metrics, step=9)
        self.db.log_metrics(run_id, 4.0, 3, metrics=metrics, lr=0.1)

        self.assertEqual([(0.5, 0.7)] * 5, self.rows(run_id, "loss", "val/f1"))
        self.assertEqual([None, None, 1, 2, 3], [row["epoch_or_generation"] for row in self.db.get_run_metrics(run_id)])
        self.assertEqual([(2.0, None), (3.0, 9)], self.rows(run_id, "elapsed_time", "step")[2:4])
        self.assertEqual(
            {"loss": 0.5, "val/f1": 0.7, "lr": 0.1}, self.db.get_run_metrics(run_id)[-1]["metrics"])

    def test_what_fits_nothing_raises_or_is_counted(self):
        run_id = self.created()
        with self.assertRaisesRegex(TypeError, "takes 7 metrics by position"):
            self.db.log_metrics(run_id, 1.0, 2, *range(8))
        with self.assertRaisesRegex(TypeError, "got two values for 'train_loss'"):
            self.db.log_metrics(run_id, 1.0, 2, 0.5, train_loss=0.6)
        with self.assertRaisesRegex(TypeError, "elapsed_seconds and elapsed_time, which are two names for"):
            self.db.log_metrics(run_id, 1.0, elapsed_time=1.0, loss=0.5)
        with self.assertLogs("runledger", "WARNING"):
            self.db.log_metrics(run_id, 1.0, 2)
            self.db.log_metrics(run_id, 1.0, 2, loss="low", f1=0.5)

            self.db.update_run_status(run_id, "completed")
        self.assertEqual([(None, 0.5)], [(row.get("loss"), row["f1"]) for row in self.db.get_run_metrics(run_id)])
        dropped = self.db.conn.execute(
            "SELECT dropped_events FROM run_overview WHERE run_id = ?", (run_id,)).fetchone()[0]
        self.assertEqual(2, dropped)

    def test_values_of_other_types_are_numbers(self):
        class Tensor:
            def item(self):
                return 0.25

        run_id = self.created()
        self.db.log_metrics(run_id, Tensor(), Tensor(), Tensor(), "0.5", True, Index(3))

        (row,) = self.db.get_run_metrics(run_id)
        self.assertEqual(
            (0.25, 0.25, 0.25, 0.5, 1.0, 3.0),
            tuple(row[name] for name in ("elapsed_time", "epoch_or_generation", *METRICS_BY_POSITION[:4])))

    def test_nan_and_infinities_come_back(self):
        run_id = self.created()
        self.db.log_metrics(run_id, 1.0, 1, math.nan, math.inf, loss=math.nan)

        (row,) = self.db.get_run_metrics(run_id)
        self.assertTrue(math.isnan(row["train_loss"]) and math.isnan(row["loss"]))
        self.assertEqual(math.inf, row["test_loss"])


class ResultsTest(KeyTest):
    def test_final_results_are_stored_as_json(self):
        for call in ("finalize_run", "log_results"):
            run_id = self.db.create_run(4, method=self.name, dataset=call)
            getattr(self.db, call)(run_id, {"best_f1_score": 0.9, "confusion": [[9, 1], [0, 10]]})
            text = self.one("SELECT results FROM run_results WHERE run_id = ?", run_id)[0]
            self.assertEqual({"best_f1_score": 0.9, "confusion": [[9, 1], [0, 10]]}, json.loads(text))
            self.assertEqual("pending", self.db.get_run(run_id)["status"])

    def test_the_argument_has_the_name_of_the_tracker(self):
        run_id = self.created()
        self.db.finalize_run(run_id=run_id, final_metrics={"total_epochs": 5})

        value = self.one("SELECT value FROM run_summary WHERE run_id = ? AND name = 'total_epochs'", run_id)
        self.assertEqual(5, value[0])


class ErrorsTest(KeyTest):
    def error(self, run_id):
        return tuple(self.one("SELECT exception_type, message, traceback FROM run_errors WHERE run_id = ?", run_id))

    def test_an_error_has_its_type_message_and_traceback(self):
        for seed, (places, names) in enumerate((
            (("python_exception", "out of memory", "File ..."), {}),
            ((), {"error_type": "python_exception", "error_message": "out of memory", "traceback": "File ..."}),
        )):
            run_id = self.db.create_run(4, method=self.name, seed=seed)
            self.db.log_error(run_id, *places, **names)
            self.assertEqual(("python_exception", "out of memory", "File ..."), self.error(run_id))

    def test_the_traceback_may_be_absent(self):
        run_id = self.created()
        self.db.log_error(run_id, "python_exception", "out of memory")

        self.assertEqual(("python_exception", "out of memory", None), self.error(run_id))

    def test_an_exception_is_an_error_with_its_traceback(self):
        run_id = self.created()
        try:
            raise RuntimeError("CUDA out of memory")
        except RuntimeError as error:
            self.db.log_error(run_id, error)

        kind, message, text = self.error(run_id)
        self.assertEqual(("RuntimeError", "CUDA out of memory"), (kind, message))
        self.assertIn("raise RuntimeError", text)

    def test_an_error_without_a_type_is_refused(self):
        with self.assertRaisesRegex(TypeError, "log_error needs an exception or an error_type"):
            self.db.log_error(self.created(), error_message="out of memory")


class QueriesTest(KeyTest):
    def test_a_missing_run_is_none(self):
        self.assertEqual([None, None], [self.db.get_run_by_id(999), self.db.get_run_by_id(0)])
        self.assertIsNone(self.db.get_run_by_params(*self.key))

    def test_a_run_is_found_by_its_key(self):
        run_id = self.created()
        run = self.db.get_run_by_params(*self.key)
        self.assertEqual(run_id, run["run_id"])

        names = ("experiment_number", "dataset", "method", "subject", "use_cl_info", "seed")
        self.assertEqual(run, self.db.get_run_by_params(**{name: run[name] for name in names}))
        self.assertIsNone(self.db.get_run_by_params(*self.key[:4], False, 42))

    def test_all_runs_are_the_newest_first_and_filtered(self):
        experiment = abs(hash(self.name)) % 10**9
        runs = [self.db.create_run(experiment, seed=seed) for seed in range(3)]
        self.db.update_run_status(runs[1], "completed")

        found = self.db.get_all_runs(experiment_number=experiment)
        self.assertEqual(list(reversed(runs)), [run["run_id"] for run in found])
        self.assertEqual({experiment}, {run["experiment_number"] for run in found})
        for query in (
            lambda: self.db.get_all_runs(experiment, "completed"),
            lambda: self.db.get_all_runs(experiment=str(experiment), status="completed"),
        ):
            self.assertEqual([runs[1]], [run["run_id"] for run in query()])
        self.assertEqual([], self.db.get_all_runs(experiment + 1))
        self.assertEqual(list(reversed(runs)), [run["run_id"] for run in self.db.get_all_runs()][:3])

    def test_metrics_come_in_the_order_of_their_time(self):
        run_id = self.created()
        for seconds in (20.0, 0.0, 10.0):
            self.db.log_metrics(run_id, elapsed_time=seconds, epoch_or_generation=1, train_loss=seconds)

        self.assertEqual([0.0, 10.0, 20.0], [row["elapsed_time"] for row in self.db.get_run_metrics(run_id)])
        self.assertEqual([], self.db.get_run_metrics(999))

    def test_no_more_points_come_than_asked_for(self):
        run_id = self.created()
        for epoch in range(100):
            self.db.log_metrics(run_id, float(epoch), epoch, 0.5)

        few = self.db.get_run_metrics(run_id, max_points=30)
        self.assertLessEqual(len(few), 30)
        self.assertGreaterEqual(len(few), 15)
        self.assertEqual({few[1]["elapsed_time"]}, {
            after["elapsed_time"] - before["elapsed_time"] for before, after in zip(few, few[1:])})
        self.assertEqual(100, len(self.db.get_run_metrics(run_id, 1000)))

    def test_rows_give_their_values_by_name_and_by_position(self):
        run_id = self.created()
        self.db.log_metrics(run_id, 1.0, 1, 0.5)
        for row in (*self.db.get_run_metrics(run_id), self.db.get_run(run_id), self.db.get_all_runs()[0]):
            self.assertEqual(list(row.values()), [row[place] for place in range(len(row.keys()))])
            self.assertEqual(run_id, row["run_id"])
            with self.assertRaises(KeyError):
                row["no such column"]

    def test_the_newest_metrics_of_runs_make_a_csv_file(self):
        runs = [self.db.create_run(4, method=self.name, seed=seed) for seed in range(2)]
        for run_id in runs:
            self.db.log_metrics(run_id, 1.0, 1, 0.5, extra=run_id % 7)
            self.db.log_metrics(run_id, 2.0, 2, 0.25)
        columns = list(self.db.get_run_metrics(runs[0])[0].keys())

        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=["dataset", *columns])
        for run_id in runs:
            writer.writerow({"dataset": None, **self.db.get_run_metrics(run_id)[-1]})

        self.assertEqual(2, len(text.getvalue().splitlines()))

    def test_the_connection_has_the_five_tables_and_reads_rows_by_name(self):
        run_id = self.created()
        cursor = self.db.conn.cursor()
        for table in ("experiment_runs", "run_metrics", "run_results", "run_errors", "slurm_jobs"):
            cursor.execute(f"SELECT * FROM {table} WHERE run_id = ?", (run_id,))
        row = cursor.execute("SELECT * FROM experiment_runs WHERE run_id = ?", (run_id,)).fetchone()
        self.assertEqual((run_id, "cartpole"), (dict(row)["run_id"], row["dataset"]))
        with ExperimentDB(LEDGER.path) as again:
            self.assertEqual("pending", again.get_run(run_id)["status"])


class SqlTest(KeyTest):
    """Statements as the modules around that tracker have them."""

    def rows(self, sql, *parameters):
        return [dict(row) for row in self.db.conn.cursor().execute(sql, parameters).fetchall()]

    def test_failed_runs_are_read_with_their_errors(self):
        run_id = self.created({"lr": 0.1}, gpu_id=3)
        self.db.log_error(run_id, "python_exception", "out of memory", "File ...")
        self.db.update_run_status(run_id, "failed", exit_code=1)

        (row,) = self.rows(
            """
            SELECT r.*, e.error_type, e.error_message, e.traceback
              FROM experiment_runs r
              LEFT JOIN run_errors e ON r.run_id = e.run_id
             WHERE r.status IN ('failed', 'timeout') AND r.experiment_number = ? AND r.method = ?
             ORDER BY r.updated_at DESC
            """,
            4, self.name)
        self.assertEqual(("python_exception", "out of memory", "File ..."), tuple(
            row[name] for name in ("error_type", "error_message", "traceback")))
        self.assertEqual((4, 1, 3, 0.1), (
            row["experiment_number"], row["use_cl_info"], row["gpu_id"], json.loads(row["config_json"])["lr"]))
        self.assertEqual("4", row["experiment"])

    def test_a_run_is_found_by_its_key(self):
        run_id = self.created()
        (row,) = self.rows(
            "SELECT run_id FROM experiment_runs WHERE experiment_number = ? AND dataset = ? AND method = ?"
            " AND subject = ? AND use_cl_info = ? AND seed = ?", *self.key)

        self.assertEqual(run_id, row["run_id"])

    def test_metrics_are_read_in_the_order_of_their_time(self):
        run_id = self.created()
        for seconds in (20.0, 10.0):
            self.db.log_metrics(run_id, seconds, 1, 0.5, math.inf, own=2)

        rows = self.rows("SELECT * FROM run_metrics WHERE run_id = ? ORDER BY elapsed_time", run_id)
        self.assertEqual([(10.0, 1, 0.5, math.inf, None), (20.0, 1, 0.5, math.inf, None)], [
            tuple(row[name] for name in ("elapsed_time", "epoch_or_generation", *METRICS_BY_POSITION[:3]))
            for row in rows])
        plan = self.rows("EXPLAIN QUERY PLAN SELECT * FROM run_metrics WHERE run_id = ?", run_id)
        self.assertEqual([], [row["detail"] for row in plan if row["detail"] == "SCAN p"])

    def test_results_are_columns(self):
        run_id = self.created()
        self.db.finalize_run(run_id, {"final_test_loss": 0.25, "converged": True, "own": [1]})

        (row,) = self.rows("SELECT * FROM run_results WHERE run_id = ?", run_id)
        self.assertEqual((0.25, 1, None), (row["final_test_loss"], row["converged"], row["best_f1_score"]))
        self.assertEqual([1], json.loads(row["results"])["own"])

    def test_a_job_is_found(self):
        run_id = self.created({}, 1234, 7)

        (row,) = self.rows("SELECT slurm_job_id, status FROM slurm_jobs WHERE run_id = ?", run_id)
        self.assertEqual((1234, None), (row["slurm_job_id"], row["status"]))

    def test_nothing_can_be_written(self):
        run_id = self.created()
        for sql in ("UPDATE experiment_runs SET status = 'failed'", "DELETE FROM artifacts"):
            with self.assertRaises(sqlite3.OperationalError):
                self.db.conn.execute(sql)
        self.assertEqual("pending", self.db.get_run(run_id)["status"])


class ExperimentLogger:
    """What that tracker's logger did with it: a block that is a run."""

    def __init__(self, db, **key):
        self.db, self.key = db, key

    def __enter__(self):
        job, task = os.getenv("SLURM_JOB_ID"), os.getenv("SLURM_ARRAY_TASK_ID")
        self.run_id = self.db.create_run(
            **self.key, slurm_job_id=int(job) if job else None, slurm_array_task_id=int(task) if task else None)
        self.db.update_run_status(self.run_id, "running")
        self.began = time.time()
        return self

    def __exit__(self, kind, error, frames):
        if kind is None:
            self.db.update_run_status(self.run_id, "completed", exit_code=0)
        else:
            self.db.update_run_status(self.run_id, "failed", exit_code=1)
            self.db.log_error(
                self.run_id, error_type="python_exception", error_message=str(error),
                traceback="".join(traceback.format_tb(frames)))
        return False

    def log_progress(self, epoch, **metrics):
        self.db.log_metrics(
            run_id=self.run_id, elapsed_time=time.time() - self.began, epoch_or_generation=epoch, **metrics)


class LoggerTest(KeyTest):
    def logger(self, seed):
        return ExperimentLogger(
            self.db, experiment_number=5, dataset="cartpole", method=self.name, subject="sub01",
            use_cl_info=False, seed=seed, config=types.SimpleNamespace(lr=0.1), gpu_id=0)

    def test_a_training_that_ends_well(self):
        with self.logger(1) as logger:
            for epoch in range(3):
                logger.log_progress(epoch, train_loss=1.0 / (epoch + 1), f1_score=None)

        run = self.db.get_run(logger.run_id)
        self.assertEqual(("completed", 0, 0, 0), tuple(
            run[name] for name in ("status", "exit_code", "use_cl_info", "gpu_id")))
        metrics = self.db.get_run_metrics(logger.run_id)
        self.assertEqual([(0, 1.0), (1, 0.5), (2, 1 / 3)], [
            (row["epoch_or_generation"], row["train_loss"]) for row in metrics])

    def test_a_training_that_raises(self):
        with self.assertRaises(ZeroDivisionError), self.logger(2) as logger:
            1 / 0

        run = self.db.get_run(logger.run_id)
        self.assertEqual(("failed", 1), (run["status"], run["exit_code"]))
        kind, message = self.one("SELECT exception_type, message FROM run_errors WHERE run_id = ?", logger.run_id)
        self.assertEqual(("python_exception", "division by zero"), (kind, message))


class ProcessesTest(KeyTest):
    def test_another_process_continues_a_run_that_one_created(self):
        run_id = self.created()
        script = (
            "import sys; from runledger import ExperimentDB; db = ExperimentDB(sys.argv[1]);"
            " db.update_run_status(int(sys.argv[2]), 'running');"
            " db.log_metrics(int(sys.argv[2]), 1.0, 1, 0.5)"
        )
        subprocess.run(
            [sys.executable, "-c", script, str(LEDGER.path), str(run_id)],
            env={**os.environ, "PYTHONPATH": str(SOURCE)}, check=True, timeout=60)

        self.assertEqual("running", self.db.get_run(run_id)["status"])
        self.assertEqual([0.5], [row["train_loss"] for row in self.db.get_run_metrics(run_id)])


if __name__ == "__main__":
    unittest.main()
