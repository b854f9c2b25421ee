"""For Keras: ``model.fit(..., callbacks=[RunledgerCallback(experiment="7")])``."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import Training, harmless
from runledger.run import Run

try:
    _callbacks = importlib.import_module("keras.callbacks")
except ImportError:
    _callbacks = importlib.import_module("tensorflow.keras.callbacks")

_Callback: Any = _callbacks.Callback


class RunledgerCallback(_Callback):  # type: ignore[misc]
    """Logs what ``fit`` reports for each epoch, and every ``every_n_batches`` batches (0: never).

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then the run begins and ends with ``fit``. Keras shows no exception to callbacks: where ``fit``
    raises, the run fails, with its traceback only if nobody catches the exception.
    """

    def __init__(self, run: Optional[Run] = None, every_n_batches: int = 0, **options: Any) -> None:
        super().__init__()
        self._training = Training(self, "fit", run, options)
        self._every = every_n_batches
        self._epoch = 0
        self._batches = 0

    @property
    def run(self) -> Optional[Run]:
        """The run that is logged to; None before the first training."""
        return self._training.run

    def on_train_begin(self, logs: Optional[Dict[str, Any]] = None) -> None:
        """Begins the run, with the parameters of ``fit`` as its configuration."""
        self._batches = 0
        self._training.begin(config=getattr(self, "params", None))

    @harmless
    def on_epoch_begin(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        """Remembers the epoch for the metrics of its batches."""
        self._epoch = epoch

    @harmless
    def on_train_batch_end(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        """Logs the metrics of a batch, as ``batch/...``; steps are counted over all epochs."""
        self._batches += 1
        if self.run is not None and self._every and self._batches % self._every == 0:
            values = {f"batch/{name}": value for name, value in numbers(logs).items()}
            if values:
                self.run.log(values, step=self._batches, epoch=self._epoch)

    @harmless
    def on_epoch_end(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        """Logs the metrics of an epoch."""
        values = numbers(logs)
        if self.run is not None and values:
            self.run.log(values, step=self._batches or None, epoch=epoch)

    @harmless
    def on_train_end(self, logs: Optional[Dict[str, Any]] = None) -> None:
        """Ends the run, if it began here."""
        self._training.end()
