"""What the package records of training libraries, over stand-ins; deploy/frameworks has the real ones."""

import gc
import logging
import types
import unittest
from unittest import mock

import runledger
from fakes import Trainings, fake, lightning, module_over
from runledger import process_end


class ReportToTest(Trainings):
    def setUp(self):
        super().setUp()
        self.integrations = fake("transformers.integrations.integration_utils", INTEGRATION_TO_CALLBACK={})
        module_over(
            "transformers",
            transformers=fake("transformers", TrainerCallback=1),
            **{"transformers.integrations.integration_utils": self.integrations})

    def train(self, **arguments):
        """What the Trainer does: it makes the callback, without arguments."""
        callback = self.integrations.INTEGRATION_TO_CALLBACK["runledger"]()
        state = types.SimpleNamespace(global_step=0, epoch=0.0, is_world_process_zero=True)
        arguments = types.SimpleNamespace(**{"output_dir": "out", "max_steps": 1, **arguments})
        model = types.SimpleNamespace(config=types.SimpleNamespace(layers=3))
        callback.on_train_begin(arguments, state, None, model=model)
        state.global_step, state.epoch = 1, 0.5
        callback.on_log(arguments, state, None, {"loss": 1.0, "epoch": 0.5})
        callback.on_train_end(arguments, state, None)

    def test_the_run_is_named_by_run_name(self):
        self.train(run_name="tiny")

        first, second = self.of("start")
        self.assertEqual("tiny", first["name"])
        self.assertEqual({"model": {"layers": 3}}, second["config"])
        self.assertEqual(["completed"], self.statuses())

    def test_a_run_that_is_open_is_the_run(self):
        with runledger.init(experiment="t") as run:
            self.train(run_name="tiny")
            self.assertEqual([], self.statuses())

        self.assertEqual({"t"}, {start["experiment"] for start in self.of("start") if "pid" in start})
        self.assertEqual(3, run.config["model"]["layers"])
        self.assertEqual([1], [line["step"] for line in self.points()])

    def test_what_a_hook_cannot_use_stays_in_it(self):
        callback = self.integrations.INTEGRATION_TO_CALLBACK["runledger"]()
        with self.assertLogs("runledger", logging.WARNING) as logged:
            with runledger.init(experiment="t"):
                callback.on_train_begin(None, None, None)
                callback.on_log(None, None, None, {"loss": 1.0})
                callback.on_log(None, None, None, {"loss": 1.0})
                callback.on_save(None, None, None)
                callback.on_train_end(None, None, None)

        self.assertEqual(1, sum("on_log recorded nothing" in line for line in logged.output))
        self.assertEqual(["completed"], self.statuses())


class AccelerateTest(Trainings):
    def setUp(self):
        super().setUp()
        self.registered = []
        self.tracker = module_over("accelerate", **{"accelerate.tracking": fake(
            "accelerate.tracking", GeneralTracker=1, on_main_process=lambda method: method,
            LOGGER_TYPE_TO_CLASS={}, register_tracker_class=self.registered.append,
        )}).RunledgerTracker

    def train(self, tracker):
        tracker.start()
        tracker.store_init_configuration({"rate": 0.5})
        tracker.log({"loss": 1.0, "note": "text", "epoch": 2}, step=7)
        tracker.finish()

    def test_the_project_names_the_run_that_begins_and_ends_with_the_training(self):
        self.assertEqual([self.tracker], self.registered)
        self.train(self.tracker("tiny"))

        self.assertEqual("tiny", self.of("start")[0]["project"])
        self.assertEqual({"rate": 0.5}, self.of("start")[1]["config"])
        (point,) = self.points()
        self.assertEqual(({"loss": 1.0}, 7, 2), (point["metrics"], point["step"], point["epoch"]))
        self.assertEqual(["completed"], self.statuses())

    def test_a_version_that_does_not_start_trackers_has_a_run_too(self):
        self.tracker(experiment="a").log({"loss": 1.0})

        self.assertEqual("a", self.of("start")[0]["experiment"])

    def test_a_run_of_the_caller_stays_open(self):
        run = runledger.init(experiment="a")
        self.train(self.tracker("tiny", run=run))
        self.train(self.tracker("tiny"))

        self.assertEqual([], self.statuses())
        self.assertEqual(2, len(self.points()))


