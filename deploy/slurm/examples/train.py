"""Fits a line to noisy points by gradient descent, and continues from its checkpoint when it is started again.

SIGUSR1, which SLURM sends some time before the limit, makes it write a checkpoint and ask to be put back into the
queue. Run it under the wrapper, which hands the signal on:

    exec runledger exec --experiment line --seed 1 -- python3 train.py --seed 1 --checkpoint line-1.json
"""

import argparse
import json
import os
import random
import signal
import subprocess
import time
from typing import List, Tuple

import runledger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that a step takes besides")
    parser.add_argument("--checkpoint", default="line.json")
    arguments = parser.parse_args()

    noise = random.Random(arguments.seed)
    points = [(x, 3 * x + noise.gauss(0, 0.1)) for x in (noise.random() for _ in range(50))]
    step, weight, resumed = 0, 0.0, None
    if os.path.exists(arguments.checkpoint):
        with open(arguments.checkpoint) as file:
            step, weight = json.load(file)
        resumed = step

    asked = []
    signal.signal(signal.SIGUSR1, lambda number, frame: asked.append(number))
    run = runledger.init(
        experiment="line", seed=arguments.seed, config=vars(arguments), resumed_from_step=resumed
    )
    while step < arguments.steps:
        gradient = sum(2 * (weight * x - y) * x for x, y in points) / len(points)
        weight -= arguments.rate * gradient
        run.log({"loss": loss_of(weight, points), "weight": weight}, step=step)
        step += 1
        time.sleep(arguments.pause)
        if asked:
            save(arguments.checkpoint, step, weight)
            subprocess.run(["scontrol", "requeue", os.environ["SLURM_JOB_ID"]], check=True)
            signal.pause()  # SLURM ends this start of the job
    save(arguments.checkpoint, step, weight)
    run.log_artifact("checkpoint", arguments.checkpoint, {"steps": step})
    # A start that finds all steps in its checkpoint has computed none.
    run.results({"weight": weight, "loss": loss_of(weight, points)})
    run.finish()


def loss_of(weight: float, points: List[Tuple[float, float]]) -> float:
    return sum((weight * x - y) ** 2 for x, y in points) / len(points)


def save(path: str, step: int, weight: float) -> None:
    with open(path + ".next", "w") as file:
        json.dump([step, weight], file)
    os.replace(path + ".next", path)


if __name__ == "__main__":
    main()
