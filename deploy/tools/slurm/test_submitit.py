"""submitit, on the SLURM that SLURM_CONF names."""

import os
import sys
import time
from pathlib import Path
from typing import Any, Dict

import submitit
from ledger import PROGRAMS, LedgerTest, Run, failed, series

import submitit_train
from training import losses

#: A job that is put back into the queue waits 35 seconds there.
_STARTED_SECONDS = 120


def _failed_job(rate: float) -> Dict[str, object]:
    """submitit keeps what a training raised and raises it again, so that the process of its job exits with 1."""
    how = failed(rate)
    return {**how, "exit_code": 1} if how else {}


class Submitit(LedgerTest):

    @classmethod
    def setUpClass(cls) -> None:
        # Where the jobs find what they unpickle; sbatch hands it on.
        os.environ["PYTHONPATH"] = str(PROGRAMS)

    def test_the_jobs_of_an_array_are_runs_of_their_own(self) -> None:
        trials = {1: 0.25, 2: 0.5, 3: 2.5, 4: 0.75}

        jobs = self.executor().map_array(
            submitit_train.train, ["submitit"] * len(trials), trials.keys(), trials.values()
        )

        for job, rate in zip(jobs, trials.values()):
            if failed(rate):
                self.assertIn("too large", str(job.exception()))
            else:
                self.assertEqual(job.result(), losses(rate, submitit_train.STEPS)[-1])
        self.assert_runs(
            "submitit",
            {
                f"submitit/-/-/-/-/{seed}": Run(
                    config={"rate": rate},
                    metrics={} if failed(rate) else {"loss": series(losses(rate, submitit_train.STEPS))},
                    **_failed_job(rate),
                )
                for seed, rate in trials.items()
            },
        )

    def test_a_job_that_is_checkpointed_and_requeued_is_one_run_with_two_attempts(self) -> None:
        waiting = Path(os.environ["TOOLS_DIRECTORY"], "waiting")

        job = self.executor().submit(submitit_train.Resumed(), "requeued", 1, 0.5, str(waiting))
        self.wait_for(waiting.exists, "the job logged the steps before its checkpoint")
        job._interrupt(timeout=False)

        values = losses(0.5, submitit_train.STEPS)
        self.assertEqual(job.result(), values[-1])
        # submitit ends an interrupted job by sys.exit(-1).
        interrupted = ("failed", f"SystemExit with code {-1 % 256}")
        run = Run({"rate": 0.5}, {"loss": series(values)}, errors=(interrupted,), attempts=2)
        self.assert_runs("requeued", {"requeued/-/-/-/-/1": run})

    def executor(self) -> Any:
        executor = submitit.AutoExecutor(folder=Path(os.environ["TOOLS_DIRECTORY"], "submitit"), cluster="slurm")
        executor.update_parameters(timeout_min=5, mem_gb=0.3, slurm_array_parallelism=3)
        return executor

    def wait_for(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + _STARTED_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.1)