class LightningLoggerTest(Trainings):
    def setUp(self):
        super().setUp()
        library, self.rank = lightning()
        self.logger = module_over("lightning", **library).RunledgerLogger

    def fit(self, logger, error=None):
        """What the Trainer does: its exception is being handled while it finalizes."""
        logger.experiment
        logger.log_hyperparams({"rate": 0.5})
        logger.log_metrics({"loss": 1.0, "epoch": 2}, step=7)
        try:
            if error is not None:
                raise error
        except type(error):
            logger.finalize("failed")
        else:
            logger.finalize("success")

    def test_a_fit_that_succeeds_completes_the_run_and_a_test_logs_to_it(self):
        logger = self.logger(experiment="l/7", save_dir="out")
        self.assertIsNone(logger.version)
        self.fit(logger)
        logger.log_metrics({"test_loss": 2.0}, step=7)
        logger.finalize("success")

        self.assertEqual(("l-7", "out"), (logger.name, logger.save_dir))
        self.assertEqual(logger.experiment.run_id, logger.version)
        self.assertEqual({"rate": 0.5}, self.of("start")[1]["config"])
        (point,) = [point for point in self.points() if "loss" in point["metrics"]]
        self.assertEqual(({"loss": 1.0}, 7, 2), (point["metrics"], point["step"], point["epoch"]))
        self.assertEqual(["completed"], self.statuses())
        self.assertEqual(2, len(self.points()))

    def test_a_fit_that_raises_fails_the_run_with_the_error(self):
        self.fit(self.logger(experiment="l"), ValueError("bad shape"))

        self.assertEqual(["failed"], self.statuses())
        self.assertEqual(["ValueError"], [error["type"] for error in self.of("error")])

    def test_checkpoints_are_recorded_unless_they_are_not_to_be(self):
        saved = types.SimpleNamespace(_last_checkpoint_saved=__file__)
        for checkpoints in (True, False):
            self.logger(experiment="l", checkpoints=checkpoints).after_save_checkpoint(saved)

        self.assertEqual([__file__], [artifact["path"] for artifact in self.of("artifact")])

    def test_the_word_before_a_requeue_ends_nothing(self):
        logger = self.logger(experiment="l")
        logger.experiment
        logger.finalize("finished")

        self.assertEqual([], self.statuses())

    def test_the_run_of_the_caller_ends_with_its_block(self):
        with runledger.init(experiment="l") as run:
            self.fit(self.logger(run))
        with runledger.init(experiment="l"):
            self.fit(self.logger(), ValueError("bad shape"))

        self.assertEqual(["completed", "failed"], self.statuses())
        self.assertEqual(["fit raised ValueError"], [
            line["reason"] for file in self.files() for line in self.by_kind("status", file) if "reason" in line])

    def test_another_rank_records_nothing(self):
        self.rank.rank = 1
        logger = self.logger(experiment="l")
        logger.log_hyperparams({"rate": 0.5})
        logger.log_metrics({"loss": 1.0}, step=1)
        logger.finalize("success")

        self.assertEqual([], self.files())

    def test_a_copy_for_another_process_has_no_run_yet(self):
        logger = self.logger(experiment="l")
        logger.experiment

        self.assertIsNone(logger.__getstate__()["_run"])

    def test_the_name_that_is_imported_is_the_library(self):
        module = module_over("lightning", **lightning("pytorch_lightning")[0])

        self.assertEqual("pytorch_lightning", module._lightning.__name__)


