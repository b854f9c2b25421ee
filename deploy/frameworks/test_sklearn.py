"""Estimators of the real scikit-learn, trained with and without autolog."""

import pickle
import unittest
import warnings
from unittest import mock

import joblib
import numpy
from recorded import FrameworkTest
from sklearn.base import BaseEstimator, ClassifierMixin, ClusterMixin, clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import has_fit_parameter

import runledger
from runledger.callbacks import sklearn as integration

X, Y = load_iris(return_X_y=True)


def state():
    """All that autolog may change, of all estimators."""
    kinds = [*integration._subclasses(BaseEstimator), ClassifierMixin, ClusterMixin]
    return {
        (kind, name): kind.__dict__.get(name)
        for kind in kinds
        for name in (*integration._FITS, "score", "__init_subclass__")
    }


class Autolog(FrameworkTest):

    def setUp(self):
        super().setUp()
        self.addCleanup(integration.stop)
        warnings.simplefilter("ignore")

    def test_a_training_is_a_run_with_its_parameters_and_the_scores_that_were_asked_for(self):
        integration.autolog(project="iris")
        model = DecisionTreeClassifier(max_depth=2, random_state=1).fit(X, Y)
        value = model.score(X, Y)

        attempt = self.attempt()
        self.assertEqual(("iris", "DecisionTreeClassifier"), (attempt.start["project"], attempt.start["name"]))
        self.assertEqual(2, attempt.config["max_depth"])
        self.assertEqual({"score": value}, attempt.summary)
        self.assertEqual(["completed"], attempt.ends)

    def test_a_search_over_a_pipeline_is_one_run_with_the_results_of_its_candidates(self):
        integration.autolog()
        for jobs, backend in ((None, "loky"), (2, "threading"), (2, "loky")):
            with self.subTest(backend, jobs=jobs):
                for file in self.files():
                    file.unlink()
                search = GridSearchCV(
                    make_pipeline(StandardScaler(), LogisticRegression()),
                    {"logisticregression__C": [0.1, 1.0, 10.0]}, cv=3, n_jobs=jobs)
                with joblib.parallel_backend(backend):
                    search.fit(X, Y)

                attempt = self.attempt()
                self.assertEqual(
                    list(search.cv_results_["mean_test_score"]), attempt.series("mean_test_score"))
                self.assertEqual(search.best_params_, attempt.summary["best_params"])
                self.assertEqual(search.best_score_, attempt.summary["best_score"])
                self.assertEqual([{"logisticregression__C": c} for c in (0.1, 1.0, 10.0)], attempt.summary["candidates"])

    def test_pipelines_ensembles_and_cross_validations_are_one_run_each(self):
        integration.autolog()
        make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
        VotingClassifier([("a", LogisticRegression()), ("b", SGDClassifier(random_state=1))], n_jobs=1).fit(X, Y)
        RandomForestClassifier(3, random_state=1, n_jobs=2).fit(X, Y)
        scores = cross_val_score(DecisionTreeClassifier(random_state=1), X, Y, cv=3)
        StandardScaler().fit(X)

        attempts = self.attempts()
        self.assertEqual(
            ["Pipeline", "VotingClassifier", "RandomForestClassifier", "DecisionTreeClassifier"],
            [one.start["name"] for one in attempts])
        self.assertEqual(list(scores), attempts[3].series("test_score"))
        self.assertEqual({"completed"}, {end for one in attempts for end in one.ends})

    def test_results_exceptions_and_signatures_are_those_without_it(self):
        def outcome():
            model = RandomForestClassifier(5, random_state=1).fit(X, Y)
            numpy.random.seed(7)
            drawn = SGDClassifier().fit(X, Y).coef_, numpy.random.rand()
            try:
                LogisticRegression().fit(X, Y[:-1])
            except ValueError as error:
                raised = str(error)
            return model.predict_proba(X).tolist(), drawn[0].tolist(), drawn[1], raised

        without = outcome()
        integration.autolog()
        self.assertEqual(without, outcome())
        self.assertTrue(has_fit_parameter(LogisticRegression(), "sample_weight"))
        self.assertEqual(3, clone(DecisionTreeClassifier(max_depth=3)).max_depth)
        copy = pickle.loads(pickle.dumps(DecisionTreeClassifier().fit(X, Y)))
        self.assertEqual(150, len(copy.predict(X)))
        (failed,) = [one for one in self.attempts() if one.errors]
        self.assertEqual((["ValueError"], ["failed ValueError"]), (failed.errors, failed.ends))

    def test_a_class_that_is_defined_later_is_recorded_and_all_is_as_before_after_stop(self):
        before = state()
        integration.autolog()
        integration.autolog(project="again")

        class Majority(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = numpy.unique(y)
                return self

            def predict(self, X):
                return numpy.zeros(len(X))

        self.assertEqual(20, len(Majority().fit(X, Y).predict(X[:20])))
        integration.stop()
        Majority().fit(X, Y)
        LogisticRegression().fit(X, Y)

        self.assertEqual(("again", "Majority"), (self.attempt().start["project"], self.attempt().start["name"]))
        self.assertEqual(before, {key: value for key, value in state().items() if key in before})

    def test_trouble_of_ours_does_not_reach_the_training(self):
        integration.autolog()
        with mock.patch.object(integration, "init", side_effect=RuntimeError("ours")):
            model = DecisionTreeClassifier().fit(X, Y)

        self.assertEqual(150, len(model.predict(X)))

    def test_a_run_that_is_open_has_the_trainings(self):
        integration.autolog()
        with runledger.init(experiment="iris") as run:
            model = DecisionTreeClassifier(max_depth=2).fit(X, Y)
            value = model.score(X, Y)
            with self.assertRaises(ValueError):
                LogisticRegression().fit(X, Y[:-1])

        attempt = self.attempt()
        self.assertEqual(2, attempt.config["DecisionTreeClassifier"]["max_depth"])
        self.assertEqual({"DecisionTreeClassifier/score": value}, attempt.summary)
        self.assertEqual(["completed"], attempt.ends)


if __name__ == "__main__":
    unittest.main()
