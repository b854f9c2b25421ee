"""For XGBoost: ``train(..., callbacks=[RunledgerCallback(experiment="7")])``, and its estimators."""

from __future__ import annotations

import importlib
import json
from typing import Any, Dict, Mapping, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import Training, harmless
from runledger.run import Run

_xgboost: Any = importlib.import_module("xgboost")


class RunledgerCallback(_xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """Logs the evaluation of each iteration, as ``DATA/METRIC``; of ``cv`` also ``.../std``.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then the run begins and ends with ``train``. XGBoost shows no exception to callbacks: where
    ``train`` raises, the run fails, with its traceback only if nobody catches the exception. Of
    several workers only the first records.
    """

    def __init__(self, run: Optional[Run] = None, **options: Any) -> None:
        super().__init__()
        self._training = Training(self, "train", run, options)

    @property
    def run(self) -> Optional[Run]:
        """The run that is logged to; None before the first training."""
        return self._training.run

    def before_training(self, model: Any) -> Any:
        """Begins the run, with the parameters of the booster as its configuration."""
        if _rank() in (0, None):
            self._training.begin(config=_parameters(model))
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Logs the newest values; never stops the training."""
        self._log(epoch, evals_log)
        return False

    def after_training(self, model: Any) -> Any:
        """Ends the run, if it began here; the best iteration and score are in the summary."""
        self._end(model)
        return model

    @harmless
    def _log(self, epoch: int, evals_log: Mapping[str, Any]) -> None:
        values: Dict[str, Any] = {}
        for data, metrics in evals_log.items():
            for metric, history in metrics.items():
                newest = history[-1]
                if isinstance(newest, tuple):
                    newest, values[f"{data}/{metric}/std"] = newest
                values[f"{data}/{metric}"] = newest
        if self.run is not None and values:
            self.run.log(numbers(values), step=epoch)

    @harmless
    def _end(self, model: Any) -> None:
        found: Mapping[str, Any] = getattr(model, "attributes", dict)()
        best = {name: found.get(name) for name in ("best_iteration", "best_score")}
        if self.run is not None and None not in best.values():
            self.run.summary.update(numbers(best))
        self._training.end()


@harmless
def _rank() -> Optional[int]:
    collective = getattr(_xgboost, "collective", None)
    return None if collective is None else int(collective.get_rank())


@harmless
def _parameters(model: Any) -> Optional[Dict[str, Any]]:
    """What the booster was made with, defaults included; its objects whose names end in ``_param``."""
    if not hasattr(model, "save_config"):
        return None
    found: Dict[str, Any] = {}
    waiting = [json.loads(model.save_config())["learner"]]
    while waiting:
        for name, value in waiting.pop().items():
            if name in ("generic_param", "learner_train_param", "tree_train_param", "gblinear_train_param"):
                found.update(value)
            elif isinstance(value, dict):
                waiting.append(value)
    return {name: _value(text) for name, text in found.items()}


def _value(text: Any) -> Any:
    """The number that XGBoost has as a text."""
    for kind in (int, float):
        try:
            return kind(text)
        except (TypeError, ValueError):
            continue
    return text
