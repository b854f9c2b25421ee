"""Trainings with the real Lightning, by either of its names."""

import tempfile
import unittest

from recorded import FrameworkTest

TRAINING = """
import sys, torch
import {library} as lightning
import runledger
from runledger.callbacks.lightning import RunledgerCallback, RunledgerLogger

class Line(lightning.LightningModule):
    def __init__(self, rate=0.1, broken=False):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)
    def training_step(self, batch, index):
        if self.hparams.broken and self.current_epoch:
            raise ValueError("the labels are missing")
        loss = ((self.layer(batch) - 3 * batch) ** 2).mean()
        self.log("loss", loss)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", ((self.layer(batch) - 3 * batch) ** 2).mean())
    test_step = validation_step
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.rate)

def trainer(**options):
    return lightning.Trainer(
        accelerator="cpu", max_epochs=2, log_every_n_steps=2, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=sys.argv[1], **options)

data = torch.utils.data.DataLoader(torch.linspace(0, 1, 16).reshape(-1, 1), batch_size=4)
{body}
"""


class Lightning(FrameworkTest):

    def train(self, body):
        """Runs the training under each name of Lightning; yields it with the only attempt."""
        for library in ("lightning.pytorch", "pytorch_lightning"):
            with self.subTest(library), tempfile.TemporaryDirectory() as directory:
                for file in self.files():
                    file.unlink()
                self.process(TRAINING.format(library=library, body=body), directory)
                yield self.attempt()

    def test_the_logger_records_fit_and_test(self):
        for attempt in self.train("""
logger = RunledgerLogger(experiment="line", seed=1)
fit = trainer(logger=logger)
fit.fit(Line(), data, data)
fit.test(Line(), data, verbose=False)
"""):
            self.assertEqual("line", attempt.start["experiment"])
            self.assertEqual({"rate": 0.1, "broken": False}, attempt.config)
            self.assertEqual([1, 3, 5, 7], attempt.steps("loss"))
            self.assertEqual([0, 0, 1, 1], attempt.epochs("loss"))
            self.assertEqual(3, len(attempt.series("val_loss")))
            self.assertEqual(["completed"], attempt.ends)
            self.assertEqual({"checkpoint"}, {artifact["type"] for artifact in attempt.artifacts})
            self.assertIn(f"line/{attempt.run_id}/checkpoints/", attempt.artifacts[0]["path"])

    def test_the_logger_of_a_fit_that_raises_has_the_error(self):
        for attempt in self.train("""
try:
    trainer(logger=RunledgerLogger(experiment="line")).fit(Line(broken=True), data)
except ValueError as error:
    assert str(error) == "the labels are missing"
else:
    raise AssertionError("nothing was raised")
"""):
            self.assertEqual(["ValueError"], attempt.errors)
            self.assertEqual(["failed ValueError"], attempt.ends)

    def test_logger_and_callback_log_to_the_run_of_the_caller(self):
        for attempt in self.train("""
with runledger.init(experiment="line") as run:
    trainer(logger=RunledgerLogger()).fit(Line(), data)
    trainer(logger=False, callbacks=[RunledgerCallback(run, every_n_steps=2)]).fit(Line(), data)
"""):
            self.assertEqual([1, 3, 5, 7, 2, 4, 6, 8], attempt.steps("loss"))
            self.assertEqual(["completed"], attempt.ends)

    def test_the_callback_begins_and_ends_a_run(self):
        for attempt in self.train("""
trainer(logger=False, callbacks=[RunledgerCallback(experiment="line")]).fit(Line(), data, data)
"""):
            self.assertEqual(2, len(attempt.series("val_loss")))
            self.assertEqual(["completed"], attempt.ends)


if __name__ == "__main__":
    unittest.main()
