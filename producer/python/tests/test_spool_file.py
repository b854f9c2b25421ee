"""What becomes of a spool file that others remove, ask for, or could read."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import runledger
from lines import SpoolTest
from runledger import keeper, private_files


def logged(test):
    return [line["metrics"]["x"] for file in test.files() for line in test.by_kind("metrics", file)]


class RemovedFileTest(SpoolTest):
    def removed(self, remove):
        """A run whose file somebody removed after its first lines; nothing may be missing of it.

        It is tended when a test says so: the background would restore the file before the test looks.
        """
        with mock.patch.object(keeper, "watch"):
            run = runledger.init(experiment="removed", seed=1)
        run.log({"x": 0.0})
        (file,) = self.files()
        remove(file)
        run.log({"x": 1.0})
        return run, file

    def test_a_removed_file_comes_back_with_its_name_and_all_its_lines(self):
        run, file = self.removed(lambda path: path.unlink())
        with self.assertLogs("runledger") as told:
            run._writer.tend()
        run.log({"x": 2.0})

        self.assertEqual([file], self.files())
        self.assertEqual([0.0, 1.0, 2.0], logged(self))
        self.assertIn("restored", told.output[0])
        self.assertEqual([], [n for n in os.listdir(self.spool) if n.startswith(".")])
        self.assertEqual(0o600, stat.S_IMODE(os.stat(file).st_mode))

    def test_a_run_that_ends_at_once_restores_its_file_before_it_ends_it(self):
        run, file = self.removed(lambda path: path.unlink())
        run.finish()

        self.assertEqual([0.0, 1.0], logged(self))
        self.assertTrue(self.lines(file)[-1]["end"])

    def test_a_file_comes_back_where_the_whole_directory_was_removed(self):
        run, _ = self.removed(lambda path: shutil.rmtree(path.parent.parent / "spool"))
        run._writer.tend()

        self.assertEqual([0.0, 1.0], logged(self))

    def test_another_file_of_the_name_is_replaced(self):
        def replace(path):
            path.unlink()
            path.write_bytes(b"")

        run, _ = self.removed(replace)
        run._writer.tend()

        self.assertEqual([0.0, 1.0], logged(self))

    def test_a_restored_file_that_is_removed_again_is_restored_again(self):
        run, file = self.removed(lambda path: path.unlink())
        for x in (2.0, 3.0):
            run._writer.tend()
            file.unlink()
            run.log({"x": x})
        run.finish()

        self.assertEqual([0.0, 1.0, 2.0, 3.0], logged(self))

    def test_the_background_notices_it_while_nothing_is_logged(self):
        self.process("""
import os, runledger, sys, time
run = runledger.init(experiment="removed")
run.log({"x": 0.0})
spool = os.environ["RUNLEDGER_SPOOL"]
(name,) = os.listdir(spool)
os.unlink(os.path.join(spool, name))
deadline = time.monotonic() + 30
# By its name: the copy that becomes the file is in the directory before.
while not os.path.exists(os.path.join(spool, name)) and time.monotonic() < deadline:
    time.sleep(0.05)
