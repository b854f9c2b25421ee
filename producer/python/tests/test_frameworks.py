"""What the package records of training libraries, over stand-ins; deploy/frameworks has the real ones."""

import gc
import logging
import types
import unittest
from unittest import mock

import runledger
from fakes import Trainings, fake, lightning, module_over


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


if __name__ == "__main__":
    unittest.main()
