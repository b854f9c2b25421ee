"""For Lightning: ``Trainer(callbacks=[RunledgerCallback(experiment="7")])``."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import Training
from runledger.run import Run

try:
    _lightning = importlib.import_module("lightning.pytorch")
except ImportError:
    _lightning = importlib.import_module("pytorch_lightning")

_Callback: Any = _lightning.Callback


class RunledgerCallback(_Callback):  # type: ignore[misc]
    """Logs the metrics of steps and epochs, each value once.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then the run begins and ends with ``fit``. Metrics of steps are logged every ``every_n_steps``
    batches.
    """

    def __init__(self, run: Optional[Run] = None, every_n_steps: int = 50, **options: Any) -> None:
        super().__init__()
        self._training = Training(self, "fit", run, options)
        self._every = max(1, every_n_steps)
        # What the Trainer showed last, by name: it keeps showing old values next to the new ones.
        self._shown: Dict[str, float] = {}
        self._epoch_end: Dict[str, int] = {}

    @property
    def run(self) -> Optional[Run]:
        """The run that is logged to; None before the first training."""
        return self._training.run

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins the run, with the hyperparameters of the module as its configuration."""
        parameters = getattr(pl_module, "hparams", None)
        self._training.begin(config=dict(parameters) if parameters else None)
        self._shown.clear()
        self._epoch_end.clear()

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Logs the metrics of a step."""
        if trainer.global_step % self._every == 0:
            self._log_new(trainer, "log", trainer.logged_metrics)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs the metrics of a training epoch."""
        self._log_new(trainer, "callback", trainer.callback_metrics)
        self._shown = numbers(trainer.callback_metrics)
        self._epoch_end = {"step": trainer.global_step, "epoch": trainer.current_epoch}

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Logs what the module itself logged at the end of the previous epoch."""
        self._log_rest(trainer)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs what the module itself logged at the end of the last epoch."""
        self._log_rest(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs the metrics of a validation, unless it is the check before the training."""
        if not getattr(trainer, "sanity_checking", False):
            self._log_new(trainer, "callback", trainer.callback_metrics)

    def _log_new(self, trainer: Any, kind: str, shown: Any) -> None:
        at = {"step": trainer.global_step, "epoch": trainer.current_epoch}
        new = _new(trainer, kind)
        self._log(self._changed(shown) if new is None else numbers(new), at)

    def _log_rest(self, trainer: Any) -> None:
        # Callbacks learn of the end of an epoch before the module does.
        if self._epoch_end:
            self._log(self._changed(trainer.callback_metrics), self._epoch_end)
            self._epoch_end = {}

    def _changed(self, shown: Any) -> Dict[str, float]:
        values = numbers(shown)
        before, self._shown = self._shown, {**self._shown, **values}
        return {
            name: value
            for name, value in values.items()
            if name not in before or repr(value) != repr(before[name])
        }

    def _log(self, values: Dict[str, float], at: Dict[str, int]) -> None:
        if self.run is not None and values:
            self.run.log(values, **at)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Records the exception, and reports the run failed if it began here."""
        self._training.raised(exception)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Ends the run, if it began here."""
        self._training.end()


def _new(trainer: Any, kind: str) -> Any:
    """What the running loop logged since its last result. What the Trainer shows to everybody

    (``callback_metrics``) includes old values of other loops.
    """
    connector = getattr(trainer, "_logger_connector", None)
    metrics = getattr(connector, "metrics", None)
    if isinstance(metrics, dict) and kind in metrics:
        return metrics[kind]
    return None