os.kill(os.getpid(), 9)
""", code=-9)
        self.assertEqual([0.0], logged(self))

    def test_where_it_cannot_be_restored_it_is_tried_again(self):
        run, _ = self.removed(lambda path: path.unlink())
        with mock.patch("os.replace", side_effect=OSError(errno.ENOSPC, "No space left")):
            with self.assertLogs("runledger") as told:
                run._writer.tend()
        self.assertEqual([], self.files())
        self.assertIn("No space left", told.output[0])
        self.assertEqual([], os.listdir(self.spool))
        run.log({"x": 2.0})
        run._writer.tend()

        self.assertEqual([0.0, 1.0, 2.0], logged(self))

    def test_what_never_comes_back_is_counted_as_lost(self):
        run, _ = self.removed(lambda path: path.unlink())
        with mock.patch("os.replace", side_effect=OSError(errno.EROFS, "Read-only")):
            with self.assertLogs("runledger") as told:
                run.finish()

        self.assertEqual(4, run.dropped)
        self.assertIn("4 events are lost", told.output[-1])

    def test_where_the_old_content_is_beyond_reach_the_run_goes_on_in_another_file(self):
        run, file = self.removed(lambda path: path.unlink())
        with mock.patch("os.pread", side_effect=OSError(errno.ESTALE, "Stale file handle")):
            with self.assertLogs("runledger") as told:
                run._writer.tend()
        run.log({"x": 2.0})
        run.finish()

        (other,) = self.files()
        self.assertNotEqual(file, other)
        first = self.lines(other)[0]
        self.assertEqual((run.run_id, run.attempt_id), (first["run_id"], first["attempt_id"]))
        self.assertEqual(other.name, first["writer_id"] + ".jsonl")
        self.assertEqual([2.0], logged(self))
        self.assertEqual(["completed"], [line["status"] for line in self.by_kind("status", other)])
        self.assertIn("another file", told.output[0])

    def test_a_file_that_was_closed_for_want_of_descriptors_and_removed_has_a_successor(self):
        run, file = self.removed(lambda path: None)
        self.assertTrue(run._writer.close_file())
        file.unlink()
        run.log({"x": 2.0})

        (other,) = self.files()
        self.assertNotEqual(file, other)
        self.assertEqual([2.0], logged(self))


    def test_a_file_that_is_emptied_has_a_successor_that_counts_what_is_lost(self):
        run, file = self.removed(lambda path: os.truncate(path, 0))
        with self.assertLogs("runledger") as told:
            run._writer.tend()
        run.log({"x": 2.0})
        run.finish()

        self.assertFalse(file.exists())
        (other,) = self.files()
        self.assertEqual([2.0], logged(self))
        self.assertEqual({"runs": 1, "metrics": 2}, {
            line["dropped"]["topic"]: line["dropped"]["count"] for line in self.by_kind("dropped", other)})
        self.assertEqual(3, run.dropped)
        self.assertEqual(["completed"], [line["status"] for line in self.by_kind("status", other)])
        self.assertIn("emptied", told.output[0])


class ForeignDescriptorTest(SpoolTest):
    def test_a_training_that_closes_all_descriptors_loses_nothing_and_keeps_its_own_files(self):
        self.process("""
