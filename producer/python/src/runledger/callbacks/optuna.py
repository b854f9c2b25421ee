"""For Optuna: each trial is a run.

    @trials(experiment="7")
    def objective(trial, run):
        ...
"""

from __future__ import annotations

import functools
import importlib
import math
from typing import Any, Callable, Dict

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import harmless
from runledger.run import Run
from runledger.starting import init

_optuna: Any = importlib.import_module("optuna")

_Objective = Callable[[Any, Run], Any]


def trials(**options: Any) -> Callable[[_Objective], Callable[[Any], Any]]:
    """Makes an objective of a function that takes the trial and its run.

    ``options`` are the arguments of ``runledger.init``. With a part of the run key each trial is the
    run of this key whose seed is the number of the trial; otherwise the runs are in a project named
    after the study. The parameters become the configuration, what ``trial.report`` is given is logged
    as ``intermediate_value``, and the values become results. A trial that is pruned completes its
    run with the reason ``pruned``; one that raises, or whose value Optuna refuses, fails it.
    """

    def objective_of(function: _Objective) -> Callable[[Any], Any]:
        @functools.wraps(function)
        def objective(trial: Any) -> Any:
            with init(**{**_names(trial, options), **options}) as run:
                _mark(trial, run)
                report = _report(trial, run)
                try:
                    values = function(trial, run)
                finally:
                    _add_parameters(trial, run)
                    _restore(trial, report)
                _record(trial, run, values)
            return values

        # Optuna, and whoever else reads the signature, must not see the second parameter.
        del objective.__wrapped__
        return objective

    return objective_of


def _names(trial: Any, options: Dict[str, Any]) -> Dict[str, Any]:
    study, number = _study(trial), trial.number
    if any(options.get(part) is not None for part in ("experiment", "dataset", "method", "subject", "cl_info")):
        return {"seed": number, "name": f"{study}-{number}"}
    return {"project": study, "name": f"trial-{number}"}


@harmless
def _study(trial: Any) -> Any:
    return trial.study.study_name


@harmless
def _mark(trial: Any, run: Run) -> None:
    trial.set_user_attr("runledger_run_id", run.run_id)


@harmless
def _report(trial: Any, run: Run) -> Any:
    """Lets this trial log what it reports; returns the method that it had."""
    before = trial.report

    @functools.wraps(before)
    def report(value: float, step: int) -> None:
        before(value, step)
        _add_parameters(trial, run)
        run.log({"intermediate_value": value}, step=step)

    trial.report = report
    return before


@harmless
def _restore(trial: Any, report: Any) -> None:
    if report is not None:
        del trial.report


@harmless
def _add_parameters(trial: Any, run: Run) -> None:
    new = {name: value for name, value in trial.params.items() if name not in run.config}
    if new:
        run.config.update(new)


@harmless
def _record(trial: Any, run: Run, values: Any) -> None:
    several = values if isinstance(values, (list, tuple)) else [values]
    names = getattr(trial.study, "metric_names", None)
    if not names or len(names) != len(several):
        names = ["value"] if several is not values else [f"value_{at}" for at in range(len(several))]
    found = numbers(dict(zip(names, several)))
    if found:
        run.results(found)
    if len(found) < len(several) or any(math.isnan(value) for value in found.values()):
        run.finish("failed", reason="the objective returned what is not a number")
