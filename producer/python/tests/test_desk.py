"""ExperimentDB(path): a ledger of its own, kept by a process that is started when it is needed."""

import contextlib
import logging
import multiprocessing
import os
import pickle
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

import runledger
from lines import SOURCE
from runledger import ExperimentDB, database_file, desk, follower, lineage, open_runs, writer
from runledger.follower import CannotFollow, Command
from runledger.identity import to_text

MIGRATIONS = (
    Path(__file__).resolve().parents[3]
    / "consumer/sqlite/src/main/resources/io/runledger/sqlite/migrations"
)

#: A command that serves nobody: it notes its start, and does what the test says.
COMMAND = """\
#!/bin/sh
echo started >> {starts}
{action}
"""


def command_of_machine():
    try:
        return Command.find().file
    except CannotFollow:
        return None


REAL = command_of_machine()


@unittest.skipIf(sqlite3.sqlite_version_info < (3, 38, 0), "the database needs SQLite 3.38")
class DeskCase(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = Path(directory.name).resolve()
        self.path = self.place / "experiments.db"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("RUNLEDGER_")
        }
        environment.update(HOME=str(self.place / "home"), XDG_RUNTIME_DIR=str(self.place / "run"))
        environment.pop("XDG_CONFIG_HOME", None)
        (self.place / "run").mkdir()
        patched = mock.patch.dict(os.environ, environment, clear=True)
        patched.start()
        self.addCleanup(patched.stop)
        self.addCleanup(self.end_servers)

    def end_servers(self):
        for number in self.servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            wait_until(lambda number=number: not follower._runs(str(number)))

    def servers(self):
        notes = (self.place / "run").glob("runledger/*/started")
        return [int(text) for text in (note.read_text() for note in notes) if text]

    def in_process(self, code, *arguments):
        """Runs code in another Python, and returns what it prints."""
        ended = subprocess.run(
            [sys.executable, "-c", "import sys\nfrom runledger import ExperimentDB\n" + code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
        )
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stdout.strip()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("It did not happen in time.")
        time.sleep(0.01)


class FakeCommandTest(DeskCase):
    """What needs no database to be kept: the file, who starts what, and what is said."""

    def setUp(self):
        super().setUp()
        self.starts = self.place / "starts"
        self.command("exec sleep 60")

    def command(self, action):
        home = self.place / "distribution"
        script = home / "bin/runledger"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(COMMAND.format(starts=self.starts, action=action))
        script.chmod(0o755)
        template = home / "lib/empty.db"
        if not template.exists():
            template.parent.mkdir()
            with contextlib.closing(sqlite3.connect(str(template))) as connection:
                for file in sorted(MIGRATIONS.glob("V*.sql"), key=lambda file: int(file.name[1:].split("_")[0])):
                    connection.executescript(file.read_text(encoding="utf-8"))
        os.environ["RUNLEDGER_COMMAND"] = str(script)

    def started(self):
        return len(self.starts.read_text().split()) if self.starts.exists() else 0

    def test_the_file_is_there_at_once_with_its_tables_and_nothing_is_started(self):
        with ExperimentDB(self.path) as db:
            self.assertTrue(self.path.exists())
            with contextlib.closing(sqlite3.connect(str(self.path))) as connection:
                tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            self.assertLessEqual({"experiment_runs", "runs", "metrics", "artifacts"}, tables)
            self.assertEqual(self.path, db.db_path)
        self.assertEqual(0, self.started())
        self.assertEqual(0o700, stat.S_IMODE(os.stat(f"{self.path}.spool").st_mode))

    def test_a_ledger_that_is_there_stays_as_it_is(self):
        ExperimentDB(self.path)
        before = os.stat(self.path)

        ExperimentDB(self.path)

        self.assertEqual(before, os.stat(self.path))

    def test_an_empty_file_that_somebody_reserved_becomes_the_ledger(self):
        self.path.touch()

        ExperimentDB(self.path)

        self.assertGreater(self.path.stat().st_size, 0)

    def test_another_file_is_left_alone(self):
        self.path.write_bytes(b"something else")

        with self.assertLogs("runledger", "WARNING"):
            ExperimentDB(self.path)

        self.assertEqual(b"something else", self.path.read_bytes())
        self.assertFalse(os.path.exists(f"{self.path}.spool"))

    def test_a_pipe_which_like_a_device_has_no_size_is_not_replaced(self):
        os.mkfifo(str(self.path))

        with self.assertLogs("runledger", "WARNING"):
            ExperimentDB(self.path)

        self.assertTrue(stat.S_ISFIFO(os.lstat(self.path).st_mode))
        self.assertFalse(os.path.exists(f"{self.path}.spool"))

    def test_a_database_without_a_spool_is_read_and_not_followed(self):
        template = self.place / "distribution/lib/empty.db"
        self.path.write_bytes(template.read_bytes())

        db = ExperimentDB(self.path)

        self.assertEqual([], db.list_runs(as_frame=False))
        self.assertEqual(0, self.started())

    def test_a_run_that_goes_elsewhere_because_the_spool_is_not_there_is_said(self):
        (self.path).write_bytes((self.place / "distribution/lib/empty.db").read_bytes())
        db = ExperimentDB(self.path)
        with self.assertLogs("runledger", "WARNING") as logs:
            db.log_run("one")
            db.log_run("two")

        self.assertEqual(1, len(logs.output))
        self.assertRegex(logs.output[0], r"experiments\.db\.spool is not next to it: they go to .*/runledger/spool")

    def test_a_run_that_goes_elsewhere_because_the_path_is_another_file_is_said(self):
        self.path.write_bytes(b"something else")
        Path(f"{self.path}.spool").mkdir()
        with self.assertLogs("runledger", "WARNING") as logs:
            ExperimentDB(self.path).log_run("one")

        self.assertRegex(logs.output[-1], r"/runledger/spool, because .*experiments\.db is not a database of Runledger")
        self.assertNotIn("A ledger is configured", "".join(logs.output))

    def test_many_that_create_one_ledger_create_one_file(self):
        with ThreadsOf(20) as threads:
            threads.run(lambda: ExperimentDB(self.path))

        self.assertEqual(["experiments-g000001.db"], [file.name for file in self.place.glob("*-g*.db")])

    def test_a_directory_that_is_just_being_removed_gets_no_file_back(self):
        run_id = ExperimentDB(self.path).log_run("open")
        (file,) = Path(desk.spool_of(str(self.path))).glob("*.jsonl")
        (run,) = [one for one in open_runs.all_open() if one.number == run_id]
        file.unlink()
        # What the other one does meanwhile, who has removed the file just now.
        with mock.patch.object(writer.time, "sleep", lambda _: self.path.unlink()):
            run._writer.keep_file()

        self.assertFalse(file.exists())

    def test_what_a_process_wrote_is_in_a_removed_ledger_again_before_it_reads(self):
        db = ExperimentDB(self.path, wait=0.3)
        run_id = db.log_run("written")
        for file in self.place.glob("experiments*"):
            shutil.rmtree(str(file)) if file.is_dir() else file.unlink()

        with self.assertLogs("runledger", "WARNING"):
            db.list_runs()

        self.assertIn(to_text(run_id), next(Path(f"{self.path}.spool").glob("*.jsonl")).read_text())

    def test_a_ledger_on_a_full_disk_is_no_file_of_an_earlier_tracker(self):
        ExperimentDB(self.path)
        connect = sqlite3.connect

        def full(database, **options):
            # Without a log, SQLite needs no room for the file by which it shares one.
            if "immutable=1" in database:
                return connect(database, **options)
            raise sqlite3.OperationalError("disk I/O error")

        with mock.patch.object(sqlite3, "connect", side_effect=full):
            db = ExperimentDB(self.path, wait=0.1)
            db.log_run("written")
            with self.assertRaisesRegex(
                sqlite3.OperationalError, "experiments.db cannot be read: disk I/O error.*the room on its disk"
            ):
                db.list_runs()

    def test_a_path_that_is_not_utf_8_is_refused_at_once_and_stops_nothing(self):
        path = os.fsencode(self.place) + b"/\xff.db"
        with self.assertLogs("runledger", "WARNING") as logs:
            db = ExperimentDB(path)

        run_id = db.log_run("written")
        self.assertIn("is not text in UTF-8", logs.output[0])
        with self.assertRaisesRegex(CannotFollow, "is not text in UTF-8. Give it another name"):
            db.get_run(run_id)

    def test_a_deleted_database_gets_another_name(self):
        ExperimentDB(self.path)
        self.path.unlink()

        ExperimentDB(self.path)

        self.assertEqual("experiments-g000002.db", os.readlink(self.path))

    def test_who_writes_a_database_is_seen_without_getting_in_the_way(self):
        lock = f"{self.path}.lock"
        self.assertFalse(database_file.is_written(str(self.path)))
        code = (
            "import fcntl, sys\nfile = open(sys.argv[1], 'a')\nfcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
            "print(flush=True)\nsys.stdin.read()\n"
        )
        holder = subprocess.Popen(
            [sys.executable, "-c", code, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        holder.stdout.readline()
        try:
            self.assertTrue(database_file.is_written(str(self.path)))
            self.assertTrue(database_file.is_written(str(self.path)))
            template = self.place / "distribution/lib/empty.db"
            self.assertFalse(database_file.create(str(self.path), str(template)))
        finally:
            holder.communicate()
        self.assertFalse(database_file.is_written(str(self.path)))

    def test_links_to_a_ledger_lead_to_the_same_one(self):
        first = ExperimentDB(self.path)
        os.symlink(self.path, self.place / "link.db")
        os.symlink(self.place, self.place / "directory")

        for path in ("link.db", "directory/experiments.db"):
            self.assertEqual(first._projection.path, ExperimentDB(self.place / path)._projection.path)

    def test_many_readers_start_one_process(self):
        db = ExperimentDB(self.path, wait=0.5)
        with self.assertLogs("runledger", "WARNING"), ThreadsOf(10) as threads:
            threads.run(lambda: db.list_runs(as_frame=False))

        self.assertEqual(1, self.started())

    def test_what_was_started_holds_nothing_of_the_job(self):
        self.command("ls -l /proc/self/fd > %s; readlink /proc/self/cwd >> %s; env >> %s; exec sleep 60" % ((self.place / "seen",) * 3))
        os.environ["RUNLEDGER_ATTEMPT_ID"] = "0000000000001"
        with open(self.place / "of job", "w") as file, self.assertLogs("runledger", "WARNING"):
            os.set_inheritable(file.fileno(), True)
            ExperimentDB(self.path, wait=0.3).list_runs()

        seen = (self.place / "seen").read_text()
        self.assertNotIn("of job", seen)
        self.assertIn("\n/\n", seen)
        self.assertNotIn("RUNLEDGER_ATTEMPT_ID", seen)
        (number,) = self.servers()
        self.assertEqual(number, os.getsid(number) if os.getpgid(number) == number else number)
        self.assertNotEqual(os.getsid(0), os.getsid(number))
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], stdout=subprocess.PIPE)
        self.assertNotIn(str(number).encode(), children.stdout.split())

    def test_without_the_command_writing_works_and_reading_says_what_to_install(self):
        del os.environ["RUNLEDGER_COMMAND"]
        with mock.patch.object(Command, "find", side_effect=CannotFollow(follower.NO_COMMAND)):
            with self.assertLogs("runledger", "WARNING") as logs:
                db = ExperimentDB(self.path)
            run_id = db.log_run("written")
            db.log_metric(run_id, "loss", 0.5)
            began = time.monotonic()
            with self.assertRaisesRegex(OSError, "Install Runledger's wheel"):
                db.get_metrics(run_id)

            self.assertLess(time.monotonic() - began, 1)
            db.update_run_status(run_id, "completed")

        self.assertIn("Install Runledger's wheel", logs.output[0])
        self.assertEqual(1, len(list(Path(f"{self.path}.spool").glob("*.jsonl"))))

    def test_a_command_that_cannot_start_is_quoted_at_each_read_at_once(self):
        self.command("echo 'runledger: No java on PATH. Install Java 17.' >&2; exit 1")
        db = ExperimentDB(self.path)

        for _ in range(2):
            began = time.monotonic()
            with self.assertRaisesRegex(OSError, r"Nothing keeps .*experiments\.db up to date: No java on PATH\. Install Java 17\."):
                db.list_runs()
            self.assertLess(time.monotonic() - began, 2)

    def test_what_java_complains_of_in_two_lines_is_quoted(self):
        self.command("echo 'Error occurred during initialization of VM' >&2; echo 'Too small maximum heap' >&2; exit 1")

        with self.assertRaisesRegex(OSError, "initialization of VM Too small maximum heap"):
            ExperimentDB(self.path).list_runs()

    def test_a_command_that_ends_without_a_word_is_not_said_to_apply_anything(self):
        self.command("exit 1")
        with self.assertLogs("runledger", "WARNING") as logs:
            ExperimentDB(self.path, wait=0.3).list_runs()
        self.assertRegex(logs.output[0], "nothing applies it yet, see .*/log. Reading what is there.")

        os.environ["RUNLEDGER_COMMAND"] = "/bin/false"
        with mock.patch.object(desk, "_CREATING_SECONDS", 0.1):
            db = ExperimentDB(self.place / "other.db", wait=0.3)
            with self.assertRaisesRegex(CannotFollow, "other.db up to date: it has not been created; the reason may be in .*/log"):
                db.list_runs()

    def test_a_named_command_that_is_not_there_is_named(self):
        ExperimentDB(self.path)
        os.environ["RUNLEDGER_COMMAND"] = "/nowhere/runledger"

        with self.assertRaisesRegex(OSError, "RUNLEDGER_COMMAND is /nowhere/runledger"):
            ExperimentDB(self.path).list_runs()

    def test_a_wait_in_vain_is_not_repeated_at_full_length(self):
        db = ExperimentDB(self.path, wait=1.5)
        with mock.patch.object(desk, "_SHORT", 0.1), self.assertLogs("runledger", "WARNING"):
            self.assertEqual([], db.list_runs(as_frame=False))
            began = time.monotonic()
            db.list_runs(as_frame=False)

        self.assertLess(time.monotonic() - began, 1)

    def test_a_place_that_cannot_be_written_is_said_at_once_and_stops_nothing(self):
        obstacle = self.place / "file"
        obstacle.write_text("")
        for path in (obstacle / "x.db", Path("/proc/runledger/x.db")):
            with self.assertLogs("runledger", "WARNING") as logs:
                db = ExperimentDB(path)
            self.assertRegex(logs.output[0], "Nothing keeps .*x.db up to date: .* cannot be written")
            with self.assertRaisesRegex(OSError, "cannot be written"):
                db.list_runs()

    @unittest.skipIf(os.getuid() == 0, "root may write everywhere")
    def test_a_directory_without_permission_is_said(self):
        closed = self.place / "closed"
        closed.mkdir(mode=0o500)
        with self.assertLogs("runledger", "WARNING") as logs:
            ExperimentDB(closed / "x.db")
        self.assertIn("Permission denied", logs.output[0])

    def test_a_run_id_is_known_to_another_object_at_once(self):
        run_id = ExperimentDB(self.path).log_run("shared")

        ExperimentDB(self.path).log_metric(run_id, "loss", 0.5)

        self.assertEqual(0, self.started())

    def test_a_process_that_is_killed_at_once_leaves_a_mark_for_whoever_reads_next(self):
        code = "import os\nExperimentDB(sys.argv[1]).log_run('killed')\nos.kill(os.getpid(), 9)"
        with self.assertRaises(AssertionError):
            self.in_process(code, self.path)

        self.assertEqual(0, self.started())
        self.assertTrue(Path(f"{self.path}.spool/.mark-end").exists())

    def test_a_run_id_of_a_process_that_has_ended_is_used_without_the_database(self):
        run_id = int(self.in_process("print(ExperimentDB(sys.argv[1]).log_run('elsewhere'))", self.path))

        ExperimentDB(self.path).log_metric(run_id, "loss", 0.5)

        first, second = sorted(Path(f"{self.path}.spool").glob("*.jsonl"))
        ids = re.compile('"run_id":"([^"]+)","attempt_id":"([^"]+)"')
        self.assertEqual(ids.search(first.read_text()).groups(), ids.search(second.read_text()).groups())
        self.assertLessEqual(self.started(), 1)

    def test_a_forked_child_uses_a_run_id_without_the_database(self):
        db = ExperimentDB(self.path)
        run_id = db.log_run("shared")
        child = multiprocessing.get_context("fork").Process(target=db.log_metric, args=(run_id, "loss", 0.5))
        child.start()
        child.join()

        self.assertEqual(0, child.exitcode)
        self.assertEqual(2, len(list(Path(f"{self.path}.spool").glob("*.jsonl"))))
        self.assertEqual(0, self.started())

    def test_a_started_python_has_the_ledger_of_the_same_path(self):
        run_id = ExperimentDB(self.path).log_run("shared")

        where = self.in_process(
            "db = ExperimentDB(sys.argv[1])\ndb.log_metric(int(sys.argv[2]), 'loss', 0.5)\nprint(db.db_path)",
            self.path, run_id,
        )

        self.assertEqual(str(self.path), where)
        self.assertEqual(2, len(list(Path(f"{self.path}.spool").glob("*.jsonl"))))

    def test_a_started_python_finds_the_ledger_that_is_configured(self):
        os.environ["RUNLEDGER_SPOOL"] = str(self.place / "spool")
        os.environ["RUNLEDGER_DB"] = str(self.place / "ledger.db")
        with runledger.init(name="parent", spool=self.place / "elsewhere"):
            where = self.in_process("print(ExperimentDB(sys.argv[1])._settings.spool)", self.path)

        self.assertEqual(str(self.place / "spool"), where)

    def test_a_started_python_logs_to_a_run_where_it_was_begun(self):
        os.environ["RUNLEDGER_DB"] = str(self.place / "ledger.db")
        with runledger.init(name="parent", spool=self.place / "elsewhere") as run:
            self.in_process("ExperimentDB().log_metric(int(sys.argv[1]), 'loss', 0.5)", run.number)

            self.assertEqual(2, len(list((self.place / "elsewhere").glob("*.jsonl"))))

    def test_a_run_of_one_path_is_not_known_at_another(self):
        run_id = ExperimentDB(self.path).log_run("here")
        self.command("echo 'runledger: Not today.' >&2; exit 1")

        with self.assertRaisesRegex(OSError, "Not today"):
            ExperimentDB(self.place / "second.db").log_metric(run_id, "loss", 0.5)

    def test_where_a_ledger_is_configured_the_path_is_a_project(self):
        os.environ["RUNLEDGER_SPOOL"] = str(self.place / "spool")

        db = ExperimentDB(self.place / "vision.db")
        db.update_run_status(db.log_run("a run"), "completed")

        self.assertFalse((self.place / "vision.db").exists())
        (file,) = (self.place / "spool").glob("*.jsonl")
        self.assertIn('"project":"vision"', file.read_text())
        self.assertIsNone(ExperimentDB(self.place / "vision.db", project=None)._project)

    def test_a_path_with_a_ledger_is_a_project_too_where_one_is_configured_for_reading_as_for_writing(self):
        ExperimentDB(self.path).log_run("at the desk")
        os.environ["RUNLEDGER_SPOOL"] = str(self.place / "spool")
        os.environ["RUNLEDGER_DB"] = str(self.place / "ledger.db")

        with self.assertLogs("runledger", "WARNING") as logs:
            db = ExperimentDB(self.path)
        db.update_run_status(db.log_run("in the team"), "completed")

        self.assertIn("runledger sync", logs.output[0])
        self.assertEqual(self.place / "ledger.db", db.db_path)
        (file,) = (self.place / "spool").glob("*.jsonl")
        self.assertIn('"project":"experiments"', file.read_text())

    def test_each_setting_of_a_ledger_configures_one(self):
        for name in ("SPOOL", "DB", "DATA_DIR", "BOOTSTRAP_SERVERS", "URL"):
            with mock.patch.dict(os.environ, {f"RUNLEDGER_{name}": "/somewhere"}):
                self.assertTrue(desk.is_configured(), name)
        self.assertFalse(desk.is_configured())

    def test_a_configured_ledger_that_nobody_writes_is_said_at_once(self):
        os.environ["RUNLEDGER_SPOOL"] = str(self.place / "spool")
        os.environ["RUNLEDGER_DB"] = str(self.place / "ledger.db")
        (self.place / "ledger.db").write_bytes((self.place / "distribution/lib/empty.db").read_bytes())
        db = ExperimentDB()
        db.update_run_status(db.log_run("a run"), "completed")
        began = time.monotonic()

        with self.assertLogs("runledger", "WARNING") as logs:
            self.assertEqual([], db.list_runs(as_frame=False))

        self.assertLess(time.monotonic() - began, 1)
        self.assertIn("is not being written", logs.output[0])

    def test_an_object_goes_to_another_process(self):
        db = ExperimentDB(self.path)
        db.log_run("open")

        self.assertEqual(db.db_path, pickle.loads(pickle.dumps(db)).db_path)


@unittest.skipUnless(REAL, "there is no 'runledger' command here; RUNLEDGER_COMMAND names one")
class RealCommandTest(DeskCase):
    """With the command of a distribution, and its Java."""

    def setUp(self):
        super().setUp()
        os.environ["RUNLEDGER_COMMAND"] = REAL

    def test_the_first_read_has_what_was_written_and_later_ones_too(self):
        path = self.place / "with spaces, ü and ?#%.db"
        db = ExperimentDB(path)
        run_id = db.log_run("first", {"lr": 0.1})
        db.log_metric(run_id, "loss", 0.5, step=0)
        began = time.monotonic()
        self.assertEqual(1, len(db.get_metrics(run_id, as_frame=False)))
        first = time.monotonic() - began
        later = []
        for step in range(1, 21):
            db.log_metric(run_id, "loss", 0.5, step=step)
            began = time.monotonic()
            self.assertEqual(step + 1, len(db.get_metrics(run_id, as_frame=False)))
            later.append(time.monotonic() - began)

        print(f"\nfirst read {first:.2f} s, later ones {1000 * sorted(later)[10]:.1f} ms", file=sys.stderr)
        self.assertEqual({"lr": 0.1}, db.get_run(run_id)["config"])
        self.assertEqual("first", db.conn.execute("SELECT run_name FROM runs").fetchone()["run_name"])
        with self.assertRaises(sqlite3.OperationalError):
            db.conn.execute("DELETE FROM run_attempts")
        db.close()

    def test_a_verb_right_after_a_script_has_what_the_script_wrote(self):
        code = "db = ExperimentDB(sys.argv[1])\nrun_id = db.log_run('short')\ndb.log_metric(run_id, 'loss', 0.5)"
        self.in_process(code, self.path)

        listed = subprocess.run(
            [REAL, "list", "--db", str(self.path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True
        )

        self.assertIn("short", listed.stdout, listed.stderr)
        self.assertEqual("", listed.stderr)

    def test_a_path_under_the_wrapper_is_a_ledger_apart_where_none_is_configured(self):
        code = (
            "import sys\nfrom runledger import ExperimentDB\ndb = ExperimentDB(sys.argv[1], wait=60)\n"
            "run_id = db.log_run('of the script')\ndb.log_metric(run_id, 'loss', 0.5)\n"
            "print(*(row['run_id'] for row in db.list_runs(as_frame=False)))"
        )
        command = [REAL, "exec", "--", sys.executable, "-c", code, str(self.path)]
        ended = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": str(SOURCE)}, stdout=subprocess.PIPE, universal_newlines=True
        )

        runs = ExperimentDB(self.path, wait=60).list_runs(as_frame=False)
        self.assertEqual(["of the script"], [run["run_name"] for run in runs])
        self.assertEqual(str(runs[0]["run_id"]), ended.stdout.strip())
        spool = self.place / "home/.local/share/runledger/spool"
        self.assertNotEqual([], list(spool.glob("*/*.avro")))
        self.assertEqual([], list(spool.glob(".ranks/taken-*")), "the wrapper's run gave way to one of another ledger")

    def test_twenty_processes_that_open_one_path_at_once_have_one_follower(self):
        code = (
            "db = ExperimentDB(sys.argv[1], wait=60)\nrun_id = db.log_run(sys.argv[2])\n"
            "db.log_metric(run_id, 'loss', 0.5)\nprint(len(db.get_metrics(run_id, as_frame=False)))"
        )
        with ThreadsOf(20) as threads:
            found = threads.run(lambda: self.in_process(code, self.path, threading.get_ident()))

        self.assertEqual(["1"] * 20, found)
        self.assertEqual(20, len(ExperimentDB(self.path).list_runs(limit=None, as_frame=False)))
        self.assertEqual(1, len(self.java()))

    def java(self):
        listed = subprocess.run(["ps", "-e", "-o", "args="], stdout=subprocess.PIPE, universal_newlines=True)
        return [line for line in listed.stdout.splitlines() if str(self.place) in line and "java" in line.split()[0]]

    def test_a_follower_that_is_killed_between_writes_is_replaced(self):
        db = ExperimentDB(self.path, wait=60)
        run_id = db.log_run("killed")
        for step in range(4):
            db.log_metric(run_id, "loss", 0.5, step=step)
            self.assertEqual(step + 1, len(db.get_metrics(run_id, as_frame=False)))
            for number in self.servers():
                os.kill(number, signal.SIGKILL)

    def test_one_that_ended_because_nothing_came_is_started_again(self):
        with mock.patch.object(follower, "_IDLE", "1s"):
            db = ExperimentDB(self.path, wait=60)
            run_id = db.log_run("idle")
            db.log_metric(run_id, "loss", 0.5, step=0)
            self.assertEqual(1, len(db.get_metrics(run_id, as_frame=False)))
            # A run that is open keeps its follower.
            db.update_run_status(run_id, "completed")
            wait_until(lambda: not database_file.is_written(str(self.path)))
            (number,) = self.servers()
            wait_until(lambda: not follower._runs(str(number)))
        again = ExperimentDB(self.path, wait=60)

        self.assertEqual("completed", again.get_run(run_id)["status"])

    def test_eight_processes_write_ten_thousand_metrics_each_and_all_are_there(self):
        code = (
            "db = ExperimentDB(sys.argv[1])\nrun_id = db.log_run('of eight')\n"
            "for step in range(10000):\n    db.log_metric(run_id, 'loss', step * 0.5, step=step)\nprint(run_id)"
        )
        began = time.monotonic()
        with ThreadsOf(8) as threads:
            runs = [int(run) for run in threads.run(lambda: self.in_process(code, self.path))]
        db = ExperimentDB(self.path, wait=120)
        counts = {row["run_id"]: row["metric_count"] for row in db.list_runs(as_frame=False, all_columns=True)}

        print(f"\n8 x 10,000 metrics: {time.monotonic() - began:.2f} s", file=sys.stderr)
        self.assertEqual({run: 10_000 for run in runs}, counts)

    def test_a_run_id_of_a_process_that_has_ended_is_used_at_once(self):
        run_id = int(self.in_process("print(ExperimentDB(sys.argv[1]).log_run('elsewhere'))", self.path))

        db = ExperimentDB(self.path, wait=60)
        db.log_metric(run_id, "loss", 0.5)

        self.assertEqual(1, len(db.get_metrics(run_id, as_frame=False)))
        with self.assertRaisesRegex(ValueError, "not found"):
            db.log_metric(12345, "loss", 0.5)

    def test_a_spawned_child_uses_the_run_id_and_the_object(self):
        db = ExperimentDB(self.path, wait=60)
        run_id = db.log_run("spawned")
        child = multiprocessing.get_context("spawn").Process(target=log_in_child, args=(db, run_id))
        child.start()
        child.join()

        self.assertEqual(0, child.exitcode)
        self.assertEqual(["of child"], [row["metric_name"] for row in db.get_metrics(run_id, as_frame=False)])

    def test_paths_are_ledgers_apart(self):
        first, second = ExperimentDB(self.path, wait=60), ExperimentDB(self.place / "second.db", wait=60)
        run_id = first.log_run("mine")

        self.assertEqual([run_id], [row["run_id"] for row in first.list_runs(as_frame=False)])
        self.assertEqual([], second.list_runs(as_frame=False))
        self.assertEqual(1, len(self.java()))

    def test_a_directory_that_is_removed_stays_removed(self):
        with tempfile.TemporaryDirectory(dir=self.place) as directory:
            db = ExperimentDB(os.path.join(directory, "x.db"), wait=60)
            run_id = db.log_run("short")
            db.log_metric(run_id, "loss", 0.5)
            self.assertEqual(1, len(db.get_metrics(run_id, as_frame=False)))
        wait_until(lambda: not any("x.db" in name for name in self.open_files()))

        self.assertFalse(os.path.exists(directory))

    def open_files(self):
        (number,) = self.servers()
        for name in os.listdir(f"/proc/{number}/fd"):
            with contextlib.suppress(OSError):
                yield os.readlink(f"/proc/{number}/fd/{name}")


def log_in_child(db, run_id):
    db.log_metric(run_id, "of child", 0.5)


class ThreadsOf:
    """Runs something at once in several threads, and raises what one of them raised."""

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, action):
        results, errors = [], []
        barrier = threading.Barrier(self.count)

        def one():
            try:
                barrier.wait()
                results.append(action())
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=one) for _ in range(self.count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return results


if __name__ == "__main__":
    unittest.main()
