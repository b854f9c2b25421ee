"""What submitit submits: trainings, and one that continues from its checkpoint when its job is put back into the queue."""

import os
import time

import submitit

import runledger
from training import losses, training

STEPS = 5


def train(experiment: str, seed: int, rate: float) -> float:
    with runledger.init(experiment=experiment, seed=seed, config={"rate": rate}) as run:
        for step, loss in enumerate(training(rate, STEPS)):
            run.log({"loss": loss}, step=step)
    return loss


class Resumed(submitit.helpers.Checkpointable):
    """Logs half of its steps, says so by a file, and waits to be interrupted; the rest in its second life."""

    def __init__(self) -> None:
        self.next_step = 0

    def __call__(self, experiment: str, seed: int, rate: float, waiting: str) -> float:
        begins = self.next_step
        run = runledger.init(
            experiment=experiment,
            seed=seed,
            config={"rate": rate},
            resumed_from_step=begins or None,
        )
        for step, loss in list(enumerate(losses(rate, STEPS)))[begins:]:
            if step == STEPS // 2 and begins == 0:
                # One step more than the checkpoint has: it is computed again.
                run.log({"loss": -1.0}, step=step)
                self.next_step = step
                open(waiting, "w").close()
                time.sleep(600)
            run.log({"loss": loss}, step=step)
        run.finish()
        return loss
