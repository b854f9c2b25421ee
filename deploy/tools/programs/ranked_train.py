"""A rank of a training. Arguments: experiment, seed, rate, which rank's data are broken (-1: no one's)."""

import os
import signal
import sys

import runledger
from training import training

STEPS = 6
BROKEN_AT = 3


def main(experiment: str, seed: int, rate: float, broken: int) -> None:
    rank = int(os.environ["RANK"])
    run = runledger.init(experiment=experiment, seed=seed, config={"rate": rate})
    for step, loss in enumerate(training(rate, STEPS)):
        if broken >= 0 and step == BROKEN_AT:
            if rank == broken:
                raise RuntimeError(f"rank {rank} cannot read its data")
            # The others wait for its gradients, until the launcher ends them.
            signal.pause()
        run.log({"loss": loss}, step=step)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
