"""For Lightning: ``Trainer(logger=RunledgerLogger(experiment="7"))``, or a callback.

Works with ``lightning`` and with ``pytorch_lightning``: where both are installed, with the one that
is imported already.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from typing import Any, Dict, Mapping, Optional, Union

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import Training, harmless, open_run
from runledger.run import Run
from runledger.starting import init


def _library() -> Any:
    names = ["lightning.pytorch", "pytorch_lightning"]
    if names[1] in sys.modules and names[0] not in sys.modules:
        names.reverse()
    try:
        return importlib.import_module(names[0])
    except ImportError:
        return importlib.import_module(names[1])


_lightning = _library()
_loggers: Any = importlib.import_module(f"{_lightning.__name__}.loggers.logger")
_ranks: Any = importlib.import_module(f"{_lightning.__name__}.utilities.rank_zero")

_Callback: Any = _lightning.Callback


class RunledgerLogger(_loggers.Logger):  # type: ignore[misc]
    """Records what the Trainer and ``self.log`` hand to loggers, on rank zero only.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then one run begins with the first ``fit``, ``validate`` or ``test``, and ends with it; what
    later ones log goes to the same run. Without either it logs to the run that the process has open;
    where there is none, a run begins. ``save_dir`` is where the Trainer puts its checkpoints, which
    are recorded as artifacts.
    """

    def __init__(
        self,
        run: Optional[Run] = None,
        save_dir: Union[str, os.PathLike[str], None] = None,
        checkpoints: bool = True,
        **options: Any,
    ) -> None:
        """``checkpoints``: whether they are recorded, for which each is read once."""
        super().__init__()
        self._checkpoints = checkpoints
        self._run = run
        self._ends_run = False
        self._options = options
        self._save_dir = None if save_dir is None else os.fspath(save_dir)

    @property
    @_loggers.rank_zero_experiment  # type: ignore[untyped-decorator]
    def experiment(self) -> Run:
        """The run, which begins here if none was given or is open."""
        if self._run is None and not self._options:
            self._run = open_run()
        if self._run is None:
            self._run = init(**self._options)
            self._ends_run = True
        return self._run

    @property
    def name(self) -> str:
        """A part of the path of checkpoints: the experiment or project."""
        options = self._options
        name = options.get("experiment", options.get("project"))
        return re.sub(r"[^\w.-]|^\.+", "-", "runledger" if name is None else str(name))

    @property
    def version(self) -> Optional[str]:
        """Another part of it: the id of the run; None before it has begun."""
        return None if self._run is None else self._run.run_id

    @property
    def save_dir(self) -> Optional[str]:
        """Where checkpoints are put; None where the Trainer decides."""
        return self._save_dir

    @_ranks.rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def log_hyperparams(self, params: Any, *more: Any, **named: Any) -> None:
        """Adds the hyperparameters to the configuration."""
        if params is not None:
            self.experiment.config.update(params)

    @_ranks.rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def log_metrics(self, metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
        """Logs metrics at a step, and at the epoch among them."""
        values = numbers(metrics)
        epoch = values.pop("epoch", None)
        if values:
            self.experiment.log(values, step=step, epoch=epoch)

    @_ranks.rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Records the checkpoint that was saved."""
        path = getattr(checkpoint_callback, "_last_checkpoint_saved", "")
        if path and self._checkpoints:
            self.experiment.log_artifact("checkpoint", path)

    @_ranks.rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def finalize(self, status: str) -> None:
        """Ends the run, if it began here: completed by ``success``, failed by ``failed``.

        The Trainer calls this while it handles an exception, which is recorded. Any other word, such
        as ``finished`` before SLURM starts the job again, ends nothing.
        """
        run, error = self._run, sys.exc_info()[1]
        if run is None or status not in ("success", "failed"):
            return
        if status == "failed" and error is not None and not self._ends_run:
            run._part_raised("fit", error)
        elif status == "failed" and error is not None:
            run._end_with(error, uncaught=False)
        elif status == "success" and not self._ends_run:
            run._part_ends()
        elif self._ends_run:
            run.finish("failed" if status == "failed" else "completed")

    def __getstate__(self) -> Dict[str, Any]:
        # A process that the Trainer spawns takes part in the run by its name.
        return {**self.__dict__, "_run": None}


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

    @harmless
    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Logs the metrics of a step."""
        if trainer.global_step % self._every == 0:
            self._log_new(trainer, "log", trainer.logged_metrics)

    @harmless
    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs the metrics of a training epoch."""
        self._log_new(trainer, "callback", trainer.callback_metrics)
        self._shown = numbers(trainer.callback_metrics)
        self._epoch_end = {"step": trainer.global_step, "epoch": trainer.current_epoch}

    @harmless
    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Logs what the module itself logged at the end of the previous epoch."""
        self._log_rest(trainer)

    @harmless
    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Logs what the module itself logged at the end of the last epoch."""
        self._log_rest(trainer)

    @harmless
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

    @harmless
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Records the exception, and reports the run failed if it began here."""
        self._training.raised(exception)

    @harmless
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