class XgboostTest(Trainings):
    class Booster:
        def save_config(self):
            return ('{"learner": {"learner_train_param": {"objective": "reg:squarederror"},'
                    ' "gradient_booster": {"tree_train_param": {"eta": "0.5", "max_depth": "2"}}}}')

        def attributes(self):
            return {"best_iteration": "1", "best_score": "0.25"}

    def test_a_training_is_a_run_with_the_parameters_of_the_booster(self):
        library = fake("xgboost", callback=fake("xgboost.callback", TrainingCallback=1))
        callback = module_over("xgboost", xgboost=library).RunledgerCallback(experiment="x")
        model = self.Booster()
        self.assertIs(model, callback.before_training(model))
        self.assertIs(False, callback.after_iteration(model, 0, {"val": {"rmse": [0.5], "map": [(0.5, 0.1)]}}))
        self.assertIs(False, callback.after_iteration(None, 1, None))
        self.assertIs(model, callback.after_training(model))

        (start,) = self.of("start")
        self.assertEqual({"objective": "reg:squarederror", "eta": 0.5, "max_depth": 2}, start["config"])
        self.assertEqual([{"val/rmse": 0.5, "val/map": 0.5, "val/map/std": 0.1}], self.of("metrics"))
        self.assertEqual([{"best_iteration": 1.0, "best_score": 0.25}], self.of("results"))
        self.assertEqual(["completed"], self.statuses())


class LightGbmTest(Trainings):
    def train(self, callback, iterations=3, stops=None, error=None):
        """What LightGBM does: a callback ends the loop with an exception, and the others do not learn of it."""
        for iteration in range(iterations):
            callback(types.SimpleNamespace(
                params={"num_leaves": 4}, iteration=iteration, begin_iteration=0, end_iteration=iterations,
                evaluation_result_list=[("val", "auc", 0.5, True), ("cv", "auc", 0.5, True, 0.1)]))
            if iteration == stops:
                if error is not None:
                    raise error
                break
        return None

    def setUp(self):
        super().setUp()
        self.callback = module_over("lightgbm").RunledgerCallback

    def test_a_training_that_reaches_its_last_iteration_completes_its_run(self):
        self.train(self.callback(experiment="g"))

        self.assertEqual([{"num_leaves": 4}], [start["config"] for start in self.of("start")])
        self.assertEqual([0, 1, 2], [point["step"] for point in self.points()])
        self.assertEqual({"val/auc": 0.5, "cv/auc": 0.5, "cv/auc/std": 0.1}, self.points()[0]["metrics"])
        self.assertEqual(["completed"], self.statuses())

    def test_one_that_is_stopped_is_completed_when_the_callback_is_forgotten(self):
        callback = self.callback(experiment="g")
        self.train(callback, stops=1)
        del callback
        # What happens each second: the run refers to the function in which it began until that is left.
        process_end._look()
        gc.collect()

        self.assertEqual(["completed"], self.statuses())

    def test_one_that_raised_fails_when_the_next_one_begins(self):
        callback = self.callback(experiment="g")
        with self.assertRaises(ValueError):
            self.train(callback, stops=1, error=ValueError("bad shape"))
        self.train(callback)

        self.assertEqual(["failed", "completed"], self.statuses())


class OptunaTest(Trainings):
    class Trial:
        number = 4
        study = types.SimpleNamespace(study_name="study", metric_names=None)

        def __init__(self):
            self.params, self.attributes, self.reported = {}, {}, []

        def set_user_attr(self, name, value):
            self.attributes[name] = value

        def suggest(self, name, value):
            self.params[name] = value
            return value

        def report(self, value, step):
            self.reported.append((value, step))

    def setUp(self):
        super().setUp()
        self.trials = module_over("optuna", optuna=fake("optuna")).trials

    def test_a_trial_is_a_run_with_its_parameters_reports_and_values(self):
        @self.trials(experiment="o")
        def objective(trial, run):
            trial.report(trial.suggest("rate", 0.5), 7)
            return 0.25, 4

        trial = self.Trial()
        self.assertEqual((0.25, 4), objective(trial))

        start, more = self.of("start")
        self.assertEqual(("o", 4, "study-4"), (start["experiment"], start["seed"], start["name"]))
        self.assertEqual({"rate": 0.5}, more["config"])
        self.assertEqual([{"intermediate_value": 0.5}], self.of("metrics"))
        self.assertEqual([{"value_0": 0.25, "value_1": 4.0}], self.of("results"))
        self.assertEqual([(0.5, 7)], trial.reported)
        self.assertNotIn("report", vars(trial))
        self.assertEqual(["completed"], self.statuses())

    def test_a_trial_that_is_pruned_raises_on_and_completes_its_run(self):
        pruned = type("TrialPruned", (Exception,), {"__module__": "optuna.exceptions"})

        @self.trials()
        def objective(trial, run):
            raise pruned()

        with self.assertRaises(pruned):
            objective(self.Trial())
        self.assertEqual([("study", "trial-4")], [(one["project"], one["name"]) for one in self.of("start")])
        self.assertEqual(["completed"], self.statuses())

    def test_a_value_that_is_not_a_number_fails_the_run_and_is_returned(self):
        @self.trials(experiment="o")
        def objective(trial, run):
            return "low"

        self.assertEqual("low", objective(self.Trial()))
        self.assertEqual(["failed"], self.statuses())


