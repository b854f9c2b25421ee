"""GNU parallel, and ranks as torchrun starts them."""

import sys
from typing import Dict
from unittest.mock import ANY

from ledger import LedgerTest, Run, program, series

import ranked_train
from training import losses


class GnuParallel(LedgerTest):

    def test_each_of_its_tasks_is_a_run_with_the_exit_code_of_its_command(self) -> None:
        codes = {1: 0, 2: 3, 3: 0, 4: 0, 5: 0, 6: 0, 7: 41, 8: 0}

        # It exits with the number of tasks that failed.
        self.run_program(
            "parallel",
            "--will-cite",
            "--jobs=4",
            "--link",
            "runledger exec --experiment parallel --seed {1} --set data=set-{1} -- bash "
            + program("task.sh")
            + " {1} {2}",
            ":::",
            *map(str, codes),
            ":::",
            *map(str, codes.values()),
            code=sum(code != 0 for code in codes.values()),
        )

        self.assert_runs(
            "parallel",
            {
                f"parallel/-/-/-/-/{seed}": Run(
                    config={"data": f"set-{seed}"},
                    metrics={"loss": series([seed * 10 - step + 0.5 for step in range(3)])},
                    status="failed" if code else "completed",
                    exit_code=code,
                    errors=(("exit code " + str(code), f"task {seed} is out of data"),) if code else (),
                )
                for seed, code in codes.items()
            },
        )


class Ranks(LedgerTest):

    def test_the_ranks_of_one_training_are_one_run(self) -> None:
        rate = 0.25

        self.train("ranks", seed=1, rate=rate, broken=-1)

        self.assert_runs("ranks", {"ranks/-/-/-/-/1": self.trained(rate, ranked_train.STEPS)})

    def test_a_rank_that_fails_fails_the_run_whose_rank_0_was_only_told_to_end(self) -> None:
        rate = 0.25

        self.train("broken-ranks", seed=1, rate=rate, broken=1)

        self.assert_runs(
            "broken-ranks",
            {
                "broken-ranks/-/-/-/-/1": self.trained(rate, ranked_train.BROKEN_AT)._replace(
                    # That of rank 1 belongs to them, beside what the wrapper saw of all.
                    status="failed", exit_code=1, errors=ANY
                )
            },
        )

    def train(self, experiment: str, seed: int, rate: float, broken: int) -> None:
        training = [sys.executable, program("launch.py"), "3", sys.executable, program("ranked_train.py")]
        self.run_program(
            *["runledger", "exec", "--experiment", experiment, "--seed", str(seed), "--"],
            *training,
            *[experiment, str(seed), str(rate), str(broken)],
            code=0 if broken < 0 else 1,
        )

    def trained(self, rate: float, steps: int) -> Run:
        return Run(config={"rate": rate}, metrics={"loss": series(losses(rate, steps))}, exit_code=0)