import os, runledger, sys
run = runledger.init(experiment="daemon", seed=1)
run.log({"x": 0.0})
os.closerange(3, 4096)
files = [open(os.path.join(sys.argv[1], "own%d" % n), "wb", buffering=0) for n in range(40)]
run.log({"x": 1.0})
run._writer.tend()
run.log({"x": 2.0})
for file in files: file.write(b"mine")
run.finish()
for file in files: file.write(b"!"); file.close()
""", str(Path(self.spool).parent))
        self.assertEqual([0.0, 1.0, 2.0], logged(self))
        for own in Path(self.spool).parent.glob("own*"):
            self.assertEqual(b"mine!", own.read_bytes())

    def test_a_number_that_another_file_has_now_is_neither_read_nor_written_nor_closed(self):
        # Tended by the test alone: the background could say what it found before anybody listens.
        with mock.patch.object(keeper, "watch"):
            run = runledger.init(experiment="taken", seed=1)
        run.log({"x": 0.0})
        number = run._writer.file._descriptor
        own = os.open(Path(self.spool).parent / "own", os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(own, number)
        with self.assertLogs("runledger") as told:
            run._writer.tend()
        run.log({"x": 1.0})
        run.finish()

        self.assertEqual([0.0, 1.0], logged(self))
        self.assertIn("descriptor", told.output[0])
        os.write(number, b"mine")
        os.close(number)
        os.close(own)
        self.assertEqual(b"mine", (Path(self.spool).parent / "own").read_bytes())

    def test_files_of_ours_are_out_of_the_way_of_those_of_the_training(self):
        run = runledger.init(experiment="high")
        self.assertGreaterEqual(run._writer.file._descriptor, 32)


class LockTest(SpoolTest):
    def is_locked(self, file):
        """Whether another process is refused the shared lock that senders ask for."""
        ask = (
            "import fcntl, sys\n"
            "try: fcntl.lockf(open(sys.argv[1], 'rb'), fcntl.LOCK_SH | fcntl.LOCK_NB)\n"
            "except OSError: sys.exit(3)\n"
        )
        done = subprocess.run([sys.executable, "-c", ask, str(file)], timeout=60)
        self.assertIn(done.returncode, (0, 3))
        return done.returncode == 3

    def test_a_file_is_locked_as_long_as_its_run_is_open_and_says_so(self):
        run = runledger.init(experiment="lock")
        (file,) = self.files()
        self.assertIs(True, self.lines(file)[0]["locked"])
        self.assertTrue(self.is_locked(file))
        run._writer.tend()
        run._writer._sync()
        self.assertTrue(self.is_locked(file))
        file.unlink()
        run._writer.tend()
        self.assertTrue(self.is_locked(file))
        run.finish()
        self.assertFalse(self.is_locked(file))

    def test_a_forked_child_neither_holds_nor_drops_the_lock(self):
        run = runledger.init(experiment="lock")
        (file,) = self.files()
        self.fork_a_child_that_stays()
        self.assertTrue(self.is_locked(file))
        run.finish()
        self.assertFalse(self.is_locked(file))

    def test_a_child_that_is_forked_while_the_background_syncs_does_not_hold_the_lock(self):
        with mock.patch.object(keeper, "watch"):
            run = runledger.init(experiment="lock")
        (file,) = self.files()
        with mock.patch("os.fsync", side_effect=lambda descriptor: self.fork_a_child_that_stays()) as synced:
            run._writer._sync()
        synced.assert_called()
        self.assertTrue(self.is_locked(file))
        run.finish()
        self.assertFalse(self.is_locked(file))

    def fork_a_child_that_stays(self):
        go, child_ready = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.write(child_ready[1], b"x")
            os.read(go[0], 1)
            os._exit(0)
        os.read(child_ready[0], 1)
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.write, go[1], b"x")

    def test_without_locks_it_goes_on_and_does_not_claim_one(self):
        for name, value in (("fcntl", None), ("_lock", mock.Mock(side_effect=OSError(errno.ENOLCK, "")))):
            with self.subTest(name), mock.patch.object(private_files, name, value):
                run = runledger.init(experiment="lock")
                run.log({"x": 1.0})
                run.finish()
                (file,) = self.files()
                self.assertNotIn("locked", self.lines(file)[0])
                file.unlink()

    def test_a_sender_that_only_asks_is_waited_for(self):
        refused = [OSError(errno.EAGAIN, ""), OSError(errno.EACCES, ""), None]
        with mock.patch.object(private_files, "_lock", side_effect=refused):
            runledger.init(experiment="lock")

        self.assertTrue(self.lines()[0]["locked"])


class PrivacyTest(SpoolTest):
    def test_modes_are_as_documented_under_any_umask(self):
        for umask in (0, 0o022, 0o077, 0o777):
            with self.subTest(oct(umask)):
                top = Path(self.spool).parent / oct(umask)
                os.environ["RUNLEDGER_SPOOL"] = str(top / "data" / "spool")
                before = os.umask(umask)
                try:
                    run = runledger.init(experiment="modes")
                    (file,) = Path(run.env()["RUNLEDGER_SPOOL"]).iterdir()
                    file.unlink()
                    run._writer.tend()
                finally:
                    os.umask(before)
                for path in (top, top / "data", top / "data" / "spool"):
                    self.assertEqual(0o700, stat.S_IMODE(path.stat().st_mode), path)
                self.assertEqual(0o600, stat.S_IMODE(file.stat().st_mode))
                run.finish()

    def test_a_directory_that_is_there_keeps_its_modes(self):
        os.mkdir(self.spool, 0o750)
        os.chmod(self.spool, 0o770)
        runledger.init(experiment="modes").finish()

        self.assertEqual(0o770, stat.S_IMODE(os.stat(self.spool).st_mode))

    def test_what_is_printed_to_a_closed_stream_does_not_get_into_the_file(self):
        script = Path(self.spool).parent / "closed.py"
        script.write_text(
            "import os, runledger\n"
            "run = runledger.init(experiment='closed')\n"
            "for stream in (0, 1, 2):\n"
            "  try: os.write(stream, b'progress 10% ')\n"
            "  except OSError: pass\n"
            "run._writer._sync()\n"
            "run.log({'x': 1.0})\n"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        every = ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"]
        for closed in every:
            command = f'exec "{sys.executable}" "{script}" {closed}'
            streams = subprocess.DEVNULL
            subprocess.run(
                ["sh", "-c", command], stdin=streams, stdout=streams, env=environment, timeout=60, check=True
            )

        self.assertEqual([1.0] * len(every), logged(self))


if __name__ == "__main__":
    unittest.main()
