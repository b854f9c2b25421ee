"""Records training runs: what a job says is appended to files, which Runledger's senders send on.

    run = runledger.init(experiment="7", dataset="mnist", method="cnn", seed=3, config={"lr": 0.1})
    run.log({"loss": 0.71}, step=100, epoch=1)
    run.finish()
"""

import logging
import sys

if sys.version_info < (3, 8):  # Read by older versions, too: what follows would be a SyntaxError.
    raise ImportError(
        "Runledger needs Python 3.8 or newer, and %s is Python %d.%d; with an older one, a job can append"
        " lines of JSON by itself (spool-lines.md)." % ((sys.executable,) + tuple(sys.version_info[:2]))
    )

from runledger import printable
from runledger.experiment_db import ExperimentDB
from runledger.magics import load_ipython_extension
from runledger.run import Run
from runledger.starting import init, join

logging.getLogger("runledger").addFilter(printable.make_harmless)

__version__ = "0.1.0"

__all__ = ["ExperimentDB", "Run", "init", "join", "load_ipython_extension"]
