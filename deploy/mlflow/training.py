"""A training that logs to the server of MLFLOW_TRACKING_URI, a call a step; prints how long that took, in seconds.

Argument: the number of steps. With a second one, a file, it makes that file after a third of them.
"""

import sys
import time
from pathlib import Path

import mlflow

steps = int(sys.argv[1])
mlflow.set_experiment("training")
with mlflow.start_run(run_name=f"of {steps}"):
    mlflow.log_param("steps", steps)
    began = time.monotonic()
    for step in range(steps):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
        if len(sys.argv) > 2 and step == steps // 3:
            Path(sys.argv[2]).touch()
            time.sleep(1)
            began += 1
    took = time.monotonic() - began
# MLflow prints a line itself when the run ends.
print(took)
