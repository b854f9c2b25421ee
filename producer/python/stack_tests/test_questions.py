"""The questions of deploy/docs/questions.md, asked word by word of the sixty runs of its script.

Needs a relay on RUNLEDGER_SPOOL and a service that writes RUNLEDGER_DB: PythonIT starts them.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLES = REPOSITORY / "deploy/docs/examples"
PAGE = (REPOSITORY / "deploy/docs/questions.md").read_text(encoding="utf-8")
BIN = REPOSITORY / "deploy/cli/target/runledger/bin"

sys.path.insert(0, str(EXAMPLES))
import sixty_runs  # noqa: E402

TRIALS = {trial.name: trial for trial in sixty_runs.trials()}
ENDED = 4 * 3 * 5 - 1 + len(sixty_runs.TYPOS)


class QuestionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.environment = {
            **os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": cls.directory.name,
            "RUNLEDGER_HEARTBEAT_SECONDS": "5",
            # The relay sends; a broker of somebody else may have the default port.
            "RUNLEDGER_SENDER_ENABLED": "false"}
        subprocess.run(
            [sys.executable, str(EXAMPLES / "sixty_runs.py")], env=cls.environment, check=True, timeout=300)
        cls.wait_for(
            "SELECT (SELECT count(*) FROM experiment_runs WHERE experiment IN ('rates', 'raets') AND finished_at IS NOT NULL"
            " AND NOT deleted) || ' ' || (SELECT count(*) FROM metrics m JOIN runs r USING (run_id) WHERE experiment = 'rates'"
            " AND value IS NOT NULL)",
            f"{ENDED} {sum(trial.steps for trial in TRIALS.values())}")

    @classmethod
    def wait_for(cls, sql, wanted):
        deadline = time.monotonic() + 120
        while True:
            answer = cls.run_shell(f'runledger sql "{sql}"').splitlines()[-1]
            if answer == wanted:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{answer!r} instead of {wanted!r} for {sql}")
            time.sleep(0.5)

    @classmethod
    def run_shell(cls, command):
        done = subprocess.run(
            ["bash", "-c", command], env=cls.environment, cwd=cls.directory.name, capture_output=True,
            text=True, timeout=120)
        if done.returncode:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def ask(self, question, *more):
        """The answer of the one command that is below a question."""
        section = PAGE.split(f"\n## {question}\n")[1].split("\n## ")[0]
        (command,) = re.findall(r"^    (.+)$", section, re.MULTILINE)
        if more:
            command = " ".join([command, *more])
        return self.run_shell(command)

    def rows(self, question, *more):
        return list(csv.DictReader(io.StringIO(self.ask(question, *more, "--csv"))))

    def ours(self, rows):
        return {row["run_name"]: row for row in rows if row["run_name"] in TRIALS}

    def failing(self, *ends):
        return {name for name, trial in TRIALS.items() if trial.ends in ends}

    def test_every_question_of_the_page_is_asked_here(self):
        source = Path(__file__).read_text(encoding="utf-8")

        for question in re.findall(r"^## (.+)$", PAGE, re.MULTILINE):
            self.assertIn(f'"{question}"', source)

    def test_which_failed_and_why(self):
        rows = self.ours(self.rows("Which failed, and why?"))

        raised = self.failing(sixty_runs.DIVERGES, sixty_runs.NO_MEMORY)
        killed = self.failing(sixty_runs.KILLED)
        self.assertEqual(raised | killed, set(rows))
        for name in raised:
            self.assertEqual(TRIALS[name].ends, rows[name]["exception_type"])
        for name in killed:
            self.assertIn("SIGKILL", rows[name]["status_reason"])
        for name in self.failing(sixty_runs.DIVERGES):
            self.assertEqual(f"loss is not finite at step {TRIALS[name].steps}", rows[name]["message"])

    def test_why_one_is_said_to_have_failed(self):
        answer = self.ask("Why does this one count as failed?")

        self.assertIn("SIGKILL", answer)
        self.assertIn("wrapper", answer)

    def test_the_last_traceback_of_each(self):
        answer = self.ask("What is the last traceback of each?")

        for name in self.failing(sixty_runs.DIVERGES, sixty_runs.NO_MEMORY):
            self.assertEqual(1, answer.count(f"  {name} ("), name)
        self.assertEqual(3, len(re.findall(r"^FloatingPointError: loss is not finite", answer, re.MULTILINE)))
        self.assertIn('raise MemoryError("cannot allocate 12 GiB")', answer)

    def test_what_changed_between_two(self):
        answer = self.ask("What changed between these two?")
        lines = [line.split() for line in answer.splitlines()]

        self.assertIn(["lr", "0.01", "0.1"], lines)
        self.assertFalse([line for line in lines if line[:1] in (["batch"], ["optimizer.name"])])

    def test_is_it_still_running_and_how_far(self):
        (row,) = self.ours(self.rows("Is it still running, and how far along is it?")).values()

        trial = TRIALS[row["run_name"]]
        self.assertEqual(sixty_runs.SILENT, trial.ends)
        self.assertEqual(str(trial.steps - 1), row["last_value_step"])

    def test_what_is_missing_of_a_run(self):
        answer = self.ask("What is missing from this run?")

        self.assertIn("silent", answer)

    def test_which_node_fails(self):
        answer = self.ask("Which node fails?").splitlines()

        shown = {row.split("\t")[0]: row.split("\t")[1:] for row in answer[1:]}
        for node in sixty_runs.NODES:
            failed = sum(trial.node == node and trial.ends not in (None, sixty_runs.SILENT)
                         for trial in TRIALS.values())
            attempts = [*TRIALS.values(), *sixty_runs.TYPOS]
            self.assertEqual(
                [str(sum(trial.node == node for trial in attempts)), str(failed)], shown[node], node)

    def test_the_best(self):
        rows = self.rows("Which run is the best?")

        best = min((t for t in TRIALS.values() if t.ends is None), key=lambda t: t.loss(t.steps - 1))
        self.assertEqual(best.name, self.first_of_ours(rows))

    def first_of_ours(self, rows):
        return next(row["run_name"] for row in rows if row["run_name"] in TRIALS)

    def test_all_curves_as_csv(self):
        self.ask("All curves as CSV, for pandas")

        with open(Path(self.directory.name) / "curves.csv", encoding="utf-8", newline="") as file:
            points = [row for row in csv.DictReader(file) if row["value"]]
        self.assertEqual(sum(trial.steps for trial in TRIALS.values()), len(points))
        for point in points:
            trial = sixty_runs.Trial(
                *next((t.rate, t.method, t.seed) for t in TRIALS.values() if t.name == point["run_name"]))
            self.assertEqual(trial.loss(int(point["step"])), float(point["value"]))

    def test_zz_typos_tags_and_names_change_what_is_shown(self):
        count = "SELECT count(*) FROM runs WHERE experiment = 'raets'"
        self.ask("Delete the runs with my typo")
        self.wait_for(count, "0")
        self.run_shell("runledger restore --experiment raets --yes")
        self.wait_for(count, str(len(sixty_runs.TYPOS)))
        self.ask("Tag these for the paper")
        well = sum(trial.ends is None for trial in TRIALS.values())
        self.wait_for(
            "SELECT count(*) FROM runs WHERE EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'paper')",
            str(well))
        self.assertEqual(well, len(json.loads(self.run_shell("runledger list --tag paper --json"))["runs"]))
        self.ask("Give this one another name")
        self.wait_for(
            "SELECT run_name FROM runs WHERE experiment = 'rates' AND method = 'adam' AND subject = '0.01' AND seed = 1",
            "baseline, lr 0.01")


if __name__ == "__main__":
    unittest.main()
