"""The files of the trackers before Runledger, imported into a spool."""

import contextlib
import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple
from unittest import mock

from runledger import old_file, old_import, old_trackers
from runledger.identity import RunKey, run_id_of_key, to_text
from runledger.old_values import micros
from runledger.old_trackers import OURS, THREE, OldFileError, import_file, kind_of, run_id_of

THREE_TABLES = """
    CREATE TABLE runs (
        run_id INTEGER PRIMARY KEY AUTOINCREMENT, run_name TEXT NOT NULL, config TEXT, notes TEXT,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, status TEXT DEFAULT 'running');
    CREATE TABLE metrics (
        metric_id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, metric_name TEXT NOT NULL,
        value REAL, step INTEGER, epoch INTEGER, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE artifacts (
        artifact_id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, artifact_type TEXT NOT NULL,
        filepath TEXT NOT NULL, metadata TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE INDEX idx_metrics_run_name ON metrics (run_id, metric_name);
"""

FIVE_TABLES = """
    CREATE TABLE experiment_runs (
        run_id INTEGER PRIMARY KEY AUTOINCREMENT, experiment_number INTEGER, dataset TEXT, method TEXT,
        subject TEXT, use_cl_info BOOLEAN, seed INTEGER, config_json TEXT, status TEXT DEFAULT 'pending',
        exit_code INTEGER, slurm_job_id INTEGER, slurm_array_task_id INTEGER, gpu_id INTEGER,
        created_at TEXT, started_at TEXT, completed_at TEXT,
        UNIQUE (experiment_number, dataset, method, subject, use_cl_info, seed));
    CREATE TABLE run_metrics (
        id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER, elapsed_time REAL, epoch_or_generation INTEGER,
        train_loss REAL, f1_score REAL, surprise REAL, timestamp TEXT);
    CREATE TABLE run_results (id INTEGER PRIMARY KEY, run_id INTEGER, best_f1 REAL, results_json TEXT, created_at TEXT);
    CREATE TABLE run_errors (
        id INTEGER PRIMARY KEY, run_id INTEGER, error_type TEXT, error_message TEXT, traceback TEXT, created_at TEXT);
    CREATE TABLE slurm_jobs (
        id INTEGER PRIMARY KEY, slurm_job_id INTEGER, run_id INTEGER, partition TEXT, nodes TEXT, memory TEXT);
"""

Line = Dict[str, Any]

#: The command that folds, where this machine has one.
COMMAND = shutil.which(os.environ.get("RUNLEDGER_COMMAND") or "runledger")


