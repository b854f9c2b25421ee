"""Which processes take part in a run that another process began: each in real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import runledger
from lines import SOURCE, SpoolTest

#: A training that begins its run at module level, as most do: spawned workers run it again.
AT_MODULE_LEVEL = """
import multiprocessing as mp, sys, runledger
run = runledger.init({name})
def load(i):
    run.log({{"loaded": i}}, step=i)
    return i
if __name__ == "__main__":
    with mp.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(load, range(4))
        pool.close(); pool.join()
    run.log({{"loss": 1.0}}, step=0)
    {end}
"""


class LineageTest(SpoolTest):
    def all_lines(self):
        """Each line with the run and attempt that it belongs to."""
        found = []
        for file in self.files():
            ids = {}
            for line in self.lines(file):
                ids.update({name: line[name] for name in ("run_id", "attempt_id") if name in line})
                found.append({**line, **ids})
        return found

    def attempts(self):
        return {(line["run_id"], line["attempt_id"]) for line in self.all_lines()}

    def of_kind(self, kind):
        return [line for line in self.all_lines() if kind in line]

    def clean(self):
        for file in self.files():
            file.unlink()


class WorkersOfMultiprocessingTest(LineageTest):
    def test_init_at_module_level_begins_one_attempt_however_workers_are_started(self):
        for method in ("fork", "spawn", "forkserver"):
            for name in ("experiment='s', seed=1", "project='p', name='n'", ""):
                with self.subTest(method=method, name=name):
                    self.clean()
                    self.process(AT_MODULE_LEVEL.format(name=name, end=""), method)

                    self.assertEqual(1, len(self.attempts()))
                    self.assertEqual(1, len(self.of_kind("start")))
                    self.assertEqual(5, len(self.of_kind("metrics")))
                    self.assertEqual(["completed"], [one["status"] for one in self.of_kind("status")])

    def test_a_training_with_workers_that_fails_is_failed_by_itself_alone(self):
        for method in ("spawn", "forkserver"):
            with self.subTest(method):
                self.clean()
                script = AT_MODULE_LEVEL.format(
                    name="experiment='s', seed=1", end="raise RuntimeError('out of memory')")
                self.process(script, method, code=1)

                self.assertEqual(1, len(self.attempts()))
                self.assertEqual(["failed"], [one["status"] for one in self.of_kind("status")])

    def test_a_worker_that_finishes_or_fails_says_nothing_of_the_run_but_its_error(self):
        script = """
import multiprocessing as mp, sys, runledger
def work(n):
    run = runledger.init(experiment="s", seed=1)
    run.log({"w": 1.0}, step=n)
    if n == 0:
        raise KeyError("in the worker")
    run.status("failed"); run.finish("failed")
if __name__ == "__main__":
    run = runledger.init(experiment="s", seed=1)
    workers = [mp.get_context(sys.argv[1]).Process(target=work, args=(n,)) for n in range(2)]
    [worker.start() for worker in workers]; [worker.join() for worker in workers]
"""
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                self.clean()
                self.process(script, method)

                self.assertEqual(1, len(self.attempts()))
                self.assertEqual(2, len(self.of_kind("metrics")))
                self.assertEqual(["completed"], [one["status"] for one in self.of_kind("status")])
                self.assertEqual(["KeyError"], [one["error"]["type"] for one in self.of_kind("error")])

    def test_workers_of_a_server_that_is_older_than_the_run_take_part_in_it(self):
        self.process("""
import multiprocessing as mp, runledger
def nothing(): pass
def work():
    runledger.init(experiment="s", seed=1).log({"a": 1.0})
    runledger.join().log({"b": 1.0})
if __name__ == "__main__":
    context = mp.get_context("forkserver")
    first = context.Process(target=nothing); first.start(); first.join()
    run = runledger.init(experiment="s", seed=1)
    second = context.Process(target=work); second.start(); second.join()
""")
        self.assertEqual(1, len(self.attempts()))
        self.assertEqual(2, len(self.of_kind("metrics")))
        self.assertEqual(1, len(self.of_kind("status")))

    def test_a_sweep_whose_workers_name_other_runs_has_a_run_for_each(self):
        self.process("""
