"""A training with the real Keras."""

import os
import unittest

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy
from recorded import FrameworkTest

from runledger.callbacks.keras import RunledgerCallback


class Keras(FrameworkTest):

    def test_the_epochs_are_those_that_keras_returns(self):
        x = numpy.linspace(0, 1, 32).reshape(-1, 1)
        model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        history = model.fit(
            x, 3 * x, epochs=3, batch_size=8, validation_split=0.25, verbose=0,
            callbacks=[RunledgerCallback(experiment="keras", every_n_batches=2)])

        attempt = self.attempt()
        for name in ("loss", "val_loss"):
            self.assertEqual([float(value) for value in history.history[name]], attempt.series(name))
        self.assertEqual([3, 6, 9], attempt.steps("loss"))
        self.assertEqual([0, 1, 2], attempt.epochs("loss"))
        self.assertEqual([2, 4, 6, 8], attempt.steps("batch/loss"))
        self.assertEqual(3, attempt.config["epochs"])
        self.assertEqual(["completed"], attempt.ends)


if __name__ == "__main__":
    unittest.main()
