"""Runs that begin under a wrapper: with its name, without one, and with one of their own."""

import asyncio
import hashlib
import os
import unittest
from pathlib import Path

import runledger
from lines import REPOSITORY, SpoolTest
from runledger.identity import IDS, to_text

CONFIG = "config={'lr': .1}, tags=['t'], notes='n', resumed_from_step=5"


class StartTest(SpoolTest):
    def setUp(self):
        super().setUp()
        self.wrapped = {
            "RUNLEDGER_RUN_ID": to_text(IDS.next()),
            "RUNLEDGER_ATTEMPT_ID": to_text(IDS.next()),
        }
        self.unnamed = {**self.wrapped, "RUNLEDGER_UNNAMED": self.wrapped["RUNLEDGER_ATTEMPT_ID"]}

    def found(self, kind):
        """The lines of a kind in the order of their files, each with its run and attempt."""
        found = []
        for file in self.files():
            lines = self.lines(file)
            head = {name: lines[0][name] for name in ("run_id", "attempt_id")}
            found += [{**head, **line} for line in lines if kind in line]
        return found

    def taken(self):
        return [one for one in Path(self.spool).glob(".ranks/taken-*/*") if one.is_symlink()]

    def test_what_init_without_a_name_was_told_is_recorded_under_exec(self):
        self.process(f"import runledger; runledger.init({CONFIG}).log({{'a': 1.0}})", **self.wrapped)

        (start,) = self.found("start")
        self.assertEqual(self.wrapped["RUNLEDGER_RUN_ID"], start["run_id"])
        self.assertEqual(self.wrapped["RUNLEDGER_ATTEMPT_ID"], start["attempt_id"])
        told = start["start"]
        self.assertEqual(
            ({"lr": 0.1}, ["t"], "n", 5),
            (told["config"], told["tags"], told["notes"], told["resumed_from_step"]))
        self.assertEqual([], [part for part in ("experiment", "project", "name") if part in told])
        self.assertEqual([], self.found("status"))

    def test_an_error_that_ends_a_run_is_noted_for_the_wrapper_who_sees_it_on_stderr(self):
        self.process(
            "import runledger\nwith runledger.init(experiment='e'): raise ValueError('bad\\nloss')",
            code=1, **self.wrapped)

        (note,) = Path(self.spool).glob(".ranks/told-*/*")
        self.assertEqual(hashlib.sha256(b"ValueError\nbad").hexdigest()[:24], note.name)
        self.assertEqual(f"told-{self.wrapped['RUNLEDGER_ATTEMPT_ID']}", note.parent.name)

    def test_what_a_worker_without_a_name_was_told_is_recorded(self):
        self.process(
            "import os, runledger, subprocess, sys\n"
            "if len(sys.argv) > 1: runledger.init(config={'fold': 3}).log({'a': 1.0})\n"
            "else:\n"
            "  with runledger.init(experiment='e'):\n"
            "    subprocess.run([sys.executable, sys.argv[0], 'worker'], check=True)\n")

        began, joined = self.found("start")
        self.assertEqual(began["attempt_id"], joined["attempt_id"])
        self.assertEqual({"config": {"fold": 3}}, joined["start"])

    def test_the_second_run_without_a_name_of_a_process_is_one_of_its_own(self):
        self.process(
            "import runledger\n"
            "for i in range(2):\n"
            "  with runledger.init(config={'i': i}) as run: run.log({'a': i})\n",
            **self.unnamed)

        first, second = self.found("start")
        self.assertEqual(self.wrapped["RUNLEDGER_RUN_ID"], first["run_id"])
        self.assertEqual("script", second["start"]["name"])
        self.assertNotEqual(first["run_id"], second["run_id"])
        self.assertEqual([], self.found("delete"))

    def test_a_named_start_takes_over_the_attempt_of_a_wrapper_without_a_name(self):
        self.process(
            "import runledger\nwith runledger.init(experiment='e') as run: run.log({'a': 1.0})\n",
            **self.unnamed)

        (start,) = self.found("start")
        (delete,) = self.found("delete")
        self.assertEqual(self.wrapped["RUNLEDGER_ATTEMPT_ID"], start["attempt_id"])
        self.assertEqual(self.wrapped, {
            "RUNLEDGER_RUN_ID": delete["run_id"], "RUNLEDGER_ATTEMPT_ID": delete["attempt_id"]})
        (link,) = self.taken()
        self.assertEqual((start["attempt_id"], start["run_id"]), (link.name, os.readlink(link)))
        self.assertEqual(["completed"], [one["status"] for one in self.found("status")])

    def test_a_wrapper_that_was_told_a_name_keeps_its_run(self):
        for given in (self.wrapped, {**self.unnamed, "SLURM_JOB_ID": "7"}):
            with self.subTest(given):
                self.process("import runledger; runledger.init(experiment='e').finish()", **given)

        self.assertEqual([], self.found("delete") + self.taken())
        self.assertNotIn(
            self.wrapped["RUNLEDGER_ATTEMPT_ID"], [one["attempt_id"] for one in self.found("start")])

    def test_a_wrapper_whose_command_begins_several_runs_is_shown_again_once(self):
        self.process(
            "import runledger\nfor s in range(3): runledger.init(experiment='e', seed=s).finish()\n",
            **self.unnamed)

        starts = self.found("start")
        self.assertEqual(3, len({one["run_id"] for one in starts}))
        self.assertEqual(3, len({one["attempt_id"] for one in starts}))
        (delete,), (restore,) = self.found("delete"), self.found("restore")
        self.assertEqual(delete["attempt_id"], restore["attempt_id"])
        self.assertLess(delete["writer_id"], restore["writer_id"])

    def test_what_takes_part_in_a_wrapper_whose_run_is_hidden_shows_it_again(self):
        for how in ("init", "join"):
            with self.subTest(how):
                attempt = to_text(IDS.next())
                unnamed = {**self.unnamed, "RUNLEDGER_ATTEMPT_ID": attempt, "RUNLEDGER_UNNAMED": attempt}
                self.process("import runledger; runledger.init(experiment='e').finish()", **unnamed)
                self.process(f"import runledger; runledger.{how}().log({{'a': 1.0}})", **unnamed)

                (delete,) = [one for one in self.found("delete") if one["attempt_id"] == attempt]
                (restore,) = [one for one in self.found("restore") if one["attempt_id"] == attempt]
                self.assertLess(delete["writer_id"], restore["writer_id"])
                self.assertIn(
                    self.wrapped["RUNLEDGER_RUN_ID"], [os.readlink(one) for one in self.taken()])

    def test_of_runs_that_begin_at_one_moment_none_hides_the_wrapper_for_good(self):
        other = to_text(IDS.next())
        began = (
            "import os, runledger\n"
            "from runledger import takeover\n"
            f"def other(): real({other!r}, os.path.join(offer._directory, {other!r}))\n"
            "real, say, offered = os.symlink, takeover.Offer._say, takeover.offer\n"
            "def note(offers):\n"
            "  global offer\n"
            "  offer = offers\n"
            "  return offers\n"
            "takeover.offer = lambda *facts: note(offered(*facts))\n")
        ends = "runledger.init(experiment='e').finish()\n"
        self.process(
            began + "def link(*paths):\n  other()\n  real(*paths)\nos.symlink = link\n" + ends,
            **self.unnamed)
        self.assertEqual([], self.found("delete"))

        attempt = to_text(IDS.next())
        self.process(
            began + "def words(offer, *words):\n"
            "  if words[0] == 'delete': other()\n"
            "  say(offer, *words)\n"
            "takeover.Offer._say = words\n" + ends,
            **{**self.unnamed, "RUNLEDGER_ATTEMPT_ID": attempt, "RUNLEDGER_UNNAMED": attempt})
        (delete,), (restore,) = self.found("delete"), self.found("restore")
        self.assertLess(delete["writer_id"], restore["writer_id"])

    def test_a_run_that_its_command_tries_again_does_not_show_the_wrapper(self):
        for _ in range(2):
            self.process("import runledger; runledger.init(experiment='e').finish()", **self.unnamed)

        self.assertEqual(1, len(self.found("delete")))
        self.assertEqual([], self.found("restore"))
        self.assertEqual(2, len({one["attempt_id"] for one in self.found("start")}))

    def test_the_example_for_an_array_ends_well_when_its_checkpoint_has_all_steps_already(self):
        train = (REPOSITORY / "deploy/slurm/examples/train.py").read_text(encoding="utf-8")
        checkpoint = os.path.join(self.spool, "line-1.json")
        for _ in range(2):
            self.process(train, "--seed", "1", "--steps", "3", "--checkpoint", checkpoint)

        self.assertEqual(["completed"] * 2, [one["status"] for one in self.found("status")])
        first, again = (one["results"] for one in self.found("results"))
        self.assertEqual(first, again)


