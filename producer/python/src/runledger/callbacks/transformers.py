"""For Hugging Face's Trainer: ``Trainer(..., callbacks=[RunledgerCallback(experiment="7")])``."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.run import Run
from runledger.starting import init

_Callback: Any = importlib.import_module("transformers").TrainerCallback


class RunledgerCallback(_Callback):  # type: ignore[misc]
    """Logs what the Trainer logs, and its checkpoints.

    Either a run that the caller began and ends, or what ``runledger.init`` takes: then the run begins
    with the training, with the arguments of the Trainer as its configuration, and ends with it.
    """

    def __init__(self, run: Optional[Run] = None, **options: Any) -> None:
        self.run = run
        self._options = options
        self._begun_here = run is None

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Begins the run."""
        if self.run is None and getattr(state, "is_world_process_zero", True):
            options: Dict[str, Any] = {"config": args, **self._options}
            step = getattr(state, "global_step", 0)
            if step:
                # The Trainer goes on after the step of its checkpoint.
                options.setdefault("resumed_from_step", step + 1)
            self.run = init(**options)

    def on_log(
        self,
        args: Any,
        state: Any,
        control: Any,
        logs: Optional[Dict[str, Any]] = None,
        **more: Any,
    ) -> None:
        """Logs the numbers among ``logs``; the fraction of the epoch stays among them."""
        values = numbers(logs)
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
        if self.run is not None and self._begun_here:
            self.run.finish()
            self.run = None
