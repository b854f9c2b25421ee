"""Processes that a launcher starts side by side: ranks of one training, and packed trainings."""

import os
import unittest
from unittest import mock

import runledger
from lines import SpoolTest
from runledger import keeper, ranks
from runledger.identity import RunKey, run_id_of_key
from runledger.lineage import Relative

LAUNCHERS = {
    "srun": lambda n, size: {"SLURM_JOB_ID": "900", "SLURM_STEP_ID": "0", "SLURM_CLUSTER_NAME": "c",
                             "SLURM_PROCID": str(n), "SLURM_NTASKS": str(size)},
    "torchrun": lambda n, size: {"RANK": str(n), "WORLD_SIZE": str(size), "MASTER_ADDR": "localhost"},
    "mpirun": lambda n, size: {"OMPI_COMM_WORLD_RANK": str(n), "OMPI_COMM_WORLD_SIZE": str(size)},
    "mpiexec": lambda n, size: {"PMI_RANK": str(n), "PMI_SIZE": str(size)},
}

TRAIN = "import runledger, sys\nr = runledger.init({})\nr.log({{'loss': 1.0}}, step=0)\n{}\n"


class RanksTest(SpoolTest):
    def found(self, kind):
        return [line for file in self.files() for line in self.by_kind(kind, file)]

    def clean(self):
        for file in self.files():
            file.unlink()
        for directory, _, names in os.walk(os.path.join(self.spool, ".ranks")):
            for name in names:
                os.unlink(os.path.join(directory, name))

    def hidden(self):
        return [name for _, _, names in os.walk(os.path.join(self.spool, ".ranks"))
                for name in names if name.endswith(".jsonl")]

    def test_packed_tasks_with_other_keys_are_runs_of_their_own(self):
        for launcher, environment in LAUNCHERS.items():
            for named in ("experiment='pack', seed={}", "project='p', name='trial-{}'"):
                with self.subTest(launcher=launcher, named=named):
                    self.clean()
                    for n in range(3):
                        self.process(TRAIN.format(named.format(n), ""), **environment(n, 3))

                    self.assertEqual(3, len({line["run_id"] for line in self.found("start")}))
                    self.assertEqual(3, len(self.found("metrics")))
                    self.assertEqual(["completed"] * 3, [one["status"] for one in self.found("status")])
                    self.assertEqual([], self.hidden())

    def test_ranks_with_the_same_key_are_one_run_that_rank_zero_records(self):
        for launcher, environment in LAUNCHERS.items():
            for named in ("experiment='ddp', seed=1", "project='p', name='n'", ""):
                with self.subTest(launcher=launcher, named=named):
                    self.clean()
                    for n in range(3):
                        self.process(TRAIN.format(named, ""), **environment(n, 3))

                    self.assertEqual(1, len(self.found("start")))
                    self.assertEqual(1, len(self.found("metrics")))
                    self.assertEqual(["completed"], [one["status"] for one in self.found("status")])

    def test_an_error_of_a_rank_belongs_to_the_attempt_of_rank_zero(self):
        environment = LAUNCHERS["srun"]
        self.process(TRAIN.format("experiment='ddp'", ""), **environment(0, 2))
        self.process(TRAIN.format("experiment='ddp'", "1 / 0"), code=1, **environment(1, 2))

        self.assertEqual(["ZeroDivisionError"], [one["error"]["type"] for one in self.found("error")])
        self.assertEqual(1, len({self.lines(file)[0]["attempt_id"] for file in self.files()}))
        self.assertEqual(
            [("completed", None), ("failed", 1)],
            [(one["status"], one.get("exit_code")) for one in self.found("status")])

    def test_a_rank_that_fails_before_rank_zero_is_known_has_failed_the_training(self):
        second = self.begin(1, "torchrun", experiment="ddp", seed=1)
        first = self.begin(0, "torchrun", experiment="ddp", seed=1)
        second._end_with(ValueError("rank 1 broke"))

        (status,) = self.found("status")
        (error,) = self.found("error")
        self.assertEqual(("failed", "ValueError"), (status["status"], status["reason"]))
        self.assertEqual("rank 1 broke", error["error"]["message"])
        self.assertEqual(first.attempt_id, second.attempt_id)

    def begin(self, n, launcher="srun", **arguments):
        """The run of a rank, as if in its own process, tended when a test says so."""
        with mock.patch.dict(os.environ, LAUNCHERS[launcher](n, 2)), mock.patch.object(keeper, "watch"):
            return runledger.init(**arguments)

    def test_a_rank_that_is_earlier_than_rank_zero_shows_nothing_until_it_knows(self):
        second = self.begin(1, experiment="ddp", seed=1)
        second.log({"loss": 1.0}, step=0)
        second.log_error("E", "early")
        self.assertEqual([], self.files())
        self.assertEqual(1, len(self.hidden()))
        first = self.begin(0, experiment="ddp", seed=1)
        second._writer.tend()

        self.assertEqual([], self.hidden())
        second.log({"loss": 2.0}, step=1)
        second.finish("failed")
        first.finish()
        self.assertEqual(first.attempt_id, second.attempt_id)
        self.assertEqual([], self.found("metrics"))
        self.assertEqual(["early"], [one["error"]["message"] for one in self.found("error")])
        self.assertEqual(["completed", "failed"], [one["status"] for one in self.found("status")])

    def test_a_rank_that_is_earlier_and_has_another_run_shows_all_when_it_knows(self):
        with mock.patch.object(ranks, "_SECONDS_FOR_ANOTHER_RUN", 0.0):
            second = self.begin(1, experiment="pack", seed=1)
            second.log({"loss": 1.0}, step=0)
            self.assertEqual([], self.files())
            self.begin(0, experiment="pack", seed=0)
            second._writer.tend()
        second.log({"loss": 2.0}, step=1)
        second.finish()

        self.assertEqual([1.0, 2.0], [one["metrics"]["loss"] for one in self.found("metrics")])
        self.assertEqual(2, len(self.found("start")))
        self.assertEqual([], self.hidden())

    def test_ranks_that_begin_one_run_after_another_in_step_stay_one_training(self):
        for seed in range(3):
            second = self.begin(1, experiment="folds", seed=seed)
            first = self.begin(0, experiment="folds", seed=seed)
            for run in (first, second):
                run.log({"loss": 1.0}, step=0)
                run.finish()

        self.assertEqual(3, len(self.found("metrics")))
        self.assertEqual(3, len(self.found("start")))

    def test_a_task_that_never_hears_of_rank_zero_is_recorded_and_a_rank_of_torchrun_says_not(self):
        alone = self.begin(1, experiment="pack", seed=1)
        alone.log({"loss": 1.0})
        alone.finish()
        self.assertEqual(1, len(self.found("metrics")))
        rank = self.begin(1, "torchrun", experiment="ddp", seed=1)
        rank.log({"loss": 1.0})
        with self.assertLogs("runledger") as told:
            rank.finish()

        self.assertIn("Rank 1 records nothing", told.output[0])
        self.assertEqual(1, len(self.found("metrics")))

    def test_a_rank_that_fails_where_rank_zero_never_began_says_so_itself(self):
        self.process(
            TRAIN.format("experiment='ddp', seed=1", "1 / 0"), code=1, **LAUNCHERS["torchrun"](1, 2))

        (start,), (error,), (status,) = map(self.found, ("start", "error", "status"))
        self.assertEqual("ddp", start["start"]["experiment"])
        self.assertEqual("ZeroDivisionError", error["error"]["type"])
        self.assertEqual(("failed", 1), (status["status"], status["exit_code"]))
        self.assertEqual([], self.hidden())

    def test_a_rank_that_failed_before_rank_zero_began_shares_its_attempt_and_leaves_it_no_points(self):
        for launcher in LAUNCHERS:
            with self.subTest(launcher=launcher):
                self.clean()
                early = self.begin(1, launcher, experiment="ddp", seed=1, config={"rate": 1e5})
                early.log({"loss": 7.0}, step=0)
                early._end_with(RuntimeError("rank 1 cannot read its data"))
                first = self.begin(0, launcher, experiment="ddp", seed=1, config={"rate": 1e5})
                first.log({"loss": 1.0}, step=0)
                first.finish()

                self.assertEqual(first.attempt_id, early.attempt_id)
                self.assertEqual([first.attempt_id] * len(self.files()), self.attempts())
                (error,) = self.found("error")
                self.assertEqual("rank 1 cannot read its data", error["error"]["message"])
                self.assertEqual(["failed"] * 2, [one["status"] for one in self.found("status")])
                self.assertEqual([], self.hidden())
                if launcher == "torchrun":
                    self.assertEqual(
                        [1.0], [one["metrics"]["loss"] for one in self.found("metrics")])
                    self.assertEqual(2, len(self.found("start")))

    def test_of_ranks_that_fail_before_rank_zero_began_one_attempt_has_all_the_errors(self):
        early = [self.begin(n, "torchrun", experiment="ddp", seed=1) for n in (1, 2)]
        for run in early:
            run._end_with(RuntimeError("no data"))

        self.assertEqual(1, len(set(self.attempts())))
        self.assertEqual(2, len(self.found("error")))
        self.assertEqual(1, len(self.found("start")))

    def test_a_group_that_is_started_anew_begins_another_attempt(self):
        runs = []
        for restart in ("0", "1"):
            with mock.patch.dict(os.environ, {"TORCHELASTIC_RESTART_COUNT": restart}):
                early = self.begin(1, "torchrun", experiment="ddp", seed=1)
                early._end_with(RuntimeError("no data"))
                runs.append(early.attempt_id)
        with mock.patch.dict(os.environ, {"TORCHELASTIC_RESTART_COUNT": "1"}):
            runs.append(self.begin(0, "torchrun", experiment="ddp", seed=1).attempt_id)
            runs.append(self.begin(0, "torchrun", experiment="ddp", seed=1).attempt_id)

        self.assertEqual(runs[1], runs[2])
        self.assertEqual(3, len(set(runs)))

    def test_a_rank_zero_that_is_started_by_hand_once_more_begins_another_attempt(self):
        for _ in range(2):
            self.process(TRAIN.format("experiment='ddp', seed=1", ""), **LAUNCHERS["torchrun"](0, 2))

        self.assertEqual(2, len(set(self.attempts())))

    def test_all_ranks_of_a_training_are_writers_of_one_attempt_when_asked(self):
        first = self.begin(0, experiment="ddp", all_ranks=True)
        second = self.begin(1, experiment="ddp", all_ranks=True)
        for run in (first, second):
            run.log({"loss": 1.0})
            run.finish()

        self.assertEqual(first.attempt_id, second.attempt_id)
        self.assertEqual(2, len(self.found("metrics")))
        self.assertEqual(1, len(self.found("status")))

    def test_of_all_ranks_one_that_is_earlier_than_rank_zero_begins_no_attempt_of_its_own(self):
        for launcher in LAUNCHERS:
            with self.subTest(launcher=launcher):
                self.clean()
                second = self.begin(1, launcher, experiment="ddp", config={"a": 1}, all_ranks=True)
                second.log({"loss": float("nan"), "f1": 0.1}, step=3)
                second.log_error("E", "early")
                second.results({"of": "rank 1"})
                first = self.begin(0, launcher, experiment="ddp", config={"a": 1}, all_ranks=True)
                held = second._writer
                held.tend()
                # A thread that was about to append when the other one came to know.
                held.append("metrics", '"metrics":{"loss":2.0},"step":4')
                second.finish()
                first.finish()

                self.assertEqual([], self.hidden())
                self.assertEqual(first.attempt_id, second.attempt_id)
                self.assertEqual([first.attempt_id] * 2, self.attempts())
                self.assertEqual(
                    [(3, "nan", 0.1), (4, "2.0", None)],
                    [(one["step"], str(one["metrics"]["loss"]), one["metrics"].get("f1"))
                     for one in self.found("metrics")])
                self.assertEqual(["early"], [one["error"]["message"] for one in self.found("error")])
                self.assertEqual([{"of": "rank 1"}], [one["results"] for one in self.found("results")])
                self.assertEqual(1, len(self.found("start")))
                self.assertEqual(["completed"], [one["status"] for one in self.found("status")])

    def test_what_such_a_rank_adds_to_the_configuration_belongs_to_the_attempt_of_rank_zero(self):
        second = self.begin(1, "torchrun", experiment="ddp", config={"lr": 1}, all_ranks=True)
        second.config["early"] = True
        first = self.begin(0, "torchrun", experiment="ddp", config={"lr": 1}, all_ranks=True)
        second._writer.tend()
        second.config["late"] = True
        second.finish()
        first.finish()

        starts = self.found("start")
        self.assertEqual({first.attempt_id}, {line["attempt_id"] for line in starts})
        self.assertEqual(
            [{"early": True}, {"late": True}],
            [line["start"]["config"] for line in starts if "experiment" not in line["start"]])
        self.assertEqual(1, sum("experiment" in line["start"] for line in starts))
        self.assertEqual(0, second.dropped)

    def test_the_first_heartbeat_of_a_rank_that_came_before_rank_zero_is_not_counted_as_lost(self):
        os.environ["RUNLEDGER_HEARTBEAT_SECONDS"] = "30"
        second = self.begin(1, "torchrun", experiment="ddp", all_ranks=True)
        second.log({"loss": 1.0})
        first = self.begin(0, "torchrun", experiment="ddp", all_ranks=True)
        second.finish()
        first.finish()

        self.assertEqual([], self.found("dropped"))
        self.assertEqual(0, second.dropped)

    def attempts(self):
        return [self.lines(file)[0]["attempt_id"] for file in self.files()]

    def test_of_all_ranks_one_that_never_hears_of_rank_zero_records_by_itself(self):
        for launcher in LAUNCHERS:
            with self.subTest(launcher=launcher):
                self.clean()
                alone = self.begin(1, launcher, experiment="ddp", all_ranks=True)
                alone.log({"loss": 1.0})
                alone.finish()

                self.assertEqual(1, len(self.found("metrics")))
                self.assertEqual(["completed"], [one["status"] for one in self.found("status")])

    def test_tasks_that_exec_wraps_one_by_one_are_recorded_each(self):
        for n in range(2):
            run_id = run_id_of_key(RunKey("exec", seed=n))
            given = {"RUNLEDGER_RUN_ID": str(run_id), "RUNLEDGER_ATTEMPT_ID": str(run_id)}
            self.process(TRAIN.format("", ""), **given, **LAUNCHERS["srun"](n, 2))

        self.assertEqual(2, len(self.found("metrics")))

    def test_workers_of_a_packed_task_record_what_the_task_does(self):
        script = TRAIN.format("experiment='pack', seed=int(sys.argv[1])", "") + (
            "import subprocess\n"
            "if len(sys.argv) == 2: subprocess.run([sys.executable, *sys.argv, 'w'], check=True)\n"
        )
        for n in range(2):
            self.process(script, str(n), **LAUNCHERS["srun"](n, 2))

        self.assertEqual(4, len(self.found("metrics")))
        self.assertEqual(2, len(self.found("start")))

    def test_notes_that_are_no_notes_are_left_alone(self):
        rank = ranks.of(LAUNCHERS["srun"](1, 2))
        os.makedirs(rank.directory(self.spool))
        with open(os.path.join(rank.directory(self.spool), "0"), "wb") as notes:
            notes.write(b"{\n[]\n\xff\n" + b'{"run":"x","attempt":1,"instance":2}\n{"run":')
        question = ranks.Question(rank, self.spool, lambda one: True)

        self.assertIsNone(question.answer())
        self.assertFalse(question.answer(final=True).is_follower)
        ranks.note(rank, os.path.join(self.spool, "no\0place"), Relative(1, 2, "", None))


if __name__ == "__main__":
    unittest.main()