class TrialPruned(Exception):
    """As Optuna's, without Optuna."""


TrialPruned.__module__ = "optuna.exceptions"


class DeliberateEndTest(SpoolTest):
    def test_an_end_that_the_program_wanted_is_no_failure_and_has_no_exit_code(self):
        for error, reason in (
            (TrialPruned("median"), "pruned"), (asyncio.CancelledError(), "cancelled")):
            with self.subTest(reason):
                for file in self.files():
                    file.unlink()
                with self.assertRaises(type(error)):
                    with runledger.init(experiment="e"):
                        raise error
                (status,) = self.by_kind("status")
                self.assertEqual(("completed", reason), (status["status"], status["reason"]))
                self.assertNotIn("exit_code", status)
                self.assertEqual([], self.by_kind("error"))

    def test_a_generator_that_is_closed_cancels_its_run(self):
        def steps():
            with runledger.init(experiment="e") as run:
                for step in range(10):
                    run.log({"a": 1.0}, step=step)
                    yield step

        one = steps()
        next(one)
        one.close()

        (status,) = self.by_kind("status")
        self.assertEqual(("completed", "cancelled"), (status["status"], status["reason"]))

    def test_an_exception_that_is_caught_behind_the_block_has_no_exit_code(self):
        self.process(
            "import runledger\n"
            "try:\n"
            "  with runledger.init(experiment='e'): 1 / 0\n"
            "except ZeroDivisionError: pass\n")

        (status,) = self.by_kind("status")
        self.assertEqual(("failed", "ZeroDivisionError"), (status["status"], status["reason"]))
        self.assertNotIn("exit_code", status)

    def test_an_exception_that_nobody_catches_says_the_exit_code_of_the_process(self):
        for raised, name in (("ValueError()", "ValueError"), ("asyncio.CancelledError()", "CancelledError")):
            with self.subTest(raised):
                for file in self.files():
                    file.unlink()
                self.process(
                    "import asyncio, runledger\n"
                    f"with runledger.init(experiment='e'): raise {raised}\n", code=1)
                last = [self.lines(file) for file in self.files()][-1]
                (status,) = [line for line in last if "status" in line]
                self.assertEqual(("failed", 1), (status["status"], status["exit_code"]))
                self.assertIn(name, status["reason"])
                errors = [line for file in self.files() for line in self.by_kind("error", file)]
                self.assertEqual(1, len(errors))


if __name__ == "__main__":
    unittest.main()
