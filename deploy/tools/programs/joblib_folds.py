"""One run whose folds are computed by workers of joblib. Arguments: experiment, rates..."""

import sys

from joblib import Parallel, delayed

import runledger
from training import training

STEPS = 5


def fold(number: int, rate: float) -> float:
    run = runledger.join()
    for step, loss in enumerate(training(rate, STEPS)):
        run.log({f"fold{number}/loss": loss}, step=step)
    return loss


if __name__ == "__main__":
    rates = [float(rate) for rate in sys.argv[2:]]
    with runledger.init(experiment=sys.argv[1], config={"folds": len(rates)}) as run:
        last = Parallel(n_jobs=3)(delayed(fold)(number, rate) for number, rate in enumerate(rates))
        run.log({"loss": sum(last) / len(last)}, step=0)
