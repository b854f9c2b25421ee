"""Ends that nobody said: sessions, and trainings of libraries that raised inside a caller's try."""

import gc
import importlib.util
import os
import subprocess
import sys
import types
import unittest

import runledger
from fakes import Trainings, fake, lightning, module_over
from lines import SOURCE, SpoolTest

HAS_IPYTHON = importlib.util.find_spec("IPython") is not None
HAS_KERNEL = HAS_IPYTHON and all(
    importlib.util.find_spec(name) for name in ("ipykernel", "jupyter_client"))

FAKE_IPYTHON = """
import sys, types
class Events:
    def __init__(self): self.of = {}
    def register(self, name, call): self.of.setdefault(name, []).append(call)
    def fire(self, name, *a): [call(*a) for call in self.of.get(name, ())]
class Shell:
    events = Events()
    def cell(self, code):
        self.events.fire("pre_run_cell", None)
        result = types.SimpleNamespace(error_in_exec=None, error_before_exec=None)
        try: exec(code, globals())
        except Exception as e: result.error_in_exec = sys.last_value = e
        self.events.fire("post_run_cell", result)
shell = Shell()
IPython = types.ModuleType("IPython"); IPython.get_ipython = lambda: shell
sys.modules["IPython"] = IPython; sys.ps1 = "In : "
"""


class SessionTest(SpoolTest):
    def cells(self, *cells, end="", code=0):
        """The end of the run that a session of these cells left open."""
        self.process(
            FAKE_IPYTHON + "".join(f"shell.cell({cell!r})\n" for cell in cells) + end, code=code)
        (status,) = self.by_kind("status")
        return status["status"], status.get("reason")

    def test_a_cell_that_raised_is_recorded_and_fails_the_run_when_the_session_ends(self):
        status, reason = self.cells(
            "import runledger; run = runledger.init(experiment='n')", "run.log({'a': 1})", "1 / 0")

        self.assertEqual("failed", status)
        self.assertIn("ZeroDivisionError", reason)
        self.assertEqual(["ZeroDivisionError"], [e["error"]["type"] for e in self.by_kind("error")])

    def test_a_session_that_ends_without_finish_does_not_complete_its_run(self):
        self.assertEqual(
            ("failed", "the session ended before run.finish()"),
            self.cells("import runledger; run = runledger.init(experiment='n')", "run.log({'a': 1})"),
        )

    def test_a_session_that_ends_in_the_middle_of_a_cell_says_so(self):
        self.assertEqual(
            ("failed", "the session ended while a cell was running"),
            self.cells(
                "import runledger; run = runledger.init(experiment='n')",
                end="shell.events.fire('pre_run_cell', None); sys.exit(0)"),
        )

    def test_what_a_session_says_itself_stands(self):
        self.assertEqual(
            "completed",
            self.cells("import runledger; run = runledger.init(experiment='n')", "1 / 0",
                       "run.finish()")[0])

    def test_a_run_that_began_after_an_error_has_none(self):
        self.cells("1 / 0", "import runledger; run = runledger.init(experiment='n')", "run.finish()")

        self.assertEqual([], self.by_kind("error"))

    def test_a_prompt_that_ends_does_not_complete_its_run(self):
        for statements, reason in (("", "the session ended"), ("1 / 0\n", "ZeroDivisionError")):
            with self.subTest(statements):
                for file in self.files():
                    file.unlink()
                subprocess.run(
                    [sys.executable, "-i", "-q", "-c", ""],
                    input=f"import runledger\nrun = runledger.init(experiment='p')\n{statements}",
                    env={**os.environ, "PYTHONPATH": str(SOURCE)}, capture_output=True, text=True,
                    timeout=60, check=True,
                )
                (status,) = self.by_kind("status")
                self.assertEqual("failed", status["status"])
                self.assertIn(reason, status["reason"])

    @unittest.skipUnless(HAS_IPYTHON, "IPython is not installed")
    def test_a_script_under_ipython_that_raises_fails_its_run(self):
        for statement, status in (("1 / 0", "failed"), ("", "completed")):
            with self.subTest(statement):
                for file in self.files():
                    file.unlink()
                script = os.path.join(os.path.dirname(self.spool), "script.py")
                with open(script, "w", encoding="utf-8") as text:
                    text.write(f"import runledger\nrun = runledger.init(experiment='p')\n{statement}\n")
                subprocess.run(
                    [sys.executable, "-m", "IPython", "--colors=NoColor", script],
                    env={**os.environ, "PYTHONPATH": str(SOURCE), "IPYTHONDIR": os.path.dirname(script)},
                    capture_output=True, timeout=120)
                self.assertEqual([status], [line["status"] for line in self.by_kind("status")])

    @unittest.skipUnless(HAS_IPYTHON, "IPython is not installed")
    def test_a_statement_under_ipython_that_raises_fails_its_run(self):
        for statement, status in (("raise ValueError(3)", "failed"), ("2", "completed")):
            with self.subTest(statement):
                for file in self.files():
                    file.unlink()
                subprocess.run(
                    [sys.executable, "-m", "IPython", "--colors=NoColor", "-c",
                     f"import runledger; run = runledger.init(experiment='p'); {statement}"],
                    env={**os.environ, "PYTHONPATH": str(SOURCE), "IPYTHONDIR": os.path.dirname(self.spool)},
                    capture_output=True, timeout=120)
                self.assertEqual([status], [line["status"] for line in self.by_kind("status")])

    @unittest.skipUnless(HAS_KERNEL, "ipykernel is not installed")
    def test_a_real_kernel_that_is_shut_down_does_not_complete_its_run(self):
        from jupyter_client.manager import KernelManager

        for cells, reason in (
            (("run.log({'a': 1})",), "the session ended before run.finish()"),
            (("run.log({'a': 1})", "1 / 0"), "ZeroDivisionError"),
        ):
            with self.subTest(reason):
                for file in self.files():
                    file.unlink()
                # As long as a busy machine may need: a kernel that is slower is killed.
                manager = KernelManager(shutdown_wait_time=60)
                manager.start_kernel(env={**os.environ, "PYTHONPATH": str(SOURCE)})
                client = manager.client()
                client.start_channels()
                client.wait_for_ready(timeout=120)
                for cell in ("import runledger; run = runledger.init(experiment='k')", *cells):
                    client.execute_interactive(cell, timeout=120, output_hook=lambda message: None)
                client.stop_channels()
                manager.shutdown_kernel()
                (status,) = self.by_kind("status")
                self.assertEqual("failed", status["status"])
                self.assertIn(reason, status["reason"])


