"""A Python job that ends in one of the ways that SLURM knows. Arguments: kind, ending, seed."""

import os
import signal
import sys
import time

import runledger

kind, ending, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
start = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
run = runledger.init(
    experiment="endings",
    dataset=ending,
    method=kind,
    seed=seed,
    config={"rate": 0.5},
    resumed_from_step=4 * start if start else None,
)
for step in range(4 * start, 4 * start + 5):
    run.log({"loss": 1 / (step + 1)}, step=step)
if ending == "ignores-term":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.path.join(os.environ["READY"], f"{kind}-{ending}-{start}"), "w").close()

if ending == "exit-3" or (ending == "requeue-fail" and start == 1):
    sys.exit(3)
elif ending == "traceback":
    raise ValueError("bad shape")
elif ending == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
elif ending == "memory":
    hoard = bytearray(800 << 20)
    for byte in range(0, len(hoard), 4096):
        hoard[byte] = 1
    time.sleep(60)
elif ending == "ok" or ending == "requeue" and start == 1 or ending == "requeue-twice" and start == 2:
    run.results({"steps": step + 1})
else:
    # until SLURM, or the test by SLURM's commands, ends it
    while True:
        time.sleep(1)
