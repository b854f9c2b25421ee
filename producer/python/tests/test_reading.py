"""What is read of the database, on one made by the migrations of the service."""

import os
import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from runledger import run_tables
from runledger.projection import Projection

MIGRATIONS = (
    Path(__file__).resolve().parents[3]
    / "consumer/sqlite/src/main/resources/io/runledger/sqlite/migrations"
)


@unittest.skipIf(sqlite3.sqlite_version_info < (3, 38, 0), "the migrations need SQLite 3.38")
class WrongClocksTest(unittest.TestCase):
    """A job that was requeued onto a node whose clock is behind: the newer attempt has the lower id."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.projection = Projection(os.path.join(directory.name, "runledger.db"))
        with closing(sqlite3.connect(self.projection.path)) as connection:
            scripts = sorted(MIGRATIONS.glob("V*.sql"), key=lambda file: int(file.name[1:].split("_")[0]))
            for script in scripts:
                connection.executescript(script.read_text(encoding="utf-8"))
            connection.execute(
                "INSERT INTO experiment_runs (run_id, identity, tags, status, attempts,"
                " first_attempt_id, last_attempt_id) VALUES (1, 'unknown', '[]', 'completed', 2, 90, 10)"
            )
            for ordinal, attempt in enumerate((90, 10), 1):
                connection.execute(
                    "INSERT INTO run_attempts (run_id, attempt_id, ordinal) VALUES (1, ?, ?)",
                    (attempt, ordinal),
                )
                connection.execute(
                    "INSERT INTO metric_series (series_id, run_id, attempt_id, writer_id, name,"
                    " points, count, nan_count) VALUES (?, 1, ?, 1, 'loss', 1, 1, 0)",
                    (ordinal, attempt),
                )
                connection.execute(
                    "INSERT INTO metric_points (series_id, seq, step, at_us, value)"
                    " VALUES (?, 0, ?, ?, 0.5)",
                    (ordinal, ordinal, attempt * 1_000_000),
                )
            connection.commit()

    def test_the_points_of_a_run_come_in_the_order_of_its_attempts(self):
        for name in (None, "loss"):
            points = run_tables.metrics(self.projection, 1, name)
            self.assertEqual([1, 2], [point["step"] for point in points])

    def test_a_whole_epoch_is_an_int_and_a_part_of_one_a_float(self):
        with closing(sqlite3.connect(self.projection.path)) as connection:
            logged = (None, 5, 0.25, -(2**63), 2.0**63, float("inf"))
            for seq, epoch in enumerate(logged, 1):
                connection.execute(
                    "INSERT INTO metric_points (series_id, seq, step, epoch, at_us, value)"
                    " VALUES (2, ?, ?, ?, 10000000, NULL)",
                    (seq, 2 + seq, epoch),
                )
            connection.commit()

        epochs = [point["epoch"] for point in run_tables.metrics(self.projection, 1, "loss")][2:]

        self.assertEqual(list(logged), epochs)
        self.assertEqual([type(epoch) for epoch in logged], [type(epoch) for epoch in epochs])

    def test_a_point_that_a_resume_supersedes_is_left_out(self):
        with closing(sqlite3.connect(self.projection.path)) as connection:
            connection.execute("UPDATE run_attempts SET superseded_from_step = 1 WHERE attempt_id = 90")
            connection.commit()

        points = run_tables.metrics(self.projection, 1, None)

        self.assertEqual([2], [point["step"] for point in points])

    def test_the_log_calls_of_a_run_come_in_the_order_of_its_attempts(self):
        calls = run_tables.run_metrics(self.projection, 1, None)
        self.assertEqual([1, 2], [call["step"] for call in calls])


class EpochsTest(unittest.TestCase):
    def test_epochs_are_counted_as_the_compare_verb_counts_them(self):
        for epochs, first, last in (
            (0, None, None), (1, 0, 0), (5, 0, 4), (5, 1, 5.0), (2, 0.25, 1.5), (3, 0.5, 3), (1, 0.25, 0.5)
        ):
            self.assertEqual(epochs, run_tables.total_epochs(first, last), (first, last))


class DatabaseOnAServerTest(unittest.TestCase):
    def test_it_is_not_taken_for_a_missing_file(self):
        projection = Projection.at(None, "jdbc:postgresql://db.example/ledger?password=hunter2")
        with self.assertRaisesRegex(sqlite3.NotSupportedError, "PostgreSQL server.*pandas.read_sql") as caught:
            projection.rows("SELECT 1")
        self.assertNotIn("hunter2", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
