"""Hydra, Optuna and joblib: many trainings of one command, in one process or in several."""

import itertools
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List

import optuna
from ledger import LedgerTest, Run, failed, program, series

# The programs' own modules, of which the expectations are made.
import joblib_folds
import joblib_sweep
import optuna_study
from training import losses


class Hydra(LedgerTest):

    def test_the_jobs_of_a_sweep_in_one_process_are_runs_of_their_own(self) -> None:
        self.sweep("hydra-basic")

    def test_the_jobs_of_a_sweep_by_joblib_are_runs_of_their_own(self) -> None:
        self.sweep("hydra-joblib", "hydra/launcher=joblib", "hydra.launcher.n_jobs=3")

    def test_jobs_that_end_nothing_themselves_are_judged_by_their_function(self) -> None:
        for experiment, *overrides in (
            ("plain-basic",),
            ("plain-joblib", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
        ):
            with self.subTest(experiment):
                self.sweep(experiment, *overrides, script="hydra_train_plain.py")

    def sweep(self, experiment: str, *overrides: str, script: str = "hydra_train.py") -> None:
        seeds, rates, steps = [1, 2], [0.25, 0.5, 2.5], 7

        # Hydra runs all the jobs of the sweep, and exits with 1 as one of them failed.
        self.run_program(
            sys.executable,
            program(script),
            "--multirun",
            f"experiment={experiment}",
            "seed=" + ",".join(map(str, seeds)),
            "rate=" + ",".join(map(str, rates)),
            f"steps={steps}",
            *overrides,
            code=1,
        )

        self.assert_runs(
            experiment,
            {
                f"{experiment}/-/{rate}/-/-/{seed}": Run(
                    config={
                        "experiment": experiment,
                        "seed": seed,
                        "rate": rate,
                        "steps": steps,
                        "optimizer": {"name": "sgd", "momentum": 0.9},
                        "layers": [64, 32],
                    },
                    metrics={} if failed(rate) else {"loss": series(losses(rate, steps))},
                    **(failed(rate) if script == "hydra_train.py" else left_by(failed(rate))),
                )
                for seed, rate in itertools.product(seeds, rates)
            },
        )


def left_by(expected: Dict[str, Any]) -> Dict[str, Any]:
    """What is known about a failure that was caught: before Python 3.12 not the error itself."""
    if not expected:
        return {}
    ((error, message),) = expected["errors"]
    if sys.version_info < (3, 12):
        reason = "an exception left main()"
        return {**expected, "reason": reason, "errors": (("failed", reason),)}
    return {**expected, "reason": f"{error} left main()"}


class Optuna(LedgerTest):

    def test_the_trials_of_four_processes_on_one_study_are_runs_as_the_study_knows_them(self) -> None:
        processes, trials_each = 4, 5
        file = str(Path(os.environ["TOOLS_DIRECTORY"], "study.log"))
        study = optuna_study.open_study(file)
        for rate in (0.06, 0.6, 2.2):
            # One that is pruned, one that completes, one that fails; the others are Optuna's choice.
            study.enqueue_trial({"rate": rate})

        worker = [sys.executable, program("optuna_study.py"), file, str(trials_each)]
        with ThreadPoolExecutor(processes) as threads:
            list(threads.map(lambda _: self.run_program(*worker), range(processes)))

        trials = study.get_trials()
        self.assertEqual(len(trials), processes * trials_each)
        states = {trial.state for trial in trials}
        state = optuna.trial.TrialState
        self.assertEqual(states, {state.COMPLETE, state.PRUNED, state.FAIL})
        self.assert_runs("optuna", {f"optuna/-/-/-/-/{one.number}": self.expected(one) for one in trials})

    def expected(self, trial: optuna.trial.FrozenTrial) -> Run:
        values: List[float] = [trial.intermediate_values[step] for step in sorted(trial.intermediate_values)]
        metrics = {"loss": series(values)} if values else {}
        if trial.state == optuna.trial.TrialState.FAIL:
            return Run(trial.params, metrics, **failed(trial.params["rate"]))
        if trial.state == optuna.trial.TrialState.PRUNED:
            return Run(trial.params, metrics, reason="pruned")
        self.assertEqual(values, losses(trial.params["rate"], optuna_study.STEPS))
        return Run(trial.params, metrics)


class Joblib(LedgerTest):

    def test_tasks_that_begin_runs_of_their_own_are_these_runs(self) -> None:
        trials = {1: 0.25, 2: 0.5, 3: 1.0, 4: 3.0, 5: 0.125, 6: 0.75, 7: 0.875}

        self.run_program(
            sys.executable,
            program("joblib_sweep.py"),
            "joblib-sweep",
            *(f"{seed}:{rate}" for seed, rate in trials.items()),
        )

        self.assert_runs(
            "joblib-sweep",
            {
                f"joblib-sweep/-/-/-/-/{seed}": Run(
                    config={"rate": rate},
                    metrics={} if failed(rate) else {"loss": series(losses(rate, joblib_sweep.STEPS))},
                    **failed(rate),
                )
                for seed, rate in trials.items()
            },
        )

    def test_workers_that_join_are_parts_of_the_one_run(self) -> None:
        rates = [0.25, 0.5, 0.75, 0.125]

        self.run_program(sys.executable, program("joblib_folds.py"), "joblib-folds", *map(str, rates))

        folds = [losses(rate, joblib_folds.STEPS) for rate in rates]
        mean = sum(fold[-1] for fold in folds) / len(folds)
        self.assert_runs(
            "joblib-folds",
            {
                "joblib-folds/-/-/-/-/-": Run(
                    config={"folds": len(rates)},
                    metrics={
                        "loss": series([mean]),
                        **{f"fold{number}/loss": series(fold) for number, fold in enumerate(folds)},
                    },
                )
            },
        )