class KerasTest(Trainings):
    def setUp(self):
        super().setUp()
        library = fake("keras.callbacks", Callback=1)
        self.callback = module_over("keras", **{"keras.callbacks": library}).RunledgerCallback

    @staticmethod
    def fit(callback, raises=False):
        """What Keras does: after an exception no hook is called."""
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        callback.on_train_batch_end(0, {"loss": 1.0})
        if raises:
            raise ValueError("bad shape")
        callback.on_epoch_end(0, {"loss": 1.0})
        callback.on_train_end()

    def test_a_fit_that_returns_completes_the_run_that_began_with_it(self):
        self.fit(self.callback(experiment="k"))

        self.assertEqual(["completed"], self.statuses())

    def test_a_fit_that_raised_inside_a_try_fails_its_run_when_the_callback_is_forgotten(self):
        callback = self.callback(experiment="k")
        with self.assertRaises(ValueError):
            self.fit(callback, raises=True)
        self.assertEqual([], self.statuses())
        del callback
        gc.collect()

        self.assertEqual(["failed"], self.statuses())

    def test_and_when_the_next_fit_begins(self):
        callback = self.callback(experiment="k")
        with self.assertRaises(ValueError):
            self.fit(callback, raises=True)
        self.fit(callback)

        self.assertEqual(["failed", "completed"], self.statuses())

    def test_a_run_of_the_caller_in_which_the_last_fit_raised_is_no_completed_one(self):
        with runledger.init(experiment="k") as run:
            with self.assertRaises(ValueError):
                self.fit(self.callback(run), raises=True)

        (status,) = self.by_kind("status")
        self.assertEqual(
            ("failed", "fit began and did not return"), (status["status"], status["reason"]))

    def test_a_run_of_the_caller_who_tried_again_or_says_completed_is_a_completed_one(self):
        with runledger.init(experiment="k") as run:
            with self.assertRaises(ValueError):
                self.fit(self.callback(run), raises=True)
            self.fit(self.callback(run))
        run = runledger.init(experiment="k")
        with self.assertRaises(ValueError):
            self.fit(self.callback(run), raises=True)
        run.finish("completed")

        self.assertEqual(["completed", "completed"], self.statuses())

    def test_a_process_that_ends_after_a_fit_that_raised_fails_the_run(self):
        self.process("""
import sys, types
keras = types.ModuleType("keras.callbacks"); keras.Callback = type("Callback", (), {})
sys.modules["keras.callbacks"] = keras
from runledger.callbacks.keras import RunledgerCallback
callback = RunledgerCallback(experiment="k")
try:
    callback.on_train_begin()
    raise ValueError("bad shape")
except ValueError:
    pass
""")
        self.assertEqual(["failed"], self.statuses())


