"""For Hugging Face's Trainer: ``Trainer(..., callbacks=[RunledgerCallback(experiment="7")])``."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import Training
from runledger.run import Run

_Callback: Any = importlib.import_module("transformers").TrainerCallback


class RunledgerCallback(_Callback):  # type: ignore[misc]
    """Logs what the Trainer logs, and its checkpoints.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then the run begins and ends with the training, and the arguments of the Trainer are its
    configuration. The
    Trainer shows no exception to callbacks: where ``train`` raises, the run fails, with its
    traceback only if nobody catches the exception. An evaluation after the training is logged,
    too.
    """

    def __init__(self, run: Optional[Run] = None, **options: Any) -> None:
        self._training = Training(self, "train", run, options)

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

    def on_save(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Records the directory of a checkpoint."""
        if self.run is not None:
            self.run.log_artifact(
                "checkpoint",
                f"{args.output_dir}/checkpoint-{state.global_step}",
                {"step": state.global_step},
            )

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Ends the run, if it began here; a later training begins another attempt."""
        self._training.end()
