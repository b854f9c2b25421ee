"""Studies with the real Optuna: each trial is a run."""

import unittest

import optuna
from recorded import FrameworkTest

from runledger.callbacks.optuna import trials

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Optuna(FrameworkTest):

    def test_the_trials_are_runs_as_the_study_knows_them(self):
        @trials(experiment="optuna", dataset="line")
        def objective(trial, run):
            rate = trial.suggest_float("rate", 0, 1)
            for step in range(3):
                run.log({"loss": rate * step}, step=step)
                trial.report(rate * step, step)
                if rate > 0.7:
                    raise optuna.TrialPruned()
            if rate > 0.6:
                raise ValueError("diverged")
            return float("nan") if rate > 0.5 else rate

        study = optuna.create_study(study_name="study")
        for rate in (0.25, 0.75, 0.65, 0.55):
            study.enqueue_trial({"rate": rate})
        study.optimize(objective, n_trials=4, catch=ValueError)

        attempts = sorted(self.attempts(), key=lambda one: one.start["seed"])
        self.assertEqual([0.25, 0.75, 0.65, 0.55], [one.config["rate"] for one in attempts])
        self.assertEqual(
            ["completed", "completed pruned", "failed ValueError",
             "failed the objective returned what is not a number"],
            [end for one in attempts for end in one.ends])
        self.assertEqual(
            ["COMPLETE", "PRUNED", "FAIL", "FAIL"], [one.state.name for one in study.trials])
        for trial, attempt in zip(study.trials, attempts):
            self.assertEqual(list(trial.intermediate_values.values()), attempt.series("intermediate_value"))
            self.assertEqual(attempt.run_id, trial.user_attrs["runledger_run_id"])
        self.assertEqual({"value": 0.25}, attempts[0].summary)
        self.assertEqual("study-0", attempts[0].start["name"])

    def test_a_study_without_a_key_is_a_project_and_threads_do_not_disturb_each_other(self):
        @trials(tags=["search"])
        def objective(trial, run):
            rate = trial.suggest_float("rate", 0, 1)
            return rate, 1 - rate

        study = optuna.create_study(study_name="both", directions=["minimize", "maximize"])
        study.optimize(objective, n_trials=6, n_jobs=3)

        attempts = self.attempts()
        self.assertEqual({"both"}, {one.start["project"] for one in attempts})
        self.assertEqual(
            {f"trial-{one.number}": dict(zip(("value_0", "value_1"), one.values)) for one in study.trials},
            {one.start["name"]: one.summary for one in attempts})


if __name__ == "__main__":
    unittest.main()