class TransformersTest(Trainings):
    def setUp(self):
        super().setUp()
        library = fake("transformers", TrainerCallback=1)
        self.callback = module_over("transformers", transformers=library).RunledgerCallback

    def train(self, callback, raises=False):
        state = types.SimpleNamespace(global_step=0, epoch=0.0, is_world_process_zero=True)
        callback.on_train_begin(None, state, None)
        for step in range(1, 5):
            state.global_step, state.epoch = step, step / 4
            callback.on_log(None, state, None, {"loss": 1.0 / step, "epoch": step / 4})
        if raises:
            raise ValueError("bad shape")
        callback.on_train_end(None, state, None)
        callback.on_log(None, state, None, {"eval_loss": 0.5, "epoch": 1.0})

    def test_epochs_are_fractions(self):
        self.train(self.callback(experiment="t"))

        self.assertEqual([0.25, 0.5, 0.75, 1.0, 1.0], [line["epoch"] for line in self.points()])
        self.assertEqual({"loss", "eval_loss"}, {n for line in self.points() for n in line["metrics"]})
        self.assertEqual(["completed"], self.statuses())

    def test_a_train_that_raised_inside_a_try_does_not_complete_the_run(self):
        callback = self.callback(experiment="t")
        with self.assertRaises(ValueError):
            self.train(callback, raises=True)
        del callback
        gc.collect()

        self.assertEqual(["failed"], self.statuses())


class LightningTest(Trainings):
    def setUp(self):
        super().setUp()
        self.callback = module_over("lightning", **lightning()[0]).RunledgerCallback

    class Trainer:
        """As of Lightning 2: what it shows is kept, what its running loop has is new."""

        global_step, current_epoch, sanity_checking = 0, 0, False

        def __init__(self, connected):
            self.callback_metrics, self.logged_metrics = {}, {}
            if connected:
                self._logger_connector = types.SimpleNamespace(metrics={})

        def logs(self, **values):
            self.callback_metrics.update(values)
            self.logged_metrics.update(values)
            if hasattr(self, "_logger_connector"):
                self._logger_connector.metrics = {"callback": dict(values), "log": dict(values)}

        def fit(self, callback, raises=False, changes=0.0):
            callback.on_fit_start(self, types.SimpleNamespace(hparams={}))
            for self.current_epoch in range(3):
                callback.on_train_epoch_start(self, None)
                for _ in range(2):
                    self.global_step += 1
                    self.logs(loss_step=self.global_step * 1.0)
                    callback.on_train_batch_end(self, None, None, None, 0)
                if raises:
                    error = ValueError("bad shape")
                    callback.on_exception(self, None, error)
                    raise error
                self.logs(val_loss=1.0 + self.current_epoch * changes)
                callback.on_validation_end(self, None)
                self.logs(loss_epoch=2.0 + self.current_epoch * changes)
                callback.on_train_epoch_end(self, None)
                self.logs(own=float(self.current_epoch))
            callback.on_train_end(self, None)
            callback.on_fit_end(self, None)

    def test_each_value_is_logged_once_also_where_it_did_not_change(self):
        self.Trainer(True).fit(self.callback(experiment="l", every_n_steps=2))

        names = [name for line in self.points() for name in line["metrics"]]
        self.assertEqual(
            {name: 3 for name in ("loss_step", "val_loss", "loss_epoch", "own")},
            {name: names.count(name) for name in names})
        self.assertEqual(
            [(2, 0), (4, 1), (6, 2)],
            [(line["step"], line["epoch"]) for line in self.points() if "own" in line["metrics"]])

    def test_another_version_of_the_library_logs_what_changed(self):
        self.Trainer(False).fit(self.callback(experiment="l", every_n_steps=2), changes=1.0)

        names = [name for line in self.points() for name in line["metrics"]]
        self.assertEqual(3, names.count("val_loss"))
        self.assertEqual(3, names.count("loss_step"))

    def test_a_fit_that_raised_inside_a_try_fails_its_run_with_the_error(self):
        with self.assertRaises(ValueError):
            self.Trainer(True).fit(self.callback(experiment="l"), raises=True)

        self.assertEqual(["failed"], self.statuses())
        self.assertEqual(["ValueError"], [line["error"]["type"] for line in self.by_kind("error")])

    def test_a_run_of_the_caller_in_which_fit_raised_fails_with_the_block(self):
        with runledger.init(experiment="l") as run:
            with self.assertRaises(ValueError):
                self.Trainer(True).fit(self.callback(run), raises=True)

        (status,) = self.by_kind("status")
        self.assertEqual(("failed", "fit raised ValueError"), (status["status"], status["reason"]))