import multiprocessing as mp, sys, runledger
def trial(seed):
    with runledger.init(experiment="sweep", seed=seed) as run:
        run.log({"loss": 1.0}, step=0)
if __name__ == "__main__":
    driver = runledger.init(experiment="driver")
    with mp.get_context("spawn").Pool(2) as pool:
        pool.map(trial, range(3)); pool.close(); pool.join()
""")
        self.assertEqual(4, len(self.attempts()))
        self.assertEqual(4, len(self.of_kind("start")))
        self.assertEqual(["completed"] * 4, [one["status"] for one in self.of_kind("status")])

    def test_two_runs_at_module_level_are_two_runs_with_spawned_workers_too(self):
        self.process("""
import multiprocessing as mp, runledger
a = runledger.init(experiment="two", seed=1)
b = runledger.init(experiment="two", seed=2)
def work(n): a.log({"x": n}); b.log({"x": n})
if __name__ == "__main__":
    with mp.get_context("spawn").Pool(2) as pool:
        pool.map(work, range(2)); pool.close(); pool.join()
""")
        self.assertEqual(2, len(self.attempts()))
        self.assertEqual(4, len(self.of_kind("metrics")))

    def test_runs_of_experiment_db_at_module_level_are_begun_once(self):
        self.process("""
import multiprocessing as mp, runledger
db = runledger.ExperimentDB()
run = db.create_run("db", seed=1)
def work(n): db.log_metric(run, "x", n)
if __name__ == "__main__":
    with mp.get_context("spawn").Pool(2) as pool:
        pool.map(work, range(3)); pool.close(); pool.join()
    db.update_run_status(run, "completed")
