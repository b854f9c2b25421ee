"""For LightGBM: ``train(..., callbacks=[RunledgerCallback(experiment="7")])``, and its estimators."""

from __future__ import annotations

import weakref
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import harmless
from runledger.run import Run
from runledger.starting import init


class RunledgerCallback:
    """Logs the evaluation of each iteration, as ``DATA/METRIC``; of ``cv`` also ``.../std``.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then a run begins with the first iteration and ends with the last. LightGBM tells callbacks
    neither that another one stopped the training nor that it raised: such a run is completed, or
    failed, when ``train`` has been left and nothing refers to the callback any more, when the next
    training begins, or when the process ends.
    """

    #: After callbacks that log, before the one that stops early: it stops the others, too.
    order = 25
    before_iteration = False

    def __init__(self, run: Optional[Run] = None, **options: Any) -> None:
        self._holder = _Holder(run)
        self._begins_runs = run is None
        self._options = options
        # Not the callback itself: it must stay collectable.
        weakref.finalize(self, _Holder.left, self._holder).atexit = False

    @property
    def run(self) -> Optional[Run]:
        """The run that is logged to; None before the first training."""
        return self._holder.run

    def __call__(self, env: Any) -> None:
        """What LightGBM calls after each iteration."""
        if self._begins_runs and env.iteration == env.begin_iteration:
            self._holder.left()
            self._holder.run = init(**{"config": env.params, **self._options})
            self._holder.under_way = True
        elif env.iteration == env.begin_iteration and self.run is not None:
            self._configure(env)
        self._log(env)

    @harmless
    def _configure(self, env: Any) -> None:
        if self.run is not None:
            self.run.config.update(env.params)

    @harmless
    def _log(self, env: Any) -> None:
        values: Dict[str, Any] = {}
        for data, metric, value, _, *deviation in env.evaluation_result_list or ():
            values[f"{data}/{metric}"] = value
            if deviation and deviation[0] is not None:
                values[f"{data}/{metric}/std"] = deviation[0]
        run = self.run
        if run is not None and values:
            run.log(numbers(values), step=env.iteration)
        if run is not None and self._begins_runs and env.iteration == env.end_iteration - 1:
            self._holder.under_way = False
            run.finish()


class _Holder:
    """The run of a callback, which outlives it."""

    def __init__(self, run: Optional[Run]) -> None:
        self.run = run
        self.under_way = False

    @harmless
    def left(self) -> None:
        """Ends a run whose training did not reach its last iteration, according to how it was left."""
        run = self.run
        if run is not None and self.under_way:
            self.under_way = False
            if not run._training_is_over(True, 1, frozenset()):
                run._end("completed", None, None)
