"""One of several processes that work on the same study. Arguments: the storage's file, how many trials."""

import sys

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

import runledger
from training import Diverged, training

STEPS = 6


def objective(trial: optuna.Trial) -> float:
    rate = trial.suggest_float("rate", 0.05, 2.5)
    with runledger.init(experiment="optuna", seed=trial.number, config=trial.params) as run:
        for step, loss in enumerate(training(rate, STEPS)):
            run.log({"loss": loss}, step=step)
            trial.report(loss, step)
            if trial.should_prune():
                raise optuna.TrialPruned()
    return loss


def open_study(file: str) -> optuna.Study:
    return optuna.create_study(
        storage=JournalStorage(JournalFileBackend(file)),
        study_name="tools",
        load_if_exists=True,
        pruner=optuna.pruners.ThresholdPruner(upper=0.7, n_warmup_steps=2),
    )


if __name__ == "__main__":
    open_study(sys.argv[1]).optimize(objective, n_trials=int(sys.argv[2]), catch=(Diverged,))
