"""GNU parallel, and ranks as torchrun starts them."""

import sys

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
                    reason=f"exit code {code}" if code else None,
                    errors=(("exit code " + str(code), f"task {seed} is out of data"),) if code else (),
                )
                for seed, code in codes.items()
            },
        )


class Ranks(LedgerTest):

    def test_the_ranks_of_one_training_are_one_run(self) -> None:
        rate = 0.25

        self.train("ranks", rate, broken=-1)

        self.assert_runs("ranks", {"ranks/-/-/-/-/1": self.trained(rate, ranked_train.STEPS)})

    def test_what_rank_1_raised_is_known_of_the_run_whose_rank_0_was_only_told_to_end(self) -> None:
        rate, broken = 0.25, 1

        self.train("broken-ranks", rate, broken, wrapped=False)
        self.train("wrapped-ranks", rate, broken)

        raised = ("RuntimeError", f"rank {broken} cannot read its data")
        ended = self.trained(rate, ranked_train.BROKEN_AT)._replace(status="failed", exit_code=1)
        bare = ended._replace(reason=raised[0], errors=(raised,))
        # The wrapper finds the same in the end of the launcher's stderr, and knows that it was said.
        wrapped = ended._replace(reason="exit code 1", errors=(raised,))
        self.assert_runs("broken-ranks", {"broken-ranks/-/-/-/-/1": bare})
        self.assert_runs("wrapped-ranks", {"wrapped-ranks/-/-/-/-/1": wrapped})

    def train(self, experiment: str, rate: float, broken: int, wrapped: bool = True) -> None:
        wrapper = ["runledger", "exec", "--experiment", experiment, "--seed", "1", "--"]
        self.run_program(
            *(wrapper if wrapped else []),
            *[sys.executable, program("launch.py"), "3", sys.executable, program("ranked_train.py")],
            *[experiment, "1", str(rate), str(broken)],
            code=0 if broken < 0 else 1,
        )

    def trained(self, rate: float, steps: int) -> Run:
        return Run(config={"rate": rate}, metrics={"loss": series(losses(rate, steps))}, exit_code=0)