POOL = """
import concurrent.futures, multiprocessing, runledger, sys
def task(seed):
    run = runledger.init(experiment="pool", seed=seed)
    run.log({"loss": 1.0}, step=seed)
    if seed == 2:
        raise ValueError("seed 2")
    return seed
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context(sys.argv[1])) as pool:
        for one in [pool.submit(task, seed) for seed in (1, 2, 3)]:
            one.exception()
"""

SWEEP = """
import runledger, sys
def task(seed):
    run = runledger.init(experiment="sweep", seed=seed)
    run.log({"loss": 1.0}, step=seed)
    if seed == 2:
        raise ValueError("seed 2")
def one(seed):
    task(seed)
def sweep():
    failed = False
    for seed in (1, 2, 3):
        try: one(seed)
        except ValueError: failed = True
    END
sweep()
"""


class ManyTrainingsTest(SpoolTest):
    """A process that outlives its trainings, and says nothing of how they ended."""

    def ends(self):
        ends = {}
        for file in self.files():
            lines = self.lines(file)
            seed = lines[0]["start"]["seed"]
            status = [line for line in lines if "status" in line]
            errors = [line["error"]["type"] for line in lines if "error" in line]
            ends[seed] = (status[-1]["status"], errors, status[-1].get("exit_code"))
        return ends

    def errors_of_second(self):
        # Before Python 3.12 nobody shows an exception that somebody catches.
        return ["ValueError"] if sys.version_info >= (3, 12) else []

    def test_a_task_that_raised_has_failed_though_its_worker_went_on(self):
        for method in ("fork", "spawn"):
            with self.subTest(method):
                for file in self.files():
                    file.unlink()
                self.process(POOL, method)
                self.assertEqual(
                    {1: ("completed", [], None), 2: ("failed", self.errors_of_second(), None),
                     3: ("completed", [], None)},
                    self.ends())

    def test_a_sweep_that_ends_badly_fails_only_the_training_that_raised(self):
        for end, code in (("sys.exit(1)", 1), ("raise RuntimeError()", 1), ("return failed", 0)):
            with self.subTest(end):
                for file in self.files():
                    file.unlink()
                self.process(SWEEP.replace("END", end), code=code)
                self.assertEqual(
                    {1: ("completed", [], None), 2: ("failed", self.errors_of_second(), None),
                     3: ("completed", [], None)},
                    self.ends())

    def test_a_run_that_is_handed_out_lives_as_long_as_the_script(self):
        script = (
            "import runledger, sys\n"
            "def begin(seed): return runledger.init(experiment='e', seed=seed)\n"
            "def main():\n"
            "  runs = [begin(1), begin(2)]\n"
            "  for run in runs: run.log({'loss': 1.0})\n"
            "  END\n"
            "main()\n")
        for end, code, status in (
            ("sys.exit(3)", 3, "failed"), ("sys.exit(0)", 0, "completed"), ("1 / 0", 1, "failed"),
            ("return", 0, "completed")):
            with self.subTest(end):
                for file in self.files():
                    file.unlink()
                self.process(script.replace("END", end), code=code)
                self.assertEqual({1: status, 2: status}, {n: one[0] for n, one in self.ends().items()})

    def test_a_run_whose_beginner_failed_and_was_caught_may_still_be_completed(self):
        self.process(
            "import runledger\n"
            "def begin():\n"
            "  global run\n"
            "  run = runledger.init(experiment='e', seed=1)\n"
            "  1 / 0\n"
            "try: begin()\n"
            "except ZeroDivisionError: pass\n"
            "run.log({'loss': 1.0})\n"
            "run.finish()\n")

        self.assertEqual({1: ("completed", [], None)}, self.ends())

    def test_nothing_of_a_training_is_kept_for_longer_than_a_second_or_so(self):
        self.process(
            "import gc, runledger, time, weakref\n"
            "class Model: pass\n"
            "def train():\n"
            "  global kept, run\n"
            "  model = Model()\n"
            "  kept = weakref.ref(model)\n"
            "  run = runledger.init(experiment='e', seed=1)\n"
            "  run.log({'loss': 1.0})\n"
            "train()\n"
            "deadline = time.monotonic() + 30\n"
            "while kept() is not None and time.monotonic() < deadline: time.sleep(0.1)\n"
            "assert kept() is None\n")


if __name__ == "__main__":
    unittest.main()