""")
        self.assertEqual(1, len(self.attempts()))
        self.assertEqual(3, len(self.of_kind("metrics")))
        self.assertEqual(
            ["completed", "pending"], sorted(one["status"] for one in self.of_kind("status")))


CHILD = "import runledger, sys\nrun = runledger.init({})\nrun.log({{'child': 1.0}})\n"
PARENT = """
import os, runledger, subprocess, sys
run = runledger.init(experiment="parent", seed=1)
{before}
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
"""


class OtherChildrenTest(LineageTest):
    def test_a_subprocess_without_a_name_takes_part_and_does_not_end_the_run(self):
        for named in ("", "experiment='parent', seed=1"):
            with self.subTest(named):
                self.clean()
                self.process(PARENT.format(before=""), CHILD.format(named))

                self.assertEqual(1, len(self.attempts()))
                self.assertEqual(1, len(self.of_kind("metrics")))
                self.assertEqual(1, len(self.of_kind("status")))

    def test_a_subprocess_that_names_another_run_begins_it(self):
        self.process(PARENT.format(before=""), CHILD.format("experiment='child'"))

        self.assertEqual(2, len(self.attempts()))
        self.assertEqual(["completed"] * 2, [one["status"] for one in self.of_kind("status")])

    def test_a_subprocess_finds_the_spool_that_was_given_to_init(self):
        other = os.path.join(os.path.dirname(self.spool), "other")
        self.process(
            "import runledger, subprocess, sys\n"
            "run = runledger.init(experiment='parent', spool=sys.argv[1])\n"
            "subprocess.run([sys.executable, '-c', sys.argv[2]], check=True)\n",
            other, CHILD.format(""),
        )
        self.assertEqual([], self.files())
        self.assertEqual(2, len(list(Path(other).glob("*.jsonl"))))

    def test_a_subprocess_that_is_started_after_the_end_begins_anew(self):
        self.process(
            PARENT.format(before="run.finish()"), CHILD.format("experiment='parent', seed=1"))

        self.assertEqual(1, len({run for run, _ in self.attempts()}))
        self.assertEqual(2, len(self.attempts()))

    def test_a_job_that_a_training_submits_is_no_part_of_it(self):
        self.process(
            PARENT.format(before="os.environ['SLURM_JOB_ID'] = '4712'"),
            CHILD.format("experiment='parent', seed=1"), SLURM_JOB_ID="4711",
        )
        self.assertEqual(2, len(self.attempts()))
        self.clean()
        self.process(
            PARENT.format(before="os.environ['SLURM_JOB_ID'] = '4712'"), CHILD.format(""))
        self.assertEqual(2, len({run for run, _ in self.attempts()}))

    def test_what_a_dead_process_left_in_an_environment_is_no_part_of_its_run(self):
        self.process(
            "import json, os, runledger, sys\n"
            "run = runledger.init(experiment='parent', seed=1)\n"
            "json.dump({k: v for k, v in os.environ.items()}, open(sys.argv[1], 'w'))\n"
            "os.kill(os.getpid(), 9)\n",
            os.path.join(os.path.dirname(self.spool), "environment"), code=-9,
        )
        text = Path(self.spool).parent.joinpath("environment").read_text(encoding="utf-8")
        left = {k: v for k, v in json.loads(text).items() if k.startswith("RUNLEDGER_")}
        self.assertIn("RUNLEDGER_PARENT", left)

        self.process(CHILD.format("experiment='parent', seed=1"), **left)

        self.assertEqual(2, len(self.attempts()))
        self.assertEqual(["completed"], [one["status"] for one in self.of_kind("status")])

    def test_a_process_that_replaces_its_program_goes_on_with_its_attempt_and_ends_it(self):
        for named in ("experiment='parent', seed=1", "project='p', name='n'", ""):
            with self.subTest(named):
                self.clean()
                self.process(
                    "import os, runledger, sys\n"
                    f"run = runledger.init({named})\n"
                    "run.log({'a': 1.0})\n"
                    "if len(sys.argv) == 1:\n"
                    "  os.execv(sys.executable, [sys.executable, sys.argv[0], 'again'])\n"
                )
                self.assertEqual(1, len(self.attempts()))
                self.assertEqual(2, len(self.of_kind("metrics")))
                self.assertEqual(["completed"], [one["status"] for one in self.of_kind("status")])

    def test_workers_below_exec_take_part_in_what_exec_began(self):
        run = runledger.init(experiment="exec", seed=1, mode="disabled")
        ids = {name: run.env()[name] for name in ("RUNLEDGER_RUN_ID", "RUNLEDGER_ATTEMPT_ID")}

        self.process(AT_MODULE_LEVEL.format(name="", end="run.finish('failed')"), "spawn", **ids)

        self.assertEqual({(run.run_id, run.attempt_id)}, self.attempts())
        self.assertEqual(["failed"], [one["status"] for one in self.of_kind("status")])

    def test_the_environment_is_as_before_when_the_run_has_ended(self):
        before = dict(os.environ)
        first = runledger.init(experiment="a", spool=self.spool + "1")
        second = runledger.init(experiment="b")

        self.assertEqual(self.spool, second.env()["RUNLEDGER_SPOOL"])
        self.assertEqual(second.run_id, os.environ["RUNLEDGER_RUN_ID"])
        second.finish()
        self.assertEqual(first.run_id, os.environ["RUNLEDGER_RUN_ID"])
        again = runledger.init(experiment="a")
        self.assertNotEqual(first.attempt_id, again.attempt_id)
        again.finish()
        first.finish()
        self.assertEqual(before, dict(os.environ))

    def test_marks_that_are_no_marks_are_left_alone(self):
        for marks in ("{", "[]", "3", '{"runs": 1}', '{"runs": [1]}', '{"runs": [{}]}',
                      '{"runs": [{"run_id": "x", "attempt_id": 1, "spool": 2}]}'):
            with self.subTest(marks):
                os.environ["RUNLEDGER_PARENT"] = marks
                runledger.init(experiment="a").finish()

    def test_a_disabled_run_is_not_handed_on(self):
        runledger.init(experiment="a", mode="disabled")

        self.assertNotIn("RUNLEDGER_RUN_ID", os.environ)


if __name__ == "__main__":
    import unittest

    unittest.main()
