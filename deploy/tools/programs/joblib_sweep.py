"""A sweep by joblib: each task is a separate run. Arguments: experiment, seed:rate..."""

import sys

from joblib import Parallel, delayed

import runledger
from training import Diverged, training

STEPS = 5


def task(experiment: str, seed: int, rate: float) -> str:
    try:
        with runledger.init(experiment=experiment, seed=seed, config={"rate": rate}) as run:
            for step, loss in enumerate(training(rate, STEPS)):
                run.log({"loss": loss}, step=step)
    except Diverged:
        return "diverged"
    return "trained"


if __name__ == "__main__":
    trials = [argument.split(":") for argument in sys.argv[2:]]
    print(Parallel(n_jobs=3)(delayed(task)(sys.argv[1], int(seed), float(rate)) for seed, rate in trials))
