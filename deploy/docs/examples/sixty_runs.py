"""Sixty trainings to ask questions about: 4 learning rates x 3 methods x 5 seeds, on four nodes.

    python3 sixty_runs.py            # writes to the spool that RUNLEDGER_SPOOL or RUNLEDGER_CONFIG names

Each runs in its own process, as in a job array, and "trains" for twenty steps of a curve that follows
from its name alone. What goes wrong is written down here, so that answers can be compared with it:
a learning rate of 1.0 diverges with sgd from seed 3 on, node-2 has no more memory for adam with seed 4,
one process is killed by kill -9, one is on a node that lost its power, and two were started by mistake.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Iterator, NamedTuple, Optional

STEPS = 20
RATES = (0.001, 0.01, 0.1, 1.0)
METHODS = ("sgd", "adam", "lion")
SEEDS = (1, 2, 3, 4, 5)
NODES = ("node-1", "node-2", "node-3", "node-4")

DIVERGES = "FloatingPointError"
NO_MEMORY = "MemoryError"
KILLED = "SIGKILL"
SILENT = "silence"


class Trial(NamedTuple):
    """One of the sixty, and all that follows from it."""

    rate: float
    method: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.method}-{self.rate}-{self.seed}"

    @property
    def node(self) -> str:
        return "node-2" if self.ends == NO_MEMORY else NODES[(self.seed + METHODS.index(self.method)) % 4]

    @property
    def ends(self) -> Optional[str]:
        """How it ends if it does not end well; None when it does."""
        if self.rate == 1.0 and self.method == "sgd" and self.seed >= 3:
            return DIVERGES
        if self.rate == 0.1 and self.method == "adam" and self.seed == 4:
            return NO_MEMORY
        if (self.rate, self.method, self.seed) == (0.01, "lion", 2):
            return KILLED
        if (self.rate, self.method, self.seed) == (0.01, "lion", 5):
            return SILENT
        return None

    @property
    def steps(self) -> int:
        """Steps that it logs."""
        return STEPS if self.ends is None else STEPS // 2 + self.seed

    def loss(self, step: int) -> float:
        """Falls the fastest at a rate of 0.01, and a little differently for each seed."""
        distance = abs(math.log10(self.rate) + 2.0)
        return math.exp(-step / (5.0 + 5.0 * distance)) + 0.1 * distance + 0.01 * self.seed


def trials() -> Iterator[Trial]:
    """All sixty."""
    for rate in RATES:
        for method in METHODS:
            for seed in SEEDS:
                yield Trial(rate, method, seed)


#: Runs that were started by mistake, under an experiment with a typo.
TYPOS = (Trial(0.01, "sgd", 1), Trial(0.01, "sgd", 2))
EXPERIMENT = "rates"
MISTYPED = "raets"


def train(trial: Trial, experiment: str) -> None:
    """One training, as any user's script would be."""
    import runledger

    with runledger.init(
        experiment=experiment,
        method=trial.method,
        subject=str(trial.rate),
        seed=trial.seed,
        name=trial.name,
        config={"lr": trial.rate, "optimizer": {"name": trial.method}, "batch": 32},
        tags=["grid"],
    ) as run:
        for step in range(trial.steps):
            run.log({"loss": trial.loss(step)}, step=step, epoch=step / 10)
        if trial.ends == DIVERGES:
            run.log({"loss": math.nan}, step=trial.steps)
            raise FloatingPointError(f"loss is not finite at step {trial.steps}")
        if trial.ends == NO_MEMORY:
            raise MemoryError("cannot allocate 12 GiB")
        if trial.ends == KILLED:
            os.kill(os.getpid(), signal.SIGKILL)


def lose_power(trial: Trial, spool: Path) -> None:
    """What a node that lost its power has left on the file server: a file that stops."""
    began = time.time() - 3 * 3600
    lines = [
        {
            "at": began,
            "start": {
                "experiment": EXPERIMENT, "method": trial.method, "subject": str(trial.rate),
                "seed": trial.seed, "name": trial.name, "host": trial.node, "pid": 4711,
                "config": {"lr": trial.rate, "optimizer": {"name": trial.method}, "batch": 32},
                "tags": ["grid"],
            },
            "heartbeat": 30,
        }
    ]
    for step in range(trial.steps):
        at = began + 60 * step
        lines.append(
            {"at": at, "metrics": {"loss": trial.loss(step)}, "step": step, "epoch": step / 10})
    spool.mkdir(parents=True, exist_ok=True)
    with open(spool / f"{trial.node}-{uuid.uuid4()}.jsonl", "a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def main() -> None:
    """Runs all of them, as many at once as there are processors."""
    if len(sys.argv) > 1:
        rate, method, seed, experiment = sys.argv[1:]
        train(Trial(float(rate), method, int(seed)), experiment)
        return
    from runledger.settings import Settings

    started = []
    for trial, experiment in [*((t, EXPERIMENT) for t in trials()), *((t, MISTYPED) for t in TYPOS)]:
        if trial.ends == SILENT:
            lose_power(trial, Path(Settings.read().spool))
            continue
        command = [sys.executable, __file__, str(trial.rate), trial.method, str(trial.seed), experiment]
        if trial.ends == KILLED:
            # Only who watches a process from outside can say that it was killed.
            command = [os.environ.get("RUNLEDGER", "runledger"), "exec", "--", *command]
        environment = {**os.environ, "SLURMD_NODENAME": trial.node}
        started.append((trial, subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)))
        if len(started) >= (os.cpu_count() or 1):
            _end(*started.pop(0))
    for trial, process in started:
        _end(trial, process)


def _end(trial: Trial, process: "subprocess.Popen[bytes]") -> None:
    code = process.wait()
    if (code == 0) != (trial.ends is None):
        raise SystemExit(f"{trial.name} ended with {code}")


if __name__ == "__main__":
    main()
