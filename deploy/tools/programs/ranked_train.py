"""A rank of a training. Arguments: experiment, seed, rate, which rank's data are broken (-1: no one's)."""

import os
import signal
import sys
import time
from pathlib import Path

import runledger
from training import training

STEPS = 6
BROKEN_AT = 3


def exchange_gradients(experiment: str, rank: int) -> None:
    """What no rank comes out of before all of them came: so a step of one is a step of all."""
    meeting = Path(os.environ["TOOLS_DIRECTORY"], f"gradients-{experiment}")
    meeting.mkdir(exist_ok=True)
    before = len(list(meeting.glob(f"{rank}-*")))
    Path(meeting, f"{rank}-{before}").touch()
    while len(list(meeting.glob(f"*-{before}"))) < int(os.environ["WORLD_SIZE"]):
        time.sleep(0.01)


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
        exchange_gradients(experiment, rank)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
