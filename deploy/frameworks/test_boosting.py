"""Trainings with the real XGBoost and LightGBM."""

import gc
import unittest

import lightgbm
import numpy
import xgboost
from recorded import FrameworkTest

import runledger
from runledger.callbacks.lightgbm import RunledgerCallback as LightGbmCallback
from runledger.callbacks.xgboost import RunledgerCallback as XgboostCallback

RANDOM = numpy.random.RandomState(1)
X = RANDOM.rand(120, 3)
Y = (X[:, 0] + 0.1 * RANDOM.rand(120) > 0.5).astype(int)
NOISE = RANDOM.randint(0, 2, 120)


class Xgboost(FrameworkTest):
    PARAMETERS = {"max_depth": 2, "objective": "binary:logistic", "eta": 0.5}

    def train(self, rounds=4, labels=Y, callbacks=(), **options):
        data, validation = xgboost.DMatrix(X, Y), xgboost.DMatrix(X, labels)
        found = {}
        xgboost.train(
            self.PARAMETERS, data, rounds, evals=[(validation, "val")], evals_result=found,
            verbose_eval=False, callbacks=list(callbacks), **options)
        return found["val"]["logloss"]

    def test_the_evaluations_are_those_that_xgboost_returns(self):
        returned = self.train(callbacks=[XgboostCallback(experiment="x")])

        attempt = self.attempt()
        self.assertEqual(returned, attempt.series("val/logloss"))
        self.assertEqual([0, 1, 2, 3], attempt.steps("val/logloss"))
        self.assertEqual((2, 0.5), (attempt.config["max_depth"], round(attempt.config["eta"], 6)))
        self.assertEqual("binary:logistic", attempt.config["objective"])
        self.assertEqual(["completed"], attempt.ends)

    def test_a_training_that_stops_early_has_its_best_iteration(self):
        self.train(50, NOISE, [XgboostCallback(experiment="x")], early_stopping_rounds=1)

        attempt = self.attempt()
        scores = attempt.series("val/logloss")
        self.assertLess(len(scores), 50)
        self.assertEqual(float(scores.index(min(scores))), attempt.summary["best_iteration"])
        self.assertEqual(["completed"], attempt.ends)

    def test_cross_validation_and_estimators_are_recorded(self):
        xgboost.cv(self.PARAMETERS, xgboost.DMatrix(X, Y), 3, nfold=2, callbacks=[XgboostCallback(experiment="x")])
        xgboost.XGBClassifier(n_estimators=2, callbacks=[XgboostCallback(experiment="x")]).fit(X, Y, eval_set=[(X, Y)])

        cv, estimator = self.attempts()
        self.assertEqual(3, len(cv.series("test/logloss/std")))
        self.assertEqual(2, len(estimator.series("validation_0/logloss")))

    def test_a_training_that_raises_fails_its_run(self):
        class Broken(xgboost.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                raise ValueError("the labels are missing")

        callback = XgboostCallback(experiment="x")
        with self.assertRaisesRegex(ValueError, "the labels are missing"):
            self.train(callbacks=[callback, Broken()])
        self.train(callbacks=[callback])

        self.assertEqual(
            [["failed train began and did not return"], ["completed"]], [one.ends for one in self.attempts()])


class LightGbm(FrameworkTest):
    PARAMETERS = {"objective": "binary", "num_leaves": 4, "verbosity": -1}

    def train(self, rounds=4, labels=Y, callbacks=()):
        data = lightgbm.Dataset(X, Y)
        found = {}
        lightgbm.train(
            self.PARAMETERS, data, rounds, valid_sets=[lightgbm.Dataset(X, labels, reference=data)],
            valid_names=["val"], callbacks=[*callbacks, lightgbm.record_evaluation(found)])
        return found["val"]["binary_logloss"]

    def test_the_evaluations_are_those_that_lightgbm_records(self):
        returned = self.train(callbacks=[LightGbmCallback(experiment="g")])

        attempt = self.attempt()
        self.assertEqual(returned, attempt.series("val/binary_logloss"))
        self.assertEqual([0, 1, 2, 3], attempt.steps("val/binary_logloss"))
        self.assertEqual(4, attempt.config["num_leaves"])
        self.assertEqual(["completed"], attempt.ends)

    def test_a_training_that_stops_early_is_completed_when_the_next_one_begins(self):
        callback = LightGbmCallback(experiment="g")
        returned = self.train(50, NOISE, [callback, lightgbm.early_stopping(1, verbose=False)])
        self.train(callbacks=[callback])

        first, second = self.attempts()
        self.assertLess(len(returned), 50)
        self.assertEqual(returned, first.series("val/binary_logloss"))
        self.assertEqual([["completed"], ["completed"]], [first.ends, second.ends])

    def test_and_when_the_callback_is_forgotten(self):
        self.train(50, NOISE, [LightGbmCallback(experiment="g"), lightgbm.early_stopping(1, verbose=False)])
        runledger.process_end._look()
        gc.collect()

        self.assertEqual(["completed"], self.attempt().ends)

    def test_a_training_that_raises_fails_its_run(self):
        def broken(env):
            raise ValueError("the labels are missing")

        broken.order = 99
        callback = LightGbmCallback(experiment="g")
        with self.assertRaisesRegex(ValueError, "the labels are missing"):
            self.train(callbacks=[callback, broken])
        self.train(callbacks=[callback])

        first, second = self.attempts()
        self.assertTrue(first.ends[0].startswith("failed"), first.ends)
        self.assertEqual(["completed"], second.ends)

    def test_cross_validation_and_a_run_of_the_caller(self):
        with runledger.init(experiment="g") as run:
            lightgbm.cv(self.PARAMETERS, lightgbm.Dataset(X, Y), 3, nfold=2, callbacks=[LightGbmCallback(run)])

        attempt = self.attempt()
        self.assertEqual(3, len(attempt.series("valid/binary_logloss/std")))
        self.assertEqual(["completed"], attempt.ends)


if __name__ == "__main__":
    unittest.main()
