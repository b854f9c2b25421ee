import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from lines import SpoolTest
from runledger import git_commit


@unittest.skipIf(shutil.which("git") is None, "git is not installed")
class CheckoutTest(SpoolTest):
    def setUp(self):
        super().setUp()
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.checkout = os.path.join(place.name, "checkout")
        os.mkdir(self.checkout)
        git_commit._was_late = False
        os.environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
        Path(self.checkout, "train.py").write_text("print(1)\n")
        self.git("init", "-q")
        self.git("add", ".")
        self.commit()

    def git(self, *words):
        subprocess.run(["git", "-C", self.checkout, *words], check=True, stdout=subprocess.DEVNULL)

    def commit(self):
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")

    def change(self):
        Path(self.checkout, "train.py").write_text("print(2)\n")

    def test_a_checkout_has_changes_where_tracked_files_differ_from_its_commit(self):
        self.assertIs(False, git_commit.has_changes(self.checkout))
        Path(self.checkout, "output.txt").write_text("not tracked")
        self.assertIs(False, git_commit.has_changes(self.checkout))
        self.change()
        self.assertIs(True, git_commit.has_changes(self.checkout))
        self.git("add", ".")
        self.assertIs(True, git_commit.has_changes(self.checkout))
        self.commit()
        self.assertIs(False, git_commit.has_changes(self.checkout))

    def test_variables_of_git_and_a_program_that_ignores_its_children_mislead_nobody(self):
        self.change()
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGCHLD, before)
        with mock.patch.dict(os.environ, GIT_DIR="/no/such/place", GIT_WORK_TREE="/no/such/place"):
            self.assertIs(True, git_commit.has_changes(self.checkout))
            self.assertIsNone(git_commit.has_changes("/"))

    def test_the_start_of_a_run_says_it(self):
        for dirty in (False, True):
            script = f"import os, runledger\nos.chdir({self.checkout!r})\nrunledger.init(experiment='7', seed={dirty:d})\n"
            self.process(script)
            self.change()
        starts = [self.by_kind("start", file)[0]["start"] for file in self.files()]

        self.assertEqual([(0, False), (1, True)], sorted((one["seed"], one["git_dirty"]) for one in starts))

    def test_no_process_is_started_outside_of_a_checkout(self):
        self.process(
            "import os, subprocess, runledger\nos.chdir('/')\nsubprocess.Popen = None\n"
            "runledger.init(experiment='7')\n")

        self.assertNotIn("git_dirty", self.by_kind("start")[0]["start"])

    def test_a_git_that_does_not_answer_is_asked_once_and_leaves_the_flag_out(self):
        with tempfile.TemporaryDirectory() as place:
            git = Path(place, "git")
            git.write_text("#!/bin/sh\necho asked >> $0.asked\nexec sleep 600\n")
            git.chmod(0o700)
            script = (
                f"import os, runledger\nos.chdir({self.checkout!r})\n"
                "for seed in range(5): runledger.init(experiment='7', seed=seed).finish()\n")
            self.process(script, PATH=f"{place}{os.pathsep}{os.environ['PATH']}")

            asked = Path(place, "git.asked")
            self.assertLessEqual(len(asked.read_text().split()) if asked.exists() else 0, 1)
        starts = [self.by_kind("start", file)[0]["start"] for file in self.files()]
        self.assertEqual([True] * 5, ["git_commit" in one and "git_dirty" not in one for one in starts])

    def test_a_program_that_cannot_start_processes_begins_its_run_without_the_flag(self):
        self.process(
            f"import os, subprocess, runledger\nos.chdir({self.checkout!r})\nsubprocess.Popen = None\n"
            "runledger.init(experiment='7')\n")

        self.assertNotIn("git_dirty", self.by_kind("start")[0]["start"])

    def test_without_git_the_commit_is_known_and_the_flag_is_left_out(self):
        with mock.patch.dict(os.environ, PATH="/no/such/place"):
            self.assertIsNone(git_commit.has_changes(self.checkout))
        self.assertIsNotNone(git_commit.git_commit(self.checkout))


if __name__ == "__main__":
    unittest.main()