class SklearnTest(Trainings):
    def setUp(self):
        super().setUp()

        class BaseEstimator:
            def __init__(self, **parameters):
                self.parameters = parameters

            def get_params(self, deep):
                return self.parameters

        class Tree(BaseEstimator):
            def fit(self, error=None):
                if error is not None:
                    raise error
                return self

            def predict(self):
                return 7

            def score(self):
                return 0.5

        class Search(Tree):
            def fit(self):
                Tree(depth=1).fit()
                super().fit()
                self.cv_results_ = {"params": [{"depth": 1}, {"depth": 2}], "mean_test_score": [0.25, 0.5]}
                self.best_params_ = {"depth": 2}
                return self

        def cross_validate(estimator):
            return {"test_score": [estimator.fit().score() for _ in range(3)], "fit_time": [1.0] * 3}

        self.Base, self.Tree, self.Search = BaseEstimator, Tree, Search
        selection = {"cross_validate": cross_validate}
        names = ("sklearn.base", "sklearn.model_selection", "sklearn.model_selection._validation")
        self.selection = fake(names[1], **selection)
        self.module = module_over("sklearn", **{
            names[0]: fake(names[0], BaseEstimator=BaseEstimator), names[1]: self.selection,
            names[2]: fake(names[2], **selection)})
        self.addCleanup(self.module.stop)

    def test_a_fit_is_a_run_with_parameters_and_the_score_that_was_asked_for(self):
        self.module.autolog(experiment="s")
        self.assertEqual(0.5, self.Tree(depth=3).fit().score())

        (start,) = self.of("start")
        self.assertEqual(("s", 3), (start["experiment"], start["config"]["depth"]))
        self.assertTrue(start["config"]["class"].endswith("Tree"))
        self.assertEqual([{"score": 0.5}], self.of("results"))
        self.assertEqual(["completed"], self.statuses())

    def test_what_a_search_or_a_cross_validation_fits_is_a_part_of_it(self):
        self.module.autolog()
        self.Search().fit()
        self.selection.cross_validate(self.Tree())

        self.assertEqual(["Search", "Tree"], [start["name"] for start in self.of("start")])
        self.assertEqual(
            [{"mean_test_score": 0.25}, {"mean_test_score": 0.5}, *[{"test_score": 0.5}] * 3], self.of("metrics"))
        self.assertEqual(
            [{"best_params": {"depth": 2}, "candidates": [{"depth": 1}, {"depth": 2}]}, {"mean_test_score": 0.5}],
            self.of("results"))

    def test_a_fit_that_raises_fails_its_run_and_raises_the_same(self):
        self.module.autolog()
        error = ValueError("bad shape")
        with self.assertRaises(ValueError) as raised:
            self.Tree().fit(error)

        self.assertIs(error, raised.exception)
        self.assertEqual(["failed"], self.statuses())

    def test_stop_restores_every_class(self):
        before = [dict(vars(kind)) for kind in (self.Base, self.Tree, self.Search)]
        self.module.autolog()
        later = type("Later", (self.Tree,), {"fit": lambda self: self})
        self.assertIn("__wrapped__", vars(later.fit))
        self.module.stop()

        self.assertEqual(before, [dict(vars(kind)) for kind in (self.Base, self.Tree, self.Search)])
        self.assertNotIn("__wrapped__", vars(later.fit))
        self.Tree().fit()
        self.assertEqual([], self.files())

    def test_an_estimator_that_our_part_cannot_read_is_trained(self):
        self.module.autolog()
        tree = self.Tree()
        with mock.patch.object(self.module, "init", side_effect=RuntimeError("ours")):
            with self.assertLogs("runledger", logging.WARNING):
                self.assertIs(tree, tree.fit())


if __name__ == "__main__":
    unittest.main()
