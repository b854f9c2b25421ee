"""For Hugging Face's Trainer: ``Trainer(..., callbacks=[RunledgerCallback(experiment="7")])``.

After an import of this module, ``TrainingArguments(report_to="runledger")`` does the same.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import Training, harmless, may_name
from runledger.json_values import config_values
from runledger.run import Run

_Callback: Any = importlib.import_module("transformers").TrainerCallback


class RunledgerCallback(_Callback):  # type: ignore[misc]
    """Logs what the Trainer logs, and its checkpoints.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then the run begins and ends with the training, and the arguments of the Trainer are its
    configuration. The Trainer shows no exception to callbacks: where ``train`` raises, the run
    fails, with its traceback only if nobody catches the exception. An evaluation after the training
    is logged, too.
    """

    #: Whether a training without a run and options logs to the run that is open already.
    _adopts = False

    def __init__(
        self, run: Optional[Run] = None, checkpoints: bool = True, **options: Any
    ) -> None:
        """``checkpoints``: whether they are recorded, for which each is read once."""
        self._training = Training(self, "train", run, options, self._adopts)
        self._checkpoints = checkpoints

    @property
    def run(self) -> Optional[Run]:
        """The run that is logged to; None before the first training."""
        return self._training.run

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Begins the run."""
        if getattr(state, "is_world_process_zero", True):
            step = getattr(state, "global_step", 0)
            # The Trainer continues after the step of its checkpoint.
            resumed = {"resumed_from_step": step + 1} if step else {}
            self._training.begin(config=args, **resumed)

    @harmless
    def on_log(
        self,
        args: Any,
        state: Any,
        control: Any,
        logs: Optional[Dict[str, Any]] = None,
        **more: Any,
    ) -> None:
        """Logs the numbers among ``logs``; the epoch among them is a fraction, such as 0.25."""
        values = numbers(logs)
        values.pop("epoch", None)
        if self.run is not None and values:
            self.run.log(values, step=state.global_step, epoch=getattr(state, "epoch", None))

    @harmless
    def on_save(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Records the directory of a checkpoint."""
        if self.run is not None and self._checkpoints:
            self.run.log_artifact(
                "checkpoint",
                f"{args.output_dir}/checkpoint-{state.global_step}",
                {"step": state.global_step},
            )

    @harmless
    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Ends the run, if it began here; a later training begins another attempt."""
        self._training.end()


class ReportedRun(RunledgerCallback):
    """What ``report_to="runledger"`` stands for: the Trainer makes it without arguments.

    Logs to the run that the process has open; where there is none, a run begins and ends with each
    training, named by ``run_name`` or, in a search of hyperparameters, by the trial.
    """

    _adopts = True

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Begins the run, unless one is open; the configuration also has the model's, as ``model``."""
        if not getattr(state, "is_world_process_zero", True):
            return
        step = getattr(state, "global_step", 0)
        resumed: Dict[str, Any] = {"resumed_from_step": step + 1} if step else {}
        self._training.begin(config=args, **_name(args, state), **resumed)
        self._add_config(args, state, more.get("model"))

    @harmless
    def _add_config(self, args: Any, state: Any, model: Any) -> None:
        run = self.run
        if run is None:
            return
        known = getattr(state, "trial_params", None)
        added: Dict[str, Any] = dict(known) if known else {}
        if not self._training.begins_runs:
            added = {**config_values(args), **added}
        config = getattr(model, "config", None)
        if config is not None:
            added["model"] = config_values(config)
        if added:
            run.config.update(added)


def _name(args: Any, state: Any) -> Dict[str, Any]:
    if not may_name():
        return {}
    name = getattr(state, "trial_name", None) or getattr(args, "run_name", None)
    # Earlier versions of the Trainer made the one of the other.
    return {} if name is None or name == getattr(args, "output_dir", None) else {"name": name}


@harmless
def _register() -> None:
    # There is neither a function nor an entry point for it: the table is public, and has all names.
    try:
        integrations: Any = importlib.import_module("transformers.integrations.integration_utils")
    except ImportError:  # an earlier version, whose Trainer takes the callback
        return
    integrations.INTEGRATION_TO_CALLBACK.setdefault("runledger", ReportedRun)


_register()
