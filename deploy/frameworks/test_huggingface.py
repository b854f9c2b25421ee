"""Trainings with the real transformers and accelerate, of a model that is made here."""

import os
import tempfile
import unittest

import accelerate
import torch
import transformers
from recorded import FrameworkTest

import runledger
from runledger.callbacks.accelerate import RunledgerTracker
from runledger.callbacks.transformers import RunledgerCallback

MODEL = transformers.BertConfig(
    vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
    intermediate_size=8, max_position_embeddings=16,
)
DATA = [{"input_ids": torch.arange(8) + row, "labels": torch.tensor(row % 2)} for row in range(16)]


class Transformers(FrameworkTest):

    def trainer(self, callbacks=None, **options):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        arguments = transformers.TrainingArguments(
            directory.name, max_steps=4, logging_steps=2, eval_strategy="steps", eval_steps=2,
            save_steps=4, use_cpu=True, per_device_train_batch_size=4, disable_tqdm=True, seed=1,
            **{"report_to": "none", **options},
        )
        model = transformers.BertForSequenceClassification(MODEL)
        return transformers.Trainer(
            model, arguments, train_dataset=DATA, eval_dataset=DATA, callbacks=callbacks)

    def test_report_to_names_runledger(self):
        self.trainer(report_to="runledger", run_name="tiny").train()

        attempt = self.attempt()
        self.assertEqual("tiny", attempt.start["name"])
        self.assertEqual(["completed"], attempt.ends)
        self.assertEqual([2, 4], attempt.steps("loss"))
        self.assertEqual([0.5, 1.0], attempt.epochs("eval_loss"))
        self.assertEqual((4, 8), (attempt.config["max_steps"], attempt.config["model"]["hidden_size"]))
        (artifact,) = attempt.artifacts
        self.assertEqual("checkpoint-4", os.path.basename(artifact["path"]))

    def test_report_to_logs_to_the_run_that_the_script_began(self):
        with runledger.init(experiment="hf", seed=1) as run:
            self.trainer(report_to=["runledger"]).train()
            run.results({"done": True})

        attempt = self.attempt()
        self.assertEqual("hf", attempt.start["experiment"])
        self.assertEqual(4, attempt.config["max_steps"])
        self.assertEqual(["completed"], attempt.ends)

    def test_a_training_that_raises_fails_its_run_and_raises_what_it_raised(self):
        class Broken(transformers.TrainerCallback):
            def on_step_end(self, *arguments, **more):
                raise ValueError("the labels are missing")

        trainer = self.trainer([RunledgerCallback(experiment="hf"), Broken()])
        with self.assertRaisesRegex(ValueError, "the labels are missing"):
            trainer.train()
        trainer.remove_callback(Broken)
        trainer.train()

        self.assertEqual(
            [["failed train began and did not return"], ["completed"]],
            [attempt.ends for attempt in self.attempts()])


class Accelerate(FrameworkTest):

    def train(self, log_with, **more):
        accelerator = accelerate.Accelerator(log_with=log_with, cpu=True)
        accelerator.init_trackers("tiny", config={"rate": 0.5, "layers": [8, 4]}, **more)
        for step in range(3):
            accelerator.log({"loss": 0.5**step, "note": "text", "tensor": torch.tensor(2.0)}, step=step)
        tracker = accelerator.get_tracker("runledger", unwrap=True)
        accelerator.end_training()
        return tracker

    def test_log_with_names_runledger(self):
        run = self.train("runledger")

        attempt = self.attempt()
        self.assertIsInstance(run, runledger.Run)
        self.assertEqual("tiny", attempt.start["project"])
        self.assertEqual({"rate": 0.5, "layers": [8, 4]}, attempt.config)
        self.assertEqual([1.0, 0.5, 0.25], attempt.series("loss"))
        self.assertEqual([0, 1, 2], attempt.steps("tensor"))
        self.assertEqual(["completed"], attempt.ends)

    def test_a_tracker_takes_the_arguments_of_init(self):
        self.train(RunledgerTracker(experiment="accelerate", seed=3))

        self.assertEqual(("accelerate", 3), tuple(self.attempt().start[key] for key in ("experiment", "seed")))

    def test_init_kwargs_are_the_arguments_of_init(self):
        self.train("runledger", init_kwargs={"runledger": {"experiment": "accelerate"}})

        self.assertEqual("accelerate", self.attempt().start["experiment"])

    def test_a_run_of_the_caller_stays_open(self):
        with runledger.init(experiment="accelerate") as run:
            self.train(RunledgerTracker(run=run))
            run.log({"later": 1.0})

        attempt = self.attempt()
        self.assertEqual([1.0], attempt.series("later"))
        self.assertEqual(["completed"], attempt.ends)


if __name__ == "__main__":
    unittest.main()