class OldFileCase(unittest.TestCase):
    """With an old file and a spool in a directory of their own."""

    def setUp(self) -> None:
        self.directory = tempfile.mkdtemp(prefix="runledger-old-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.old = os.path.join(self.directory, "experiments.db")
        self.spool = os.path.join(self.directory, "spool")

    def write(self, *statements: Tuple[Any, ...], schema: Optional[str] = None) -> None:
        """Runs statements in the old file, after making its tables."""
        with contextlib.closing(sqlite3.connect(self.old)) as connection, connection:
            connection.executescript(schema or "")
            for sql, *parameters in statements:
                connection.execute(sql, parameters)

    def events(self) -> Dict[Tuple[Any, ...], Line]:
        """What is in the spool, by the identity of its events."""
        found: Dict[Tuple[Any, ...], Line] = {}
        for name in sorted(os.listdir(self.spool)):
            self.assertTrue(name.endswith(".jsonl"), name)
            with open(os.path.join(self.spool, name), encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
            self.assertEqual(lines.pop(), {"end": True})
            writer, owner = lines[0].pop("writer_id"), ("", "")
            counts: Dict[Tuple[Any, ...], int] = {}
            for line in lines:
                owner = line.pop("run_id", owner[0]), line.pop("attempt_id", owner[1])
                topic = "metrics" if "metrics" in line else "errors" if "error" in line else "runs"
                stream = (*owner, writer, topic)
                event = (*stream, counts.get(stream, 0))
                counts[stream] = event[-1] + 1
                known = found.setdefault(event, line)
                if "status" not in line:
                    self.assertEqual(repr(known), repr(line), "one identity of two events")
        return found

    def lines(self, kind: str) -> List[Line]:
        """The lines of one kind, each event once."""
        return [line for line in self.events().values() if kind in line]

    def imported(self) -> List[str]:
        return import_file(self.old, self.spool)


class ImportTest(OldFileCase):
    """Of the tracker with three tables."""

    def setUp(self) -> None:
        super().setUp()
        self.write(
            ("INSERT INTO runs VALUES (1, 'baseline', ?, 'a note', '2025-01-02 03:04:05', 'completed')",
             json.dumps({"lr": 5e-5, "betas": [0.9, 0.999], "nothing": None})),
            ("INSERT INTO runs VALUES (2, 'baseline', '{broken', NULL, '2025-01-02 03:04:05', 'running')",),
            ("INSERT INTO metrics VALUES (1, 1, 'val/loss', 0.5, 10, 1, '2025-01-02 03:05:00')",),
            ("INSERT INTO metrics VALUES (2, 1, 'val/loss', 0.5, 10, 1, '2025-01-02 03:05:00')",),
            ("INSERT INTO metrics VALUES (3, 2, 'acc', NULL, NULL, NULL, '2025-01-02 03:06:00.25')",),
            ("INSERT INTO metrics VALUES (4, 1, 'acc', ?, NULL, NULL, NULL)", -math.inf),
            ("INSERT INTO artifacts VALUES (1, 1, 'checkpoint', 'a/b.pt', '{\"epoch\": 5}', '2025-01-02 03:07:00')",),
            schema=THREE_TABLES,
        )

    def test_a_run_keeps_its_name_its_configuration_and_its_time(self) -> None:
        self.imported()

        first, second = self.lines("start")
        self.assertEqual(first["at"], 1735787045)
        self.assertEqual(first["start"]["name"], "baseline")
        self.assertEqual(first["start"]["notes"], "a note")
        self.assertEqual(first["start"]["config"], {"lr": 5e-5, "betas": [0.9, 0.999], "nothing": None})
        self.assertEqual(second["start"]["config"], {"config": "{broken"})
        self.assertNotEqual(first["start"]["instance_id"], second["start"]["instance_id"])

    def test_a_metric_is_a_call_with_its_step_epoch_and_time(self) -> None:
        self.imported()

        self.assertEqual(
            sorted(map(repr, self.lines("metrics"))),
            sorted(map(repr, [
                {"at": 1735787100.0, "metrics": {"val/loss": 0.5}, "step": 10, "epoch": 1},
                {"at": 1735787100.0, "metrics": {"val/loss": 0.5}, "step": 10, "epoch": 1},
                {"at": 1735787160.25, "metrics": {"acc": math.nan}},
                {"at": 0.0, "metrics": {"acc": -math.inf}},
            ])),
        )

    def test_an_artifact_is_what_the_row_says(self) -> None:
        self.imported()

        self.assertEqual(
            [line["artifact"] for line in self.lines("artifact")],
            [{"type": "checkpoint", "path": "a/b.pt", "metadata": {"epoch": 5}}],
        )

    def test_the_end_of_a_run_is_that_of_its_last_metric_where_none_is_stored(self) -> None:
        self.write(("DELETE FROM metrics WHERE metric_id = 4",))

        self.imported()

        ends = {line["status"]: line["at"] for line in self.lines("status")}
        self.assertEqual(ends, {"completed": 1735787100.0, "running": 1735787045.0})

    def test_a_second_import_makes_no_file(self) -> None:
        self.assertTrue(self.imported())

        self.assertEqual(self.imported(), [])

    def test_another_spool_gets_the_same_events(self) -> None:
        self.imported()
        here, self.spool = self.events(), os.path.join(self.directory, "another")
        self.imported()

        self.assertEqual(repr(self.events()), repr(here))

    def test_rows_added_after_an_import_are_added_and_none_counts_twice(self) -> None:
        with mock.patch.object(old_import, "_BLOCK", 7):
            for i in range(40):
                self.write(
                    ("INSERT INTO runs (run_name, created_at) VALUES ('later', '2025-02-02 00:00:00')",),
                    ("INSERT INTO metrics (run_id, metric_name, value) VALUES (?, 'x', ?)", i % 5 + 1, i),
                    ("INSERT INTO artifacts (run_id, artifact_type, filepath) VALUES (1, 'plot', ?)", f"{i}.png"),
                )
                if i % 3 == 0:
                    self.imported()
            self.imported()
            grown, self.spool = self.events(), os.path.join(self.directory, "at-once")
            self.imported()

        self.assertEqual(sorted(grown), sorted(self.events()))
        self.assertEqual(len(self.lines("metrics")), 44)
        self.assertEqual(len(self.lines("artifact")), 41)
        self.assertEqual(len(self.lines("start")), 42)

    def test_a_status_that_changed_is_the_later_one(self) -> None:
        self.imported()
        self.write(("UPDATE runs SET status = 'failed' WHERE run_id = 2",))
        self.imported()

        of_second = [event for event in self.events().items()
                     if "status" in event[1] and event[0][0] == to_text(run_id_of(self.old, 2) or 0)]
        self.assertEqual([line["status"] for _, line in sorted(of_second)], ["running", "failed"])

    def test_a_kill_in_the_middle_leaves_nothing_half(self) -> None:
        self.imported()
        whole = self.events()
        for name in os.listdir(self.spool)[::2]:
            os.remove(os.path.join(self.spool, name))

        self.imported()

        self.assertEqual(repr(sorted(self.events().items())), repr(sorted(whole.items())))

    def test_what_a_killed_import_left_is_removed_when_nobody_can_be_writing_it(self) -> None:
        self.imported()
        for name, age in ((".importing-old", 4_000), (".importing-new", 10)):
            path = os.path.join(self.spool, name)
            with open(path, "w"):
                os.utime(path, (time.time() - age,) * 2)

        self.imported()

        self.assertEqual([name for name in os.listdir(self.spool) if name.startswith(".")], [".importing-new"])

    def test_a_time_is_the_same_by_each_version_of_python(self) -> None:
        for text, seconds in (
            ("2025-01-02 03:04:05", 1735787045), ("2025-01-02T03:04:05.5Z", 1735787045.5),
            ("2025-01-02 04:04:05,123456789+0100", 1735787045.123456), ("2025-01-02", 1735776000),
            (1735787045.25, 1735787045.25), (1735787045250, 1735787045.25), (b"2025-01-02 03:04", 1735787040),
            ("20250102T030405", 0), ("yesterday", 0), ("2025-13-45 00:00:00", 0), ("1969-12-31", 0), (math.inf, 0),
        ):
            self.assertEqual(micros(text), round(seconds * 1_000_000), text)

    def test_processes_at_once_import_it_once(self) -> None:
        command = [sys.executable, "-m", "runledger.old_trackers", self.old, "--spool", self.spool]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
        for process in processes:
            process.communicate()
            self.assertEqual(process.returncode, 0)

        self.assertEqual(len(self.lines("metrics")), 4)

    def test_an_old_id_is_that_of_its_run(self) -> None:
        self.imported()

        runs = {event[0] for event, line in self.events().items() if line.get("start")}
        self.assertEqual({to_text(run_id_of(self.old, i) or 0) for i in (1, 2)}, runs)
        self.assertIsNone(run_id_of(self.old, 3))
        self.assertIsNone(run_id_of(self.old, 2**62))

    def test_metrics_of_a_deleted_run_are_left_out(self) -> None:
        self.write(("DELETE FROM runs WHERE run_id = 1",))

        self.imported()

        self.assertEqual(len(self.lines("metrics")), 1)


class FiveTablesTest(OldFileCase):
    """Of the tracker with five tables."""

    def setUp(self) -> None:
        super().setUp()
        self.write(
            ("INSERT INTO experiment_runs VALUES (1, 7, 'mnist', 'cnn', NULL, 1, 3, '{\"lr\": 0.1}', 'timeout', 124,"
             " 555, 2, 0, '2025-01-02T03:04:05.5', '2025-01-02T03:05:00', '2025-01-02T05:00:00+01:00')",),
            ("INSERT INTO run_metrics VALUES (1, 1, 1.5, 2, 0.25, NULL, 9, '2025-01-02T03:05:30')",),
            ("INSERT INTO run_results VALUES (1, 1, 0.9, '{\"final\": [1, 2]}', '2025-01-02T03:59:00')",),
            ("INSERT INTO run_errors VALUES (1, 1, 'OSError', 'no space', 'Traceback ...', '2025-01-02T03:58:00')",),
            ("INSERT INTO slurm_jobs VALUES (1, 555, 1, 'gpu', 'n[1-2]', '16G')",),
            schema=FIVE_TABLES,
        )

    def test_the_key_is_ours(self) -> None:
        self.imported()

        key = RunKey("7", "mnist", "cnn", None, "True", 3)
        self.assertEqual(run_id_of(self.old, 1), run_id_of_key(key))
        self.assertEqual({event[0] for event in self.events()}, {to_text(run_id_of_key(key))})
        begun = [line["start"] for line in self.lines("start") if "experiment" in line["start"]][0]
        self.assertEqual(begun["config"], {"lr": 0.1, "gpu_id": 0})
        self.assertEqual(begun["slurm"], {"job_id": 555, "array_task_id": 2})

    def test_a_wide_row_is_one_call(self) -> None:
        self.imported()

        self.assertEqual(
            self.lines("metrics"),
            [{"at": 1735787130.0, "metrics": {"train_loss": 0.25, "surprise": 9}, "epoch": 2, "elapsed_seconds": 1.5}],
        )

    def test_results_errors_and_jobs_come_along(self) -> None:
        self.imported()

        self.assertEqual([line["results"] for line in self.lines("results")], [{"best_f1": 0.9, "final": [1, 2]}])
        self.assertEqual(
            [line["error"] for line in self.lines("error")],
            [{"type": "OSError", "message": "no space", "traceback": "Traceback ..."}],
        )
        self.assertIn(
            {"slurm": {
                "job_id": 555, "array_task_id": 2, "partition": "gpu", "nodes": "n[1-2]", "allocated": {"memory": "16G"},
            }},
            [line["start"] for line in self.lines("start")],
        )

    def test_its_statuses_have_their_times(self) -> None:
        self.imported()

        self.assertEqual(
            sorted((line["at"], line["status"], line.get("exit_code")) for line in self.lines("status")),
            [(1735787100.0, "running", None), (1735790400.0, "timeout", 124)],
        )

    def test_a_status_that_is_not_ours_is_one_with_a_reason(self) -> None:
        self.write(("UPDATE experiment_runs SET status = 'Cancelled', exit_code = -9",))

        self.imported()

        end = [line for line in self.lines("status") if line["status"] == "failed"][0]
        self.assertEqual(end["reason"], "the earlier tracker says 'Cancelled'; exit code -9")
        self.assertNotIn("exit_code", end)

    def test_missing_and_additional_tables_and_columns_are_no_trouble(self) -> None:
        os.remove(self.old)
        self.write(
            ("INSERT INTO experiment_runs VALUES (4, 'x', 'here')",),
            ("INSERT INTO run_metrics VALUES (4, 0.5, '{\"a\": 1, \"b\": \"NaN\"}')",),
            schema="CREATE TABLE experiment_runs (id INTEGER PRIMARY KEY, method, place);"
            "CREATE TABLE run_metrics (run_id, loss, extra); CREATE TABLE other (a);",
        )

        self.imported()

        self.assertEqual(run_id_of(self.old, 4), run_id_of_key(RunKey(method="x")))
        self.assertEqual(self.lines("start")[0]["start"], {"method": "x", "config": {"place": "here"}})
        self.assertEqual(self.lines("metrics")[0]["metrics"], {"loss": 0.5, "a": 1, "b": "NaN"})


HOSTILE = [
    "a\0b", "\u2028\n\r", b"\xff\xfe", b"text", "", "x" * 20_000, 2**63 - 1, -(2**63), 1e308, -0.0, None,
    '{"a": NaN, "a": 1}', '"\\ud800"', "[" * 5_000, "9" * 5_000, '{"password": "hunter2222"}',
]


def hostile_rows() -> Iterator[Tuple[Any, ...]]:
    """Each value in each column that takes it, and numbers at the ends of what there is."""
    for i, value in enumerate(HOSTILE, start=1):
        given = "n" if value is None else value
        yield "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", i, given, value, value, value, value
        yield "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?)", i, i, given, value, value, value, value
        yield "INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?)", i, i, given, given, value, value
    yield "UPDATE runs SET run_name = CAST(? AS TEXT) WHERE run_id = 1", b"caf\xe9"
    long = json.dumps({"vocabulary": "w" * 10_000_000, "lr": 0.1})
    yield "INSERT INTO runs (run_id, run_name, config) VALUES (?, 'ends', ?)", 2**63 - 1, long
    yield ("INSERT INTO runs (run_id, run_name) VALUES (-5, 'negative')",)
    metric = "INSERT INTO metrics (metric_id, run_id, metric_name, value) VALUES (?, ?, 'm', 1)"
    yield metric, -(2**63), -5
    yield metric, 2**63 - 1, 2**63 - 1


class HostileTest(OldFileCase):
    """What nobody would write, and what somebody has."""

    def test_whatever_is_in_the_columns_becomes_valid_lines(self) -> None:
        self.write(*hostile_rows(), schema=THREE_TABLES)

        self.imported()

        self.assertEqual(len(self.lines("start")), len(HOSTILE) + 2)
        self.assertEqual(len(self.lines("metrics")), len(HOSTILE) + 2)
        self.assertEqual(len(self.lines("artifact")), len(HOSTILE))
        self.assertIn("caf\xe9", [line["start"]["name"] for line in self.lines("start")])
        configs = [line["start"].get("config", {}) for line in self.lines("start")]
        self.assertIn({"password": "********"}, configs)
        self.assertIn(0.1, [config.get("lr") for config in configs])
        self.assertLess(max(len(repr(config)) for config in configs), 300_000)
        self.assertEqual(self.imported(), [])

    def test_what_is_not_an_old_file_is_said_to_be_something_else(self) -> None:
        for content in (b"", b"no database at all"):
            with open(self.old, "wb") as file:
                file.write(content)
            self.assertIsNone(kind_of(self.old))
            self.assertRaisesRegex(OldFileError, "not the file of a known tracker", self.imported)
        self.assertIsNone(kind_of(self.directory))
        self.assertIsNone(kind_of(self.old + ".absent"))
        self.assertRaisesRegex(OldFileError, "is not a file", import_file, self.directory, self.spool)
        os.remove(self.old)
        self.write(schema="CREATE TABLE runs (a)")
        self.assertIsNone(kind_of(self.old))
        self.write(schema="CREATE TABLE projection_info (a); CREATE TABLE metrics (a); CREATE TABLE artifacts (a)")
        self.assertEqual(kind_of(self.old), OURS)
        self.assertRaisesRegex(OldFileError, "already a database of Runledger", self.imported)
        self.assertFalse(os.path.exists(self.spool))

    def test_a_damaged_file_is_refused_with_what_can_be_done(self) -> None:
        self.write(
            *(("INSERT INTO runs (run_name, config) VALUES ('r', ?)", "x" * 3_000) for _ in range(50)),
            schema=THREE_TABLES,
        )
        with open(self.old, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 40_000)

        self.assertRaisesRegex(OldFileError, r"cannot be read: .*\.recover", self.imported)


class UnchangedTest(OldFileCase):
    """Nothing of the old file is changed."""

    def seen(self) -> Set[Tuple[str, int, int]]:
        return {
            (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
            for entry in os.scandir(self.directory)
            if entry.is_file()
        }

    def test_neither_the_file_nor_its_directory_changes(self) -> None:
        for mode in ("delete", "wal"):
            with self.subTest(mode):
                self.write(schema=f"PRAGMA journal_mode={mode};" + (THREE_TABLES if mode == "delete" else ""))
                before = self.seen()

                self.assertEqual(kind_of(self.old), THREE)
                self.imported()

                self.assertEqual(self.seen(), before)

    def test_what_is_only_in_the_log_of_a_living_tracker_is_read(self) -> None:
        with contextlib.closing(sqlite3.connect(self.old)) as connection:
            connection.executescript("PRAGMA journal_mode=wal;" + THREE_TABLES)
            connection.execute("INSERT INTO runs (run_name) VALUES ('in the log')")
            connection.commit()

            self.imported()

            self.assertEqual([line["start"]["name"] for line in self.lines("start")], ["in the log"])

    def test_what_is_only_in_the_log_of_a_killed_tracker_is_read(self) -> None:
        with contextlib.closing(sqlite3.connect(self.old)) as connection:
            connection.executescript("PRAGMA journal_mode=wal;" + THREE_TABLES)
            connection.execute("INSERT INTO runs (run_name) VALUES ('in the log')")
            connection.commit()
            for end in ("", "-wal"):
                shutil.copyfile(self.old + end, os.path.join(self.directory, "left.db" + end))
        self.old = os.path.join(self.directory, "left.db")
        before = self.seen()

        self.imported()

        self.assertEqual([line["start"]["name"] for line in self.lines("start")], ["in the log"])
        self.assertEqual(self.seen(), before)


    def test_what_a_killed_tracker_had_not_committed_is_not_read_and_not_undone(self) -> None:
        for mode in ("delete", "wal"):
            with self.subTest(mode):
                self.old = os.path.join(self.directory, f"{mode}.db")
                self.spool = os.path.join(self.directory, f"{mode}.spool")
                self.write(
                    ("INSERT INTO runs (run_name, created_at) VALUES ('committed', '2025-01-02')",),
                    schema=f"PRAGMA journal_mode={mode};" + THREE_TABLES,
                )
                killed = (
                    "import os, sqlite3, sys\n"
                    "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                    "connection.execute('PRAGMA cache_size = 5')\n"
                    "connection.execute('BEGIN')\n"
                    "for _ in range(200):\n"
                    "    connection.execute('INSERT INTO runs (run_name, config) VALUES (?, ?)', ('no', 'x' * 3000))\n"
                    "os.kill(os.getpid(), 9)\n"
                )
                subprocess.run([sys.executable, "-c", killed, self.old])
                self.assertTrue(os.path.exists(self.old + ("-wal" if mode == "wal" else "-journal")))
                before = {entry for entry in self.seen() if not entry[0].endswith("-shm")}

                self.imported()

                self.assertEqual([line["start"]["name"] for line in self.lines("start")], ["committed"])
                self.assertEqual({entry for entry in self.seen() if not entry[0].endswith("-shm")}, before)

    def test_a_file_that_is_being_written_is_waited_for_and_named(self) -> None:
        self.write(schema=THREE_TABLES)
        with contextlib.closing(sqlite3.connect(self.old, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            with mock.patch.object(old_file, "_PATIENCE", 0.1):
                self.assertRaisesRegex(OldFileError, "locked", self.imported)
            connection.execute("COMMIT")

        self.assertEqual(self.imported(), [])


class OpeningTest(OldFileCase):
    """What ExperimentDB asks."""

    def test_an_old_file_is_imported_next_to_itself(self) -> None:
        self.write(("INSERT INTO runs (run_name) VALUES ('r')",), schema=THREE_TABLES)

        ledger = old_trackers.open_old(self.old)

        assert ledger is not None
        self.assertEqual(ledger.path, self.old[:-3] + ".runledger.db")
        self.assertEqual(ledger.spool, ledger.path + ".spool")
        self.assertEqual(len(os.listdir(ledger.spool)), ledger.new_files)
        self.assertFalse(os.path.exists(ledger.path))

    def test_it_is_refused_with_the_command_where_that_was_asked_for(self) -> None:
        self.write(schema=FIVE_TABLES)

        with self.assertRaisesRegex(OldFileError, "python -m runledger.old_trackers .*experiments.db --spool"):
            old_trackers.open_old(self.old, import_old=False)

        self.assertEqual(os.listdir(self.directory), ["experiments.db"])

    def test_a_configured_ledger_gets_its_runs_into_its_spool(self) -> None:
        self.write(("INSERT INTO runs (run_name) VALUES ('r')",), schema=THREE_TABLES)

        old_trackers.open_old(self.old, spool=self.spool)

        self.assertEqual([line["start"]["project"] for line in self.lines("start")], ["experiments"])
        self.assertEqual(sorted(os.listdir(self.directory)), ["experiments.db", "spool"])

    def test_any_other_path_is_nothing_to_import(self) -> None:
        self.assertIsNone(old_trackers.open_old(self.old))


@unittest.skipIf(COMMAND is None, "no runledger command: RUNLEDGER_COMMAND names none, and PATH has none")
class FoldedTest(OldFileCase):
    """What the ledger has of an old file, by value."""

    def followed(self, sql: str) -> List[Tuple[Any, ...]]:
        """The rows of a query after everything in the spool is folded."""
        database = os.path.join(self.directory, "ledger.db")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNLEDGER_")}
        environment["HOME"] = self.directory
        for name in ("JAVA_HOME", "JAVA_OPTS"):
            if f"RUNLEDGER_{name}" in os.environ:
                environment[f"RUNLEDGER_{name}"] = os.environ[f"RUNLEDGER_{name}"]
        ended = subprocess.run(
            [COMMAND or "", "follow", "--spool", self.spool, "--db", database, "--idle-exit", "1s"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        )
        self.assertEqual(ended.returncode, 0, ended.stdout)
        return self.asked(database, sql)

    def asked(self, path: str, sql: str) -> List[Tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute(sql).fetchall()

    def compare(self, ours: str, theirs: str) -> None:
        self.assertEqual(self.asked(os.path.join(self.directory, "ledger.db"), ours), self.asked(self.old, theirs))

    def test_the_ledger_has_the_rows_of_the_three_tables_once(self) -> None:
        self.write(schema=THREE_TABLES)
        values = (0.1, -0.0, 1e-320, math.inf, -math.inf, None, 3)
        with mock.patch.object(old_import, "_BLOCK", 30):
            for i in range(100):
                if i % 20 == 0:
                    self.write(
                        ("INSERT INTO runs (run_name, config, notes, status, created_at) VALUES (?, ?, ?, ?, ?)",
                         f"r{i // 20}", '{"lr":0.5,"deep":{"a":[1,null]}}', "note\u00e9", "completed",
                         f"2025-03-0{5 - i // 40} 10:00:00"),
                        ("INSERT INTO artifacts (run_id, artifact_type, filepath, metadata) VALUES (?, 'c', 'f', ?)",
                         i // 20 + 1, '{"epoch":5}'),
                    )
                self.write(
                    ("INSERT INTO metrics (run_id, metric_name, value, step, epoch) VALUES (?, ?, ?, ?, ?)",
                     i // 20 + 1, f"m/{i % 3}", values[i % 7], i if i % 2 else None, i // 5)
                )
                if i % 17 == 0:
                    self.imported()
            self.imported()

        self.assertEqual(self.followed("SELECT count(*) FROM dead_letters"), [(0,)])
        self.compare("SELECT count(*) FROM dropped_events", "SELECT 0")
        self.compare("SELECT count(*) FROM run_status_changes", "SELECT count(*) FROM runs")
        runs = "SELECT run_name, config, notes, status, created_at, run_attempts FROM {} ORDER BY run_name"
        self.compare(
            runs.format("runs").replace("run_attempts", "attempts"), runs.format("runs").replace("run_attempts", "1")
        )
        points = (
            "SELECT r.run_name, m.metric_name, m.value, m.step, m.epoch, m.timestamp"
            "  FROM metrics m JOIN runs r ON r.run_id = m.run_id ORDER BY r.run_name, m.metric_name, m.{}"
        )
        self.compare(points.format("epoch, m.step, m.value"), points.format("epoch, m.step, m.value"))
        files = (
            "SELECT r.run_name, a.artifact_type, a.filepath, a.metadata, a.created_at"
            "  FROM artifacts a JOIN runs r ON r.run_id = a.run_id ORDER BY r.run_name"
        )
        self.compare(files, files)
        ids = [run_id_of(self.old, i) for i in range(1, 6)]
        self.compare("SELECT run_name FROM runs ORDER BY run_name", "SELECT run_name FROM runs ORDER BY run_id")
        found = self.asked(os.path.join(self.directory, "ledger.db"), "SELECT run_id FROM runs ORDER BY run_name")
        self.assertEqual([(number,) for number in ids], found)

    def test_the_ledger_has_the_rows_of_the_five_tables(self) -> None:
        self.write(
            *(("INSERT INTO experiment_runs VALUES (?, 7, 'mnist', 'cnn', 's1', ?, ?, '{\"lr\":0.1}', ?, ?, ?, 2, 0,"
               " '2025-01-02 03:04:05', '2025-01-02 03:05:00', ?)",
               i + 1, i % 2, i, status, code, 500 + i, end)
              for i, (status, code, end) in enumerate((
                  ("pending", None, None), ("running", None, None), ("completed", 0, "2025-01-02 04:00:00"),
                  ("failed", 1, "2025-01-02 04:00:00"), ("timeout", 124, "2025-01-02 04:00:00"),
              ))),
            *(("INSERT INTO run_metrics VALUES (?, ?, ?, ?, ?, ?, ?, '2025-01-02 03:05:30')",
               i + 1, i % 5 + 1, i / 2, i // 5, i / 7, None if i % 3 else i, i) for i in range(50)),
            ("INSERT INTO run_results VALUES (1, 3, 0.9, '{\"final\": [1, 2]}', '2025-01-02 03:59:00')",),
            ("INSERT INTO run_errors VALUES (1, 4, 'OSError', 'no space', 'Traceback ...', '2025-01-02 03:58:00')",),
            ("INSERT INTO slurm_jobs VALUES (1, 503, 4, 'gpu', 'n[1-2]', '16G')",),
            schema=FIVE_TABLES,
        )
        self.imported()

        self.assertEqual(self.followed("SELECT count(*) FROM dead_letters"), [(0,)])
        self.compare("SELECT count(*) FROM dropped_events", "SELECT 0")
        self.compare(
            "SELECT experiment, dataset, method, subject, cl_info, seed, status, exit_code, slurm_job_id,"
            " slurm_array_task_id, created_at, config ->> '$.gpu_id' FROM experiment_runs ORDER BY seed",
            "SELECT '7', dataset, method, subject, iif(use_cl_info, 'True', 'False'), seed, status, exit_code,"
            " slurm_job_id, slurm_array_task_id, created_at, gpu_id FROM experiment_runs ORDER BY seed",
        )
        self.compare(
            "SELECT r.seed, m.metric_name, m.value, m.elapsed_seconds, m.epoch, m.timestamp"
            "  FROM metrics m JOIN runs r ON r.run_id = m.run_id ORDER BY 1, 2, 4",
            " UNION ALL ".join(
                f"SELECT r.seed, '{name}', m.{name}, m.elapsed_time, m.epoch_or_generation, m.timestamp"
                f"  FROM run_metrics m JOIN experiment_runs r ON r.run_id = m.run_id WHERE m.{name} IS NOT NULL"
                for name in ("train_loss", "f1_score", "surprise")
            ) + " ORDER BY 1, 2, 4",
        )
        self.compare("SELECT count(*) FROM run_metrics", "SELECT count(*) FROM run_metrics")
        self.compare(
            "SELECT results, created_at FROM run_results",
            "SELECT '{\"best_f1\":0.9,\"final\":[1,2]}', created_at FROM run_results",
        )
        self.compare(
            "SELECT exception_type, message, traceback, created_at FROM run_errors",
            "SELECT error_type, error_message, traceback, created_at FROM run_errors",
        )
        self.compare(
            "SELECT slurm_job_id, partition, nodes, allocated FROM slurm_jobs WHERE slurm_job_id = 503",
            "SELECT slurm_job_id, partition, nodes, '{\"memory\":\"16G\"}' FROM slurm_jobs",
        )

    def test_whatever_is_in_the_columns_costs_no_row_but_itself(self) -> None:
        self.write(*hostile_rows(), schema=THREE_TABLES)
        self.imported()

        self.assertEqual(self.followed("SELECT detail FROM dead_letters"), [])
        self.compare("SELECT count(*) FROM runs", "SELECT count(*) FROM runs")
        self.compare("SELECT count(*) FROM artifacts", "SELECT count(*) FROM artifacts")
        self.compare(
            "SELECT count(*) FROM metrics",
            "SELECT count(*) FROM metrics WHERE typeof(value) IN ('integer', 'real', 'null')",
        )
        self.compare(
            "SELECT count(*) FROM runs WHERE run_id NOT IN (SELECT run_id FROM metrics)"
            " AND run_id IN (SELECT run_id FROM dropped_events WHERE topic = 'runledger.metrics')",
            "SELECT count(*) FROM metrics WHERE typeof(value) NOT IN ('integer', 'real', 'null')",
        )
