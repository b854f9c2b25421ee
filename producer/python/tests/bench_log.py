"""Prints what ``run.log`` of five metrics costs, next to a bare ``os.write`` of an equal line."""

import os
import tempfile
import time

import runledger

CALLS = 100_000
ROUNDS = 5


def best_of(call):
    """Microseconds a call in the fastest round: the others say more of the machine's neighbours."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for step in range(CALLS // ROUNDS):
            call(step)
        rounds.append((time.perf_counter() - begin) / (CALLS // ROUNDS) * 1e6)
    return min(rounds), sum(rounds) / len(rounds)


def main():
    metrics = {
        "train/loss": 0.7123456789, "train/f1": 0.4212345, "lr": 5e-05, "grad_norm": 1.2345678,
        "gpu_memory_mb": 10240.5,
    }
    with tempfile.TemporaryDirectory() as spool:
        run = runledger.init(experiment="bench", seed=1, spool=spool)
        log_best, log_mean = best_of(lambda step: run.log(metrics, step=step, epoch=1))
        path = run._writer.file.path
        with open(path, "rb") as lines:
            line = lines.read().splitlines(keepends=True)[-1]
        descriptor = os.open(
            os.path.join(spool, "bare"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        write_best, write_mean = best_of(lambda step: os.write(descriptor, line))
        os.close(descriptor)
        run.finish()
    print(f"run.log of 5 metrics: {log_mean:.2f} us on average, {log_best:.2f} us at best")
    print(f"os.write of {len(line)} bytes: {write_mean:.2f} us on average, {write_best:.2f} us at best")
    print(f"ratio: {log_mean / write_mean:.1f}")


if __name__ == "__main__":
    main()
