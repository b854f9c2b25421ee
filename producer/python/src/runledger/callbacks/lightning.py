"""For Lightning: ``Trainer(callbacks=[RunledgerCallback(experiment="7")])``."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.run import Run
from runledger.starting import init

try:
    _lightning = importlib.import_module("lightning.pytorch")
except ImportError:
    _lightning = importlib.import_module("pytorch_lightning")

_Callback: Any = _lightning.Callback


class RunledgerCallback(_Callback):  # type: ignore[misc]
    """Logs the metrics of steps and epochs.

    Either a run that the caller began and ends, or what ``runledger.init`` takes: then the run begins
    and ends with ``fit``. Metrics of steps are logged each ``every_n_steps`` batches.
    """

    def __init__(self, run: Optional[Run] = None, every_n_steps: int = 50, **options: Any) -> None:
        super().__init__()
        self.run = run
        self._every = max(1, every_n_steps)
        self._options = options
        self._begun_here = run is None

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins the run, with the hyperparameters of the module as its configuration."""
        if self.run is None:
            parameters = getattr(pl_module, "hparams", None)
            config = dict(parameters) if parameters else None
            options: Dict[str, Any] = {"config": config, **self._options}
            self.run = init(**options)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Logs the metrics of a step."""
        if trainer.global_step % self._every == 0:
            self._log(trainer, trainer.logged_metrics)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs the metrics of a training epoch."""
        self._log(trainer, trainer.callback_metrics)

    def on_validation_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs the metrics of a validation, unless it is the check before the training."""
        if not getattr(trainer, "sanity_checking", False):
            self._log(trainer, trainer.callback_metrics)

    def _log(self, trainer: Any, metrics: Any) -> None:
        values = numbers(metrics)
        if self.run is not None and values:
            self.run.log(values, step=trainer.global_step, epoch=trainer.current_epoch)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Records the exception, and says failed if the run began here."""
        if self.run is not None:
            if self._begun_here:
                self.run._end_with(exception)
                self.run = None
            else:
                self.run.log_error(exception)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Ends the run, if it began here."""
        if self.run is not None and self._begun_here:
            self.run.finish()
            self.run = None
