"""ExperimentDB at the path of an earlier tracker's file."""

import os
import sqlite3
import subprocess
import sys
import unittest
from contextlib import closing

from runledger import ExperimentDB
from runledger.old_file import THREE, kind_of
from test_old_trackers import FIVE_TABLES, THREE_TABLES
from trackers import Ledger

LEDGER = None

#: Somebody else's program, which begins to write.
_BEGIN = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


def setUpModule():
    global LEDGER
    LEDGER = Ledger()


def tearDownModule():
    LEDGER.close()


class OldFileOpenedTest(unittest.TestCase):
    def old_file(self, name, schema, *statements):
        path = str(LEDGER.path.with_name(name))
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(schema)
            for statement in statements:
                connection.execute(*statement)
            connection.commit()
        with open(path, "rb") as file:
            self.before = file.read()
        return path

    def assert_unchanged(self, path):
        with open(path, "rb") as file:
            self.assertEqual(file.read(), self.before)

    def test_runs_of_three_tables_are_there_by_their_old_ids_next_to_new_ones(self):
        insert = "INSERT INTO runs (run_name, config, status) VALUES (?, ?, ?)"
        logged = "INSERT INTO metrics (run_id, metric_name, value, step, epoch) VALUES (?, 'val/loss', ?, ?, ?)"
        path = self.old_file(
            "three.db", THREE_TABLES,
            (insert, ("first", '{"lr": 0.1}', "completed")), (insert, ("second", "{}", "failed")),
            (logged, (1, 0.5, 10, 0)), (logged, (1, 0.25, 20, 1)), (logged, (2, 0.75, 10, 0)),
        )

        with ExperimentDB(path, wait=20) as db:
            new = db.log_run("third")
            db.log_metric(new, "val/loss", 0.125, epoch=0)
            compared = db.compare_runs([1, 2, new], as_frame=False)
            metrics = db.get_metrics(1, as_frame=False)
            self.assertEqual(db.get_run(1)["config"], {"lr": 0.1})
            self.assertEqual(db.get_run(2)["status"], "failed")
            self.assertEqual(db.get_best_run("val/loss")["run_name"], "third")
            with self.assertRaisesRegex(ValueError, "Run 3 not found"):
                db.get_run(3)

        self.assertEqual([row["run_name"] for row in compared], ["first", "second", "third"])
        self.assertEqual([row["best_val_loss"] for row in compared], [0.25, 0.75, 0.125])
        self.assertEqual([(row["value"], row["step"], row["epoch"]) for row in metrics], [(0.5, 10, 0), (0.25, 20, 1)])
        self.assert_unchanged(path)

    def test_a_run_of_five_tables_is_continued_by_its_old_id(self):
        path = self.old_file(
            "five.db", FIVE_TABLES,
            ("INSERT INTO experiment_runs (run_id, experiment_number, dataset, method, use_cl_info, seed, status)"
             " VALUES (7, 3, 'mnist', 'cnn', 1, 42, 'running')",),
            ("INSERT INTO run_metrics (run_id, elapsed_time, epoch_or_generation, train_loss, f1_score)"
             " VALUES (7, 1.5, 1, 0.5, 0.75)",),
        )

        with ExperimentDB(path, wait=20) as db:
            db.log_metrics(7, elapsed_time=2.5, epoch_or_generation=2, train_loss=0.25)
            db.update_run_status(7, "completed")
            calls = db.get_run_metrics(7)
            run = db.get_run_by_params(3, "mnist", "cnn", use_cl_info=True, seed=42)

        self.assertEqual([call["train_loss"] for call in calls], [0.5, 0.25])
        self.assertEqual(run["status"], "completed")
        self.assertEqual(run["run_id"], db.get_run(7)["run_id"])
        self.assert_unchanged(path)

    def test_looking_at_it_leaves_the_locks_of_its_tracker_in_this_process(self):
        for mode in ("delete", "wal"):
            with self.subTest(mode):
                path = self.old_file(f"{mode}.db", THREE_TABLES, (f"PRAGMA journal_mode = {mode}",))
                with closing(sqlite3.connect(path, isolation_level=None)) as tracker:
                    tracker.execute("BEGIN IMMEDIATE")
                    tracker.execute("INSERT INTO runs (run_name, config) VALUES ('first', '{}')")

                    self.assertEqual(kind_of(path), THREE)

                    begun = subprocess.run([sys.executable, "-c", _BEGIN, path], stderr=subprocess.PIPE, text=True)
                    self.assertIn("database is locked", begun.stderr)
                    tracker.execute("COMMIT")

    def test_it_is_refused_with_the_command_that_imports_it(self):
        path = self.old_file("refused.db", THREE_TABLES)

        with self.assertRaisesRegex(ValueError, "python -m runledger.old_trackers .*refused.db"):
            ExperimentDB(path, import_old=False)

        self.assertFalse(os.path.exists(path.replace(".db", ".runledger.db")))
        self.assert_unchanged(path)


if __name__ == "__main__":
    unittest.main()
