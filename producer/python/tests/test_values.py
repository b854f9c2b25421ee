"""What is added to a configuration after the start, and the summary."""

import math
import os
import sys
import threading
import types
import unittest
from unittest import mock

import runledger
from lines import SpoolTest
from runledger.run_values import RunValues


class ConfigTest(SpoolTest):
    def configs(self):
        return [line["start"]["config"] for line in self.by_kind("start")]

    def test_what_is_set_after_the_start_is_a_start_without_a_name_of_the_same_attempt(self):
        run = runledger.init(experiment="c", config={"lr": 0.1, "optimizer": {"name": "sgd"}})
        run.log({"loss": 1.0}, step=0)
        run.config["workers"] = 4
        run.config.update({"optimizer": {"momentum": 0.9}}, batch=32)
        run.log({"loss": 0.5}, step=1)

        lines = self.lines()
        updates = self.by_kind("start")[1:]
        self.assertEqual(
            [{"workers": 4}, {"optimizer": {"momentum": 0.9}}, {"batch": 32}],
            [line["start"]["config"] for line in updates])
        for line in updates:
            self.assertEqual({"config"}, set(line["start"]))
            self.assertEqual((run.run_id, run.attempt_id), (line["run_id"], line["attempt_id"]))
        self.assertEqual(1, sum("writer_id" in line for line in lines))
        self.assertEqual(0, run.dropped)

    def test_it_reads_like_the_dict_that_was_given_and_added_to(self):
        run = runledger.init(experiment="c", config={"lr": 0.1, "o": {"name": "sgd"}})
        run.config.update([("a", 1)])
        run.config.update(zip(["e", "f"], [3, 4]))
        run.config.update(types.SimpleNamespace(b=(1, 2)), o={"momentum": 0.9})

        self.assertEqual(
            {"lr": 0.1, "o": {"name": "sgd", "momentum": 0.9}, "a": 1, "b": [1, 2], "e": 3, "f": 4},
            dict(run.config))
        self.assertEqual(0.1, run.config["lr"])
        run.config["o"]["name"] = "not recorded"
        self.assertEqual("sgd", run.config["o"]["name"])
        self.assertEqual(1, run.config.setdefault("a", 7))
        self.assertEqual(7, run.config.setdefault("c", 7))
        self.assertIsNone(run.config.get("none"))
        self.assertIn("lr", run.config)
        self.assertEqual(7, len(run.config))
        with self.assertRaises(KeyError):
            run.config["none"]
        with self.assertRaises(AttributeError):
            run.config.lr = 0.2  # It would be recorded nowhere.

    def test_who_sets_values_may_keep_them_without_the_run(self):
        config = runledger.init(experiment="c", config={"lr": 0.1}).config
        config["a"] = 1
        config.update(b=2)

        self.assertEqual({"lr": 0.1, "a": 1, "b": 2}, dict(config))
        self.assertEqual([{"lr": 0.1}, {"a": 1}, {"b": 2}], self.configs())

    def test_secrets_are_masked_and_what_is_too_long_is_cut_as_at_the_start(self):
        os.environ["RUNLEDGER_CONFIG_MAX_BYTES"] = "1000"
        run = runledger.init(experiment="c")
        with self.assertLogs("runledger", "WARNING"):
            run.config["api_key"] = "hunter2"
        run.config["words"] = "x" * 2_000

        _, masked, cut = (line["start"] for line in self.by_kind("start"))
        self.assertNotIn(b"hunter2", self.files()[0].read_bytes())
        self.assertEqual(["api_key"], masked["masked_keys"])
        self.assertGreater(cut["config_truncated_bytes"], 1_000)
        self.assertEqual(64, len(cut["config_sha256"]))
        self.assertEqual("hunter2", run.config["api_key"])

    def test_what_cannot_be_recorded_is_counted_and_raises_nothing(self):
        class Hostile:
            def __str__(self):
                raise RuntimeError("hostile")

            __iter__ = keys = __getattr__ = __str__

        run = runledger.init(experiment="c")
        with self.assertLogs("runledger", "WARNING"):
            run.config.update(None)
            run.config.update(3)
            run.summary.update("text")
            del run.config["a"]
        self.assertEqual(4, run.dropped)
        for values in (run.config, run.summary):
            values[None] = values[Hostile()] = values["x"] = Hostile()
            values.update(Hostile(), {Hostile(): Hostile()}, {"n": math.nan})
            values.update({}, [])
            values["itself"] = values
        self.lines()

    def test_a_name_that_is_not_a_text_is_read_and_set_by_its_text(self):
        run = runledger.init(experiment="c", config={1: "one"})
        run.config[[2]] = "a list"
        run.summary[{}] = "a dict"

        self.assertEqual(("one", "a list"), (run.config[1], run.config[[2]]))
        self.assertEqual("one", run.config.setdefault(1, "another"))
        self.assertEqual(3, run.config.setdefault(3, 3))
        self.assertEqual("a dict", run.summary["{}"])
        self.assertEqual([{"1": "one"}, {"[2]": "a list"}, {"3": 3}], self.configs())
        self.assertEqual(0, run.dropped)

    def test_values_are_read_while_another_thread_adds_to_them(self):
        interval = sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, interval)
        values = RunValues("config", {}, lambda _: None, self.fail, deep=True)
        values.update({"o": {str(i): i for i in range(2_000)}})

        def add():
            for i in range(2_000, 6_000):
                values.update({"o": {str(i): i}, str(i): i})

        adding = threading.Thread(target=add)
        sys.setswitchinterval(1e-6)
        adding.start()
        while adding.is_alive():
            self.assertLessEqual(2_000, len(values["o"]))
            self.assertIn("config", repr(values))
        adding.join()

        self.assertEqual(6_000, len(values["o"]))

    def test_a_run_that_is_not_recorded_has_its_configuration_all_the_same(self):
        run = runledger.init(experiment="c", config={"lr": 0.1}, mode="disabled")
        run.config["a"] = 1
        run.summary["best"] = 0.5

        self.assertEqual({"lr": 0.1, "a": 1}, dict(run.config))
        self.assertEqual({"best": 0.5}, dict(run.summary))
        self.assertFalse(os.path.exists(self.spool))

    def test_a_worker_adds_with_a_file_that_begins_with_it(self):
        run = runledger.init(experiment="c", config={"lr": 0.1})
        child = os.fork()
        if child == 0:
            run.config["worker"] = 1
            run.config["more"] = 2
            os._exit(0)
        os.waitpid(child, 0)

        (file,) = (file for file in self.files() if b'"worker":1' in file.read_bytes())
        first, second = self.by_kind("start", file)
        for line in (first, second):
            self.assertEqual((run.run_id, run.attempt_id), (line["run_id"], line["attempt_id"]))
            self.assertEqual(1, str(line).count("attempt_id"))
        self.assertIn("writer_id", first)

    def test_a_file_that_was_removed_goes_on_with_an_addition(self):
        run = runledger.init(experiment="c")
        run._writer.file.leave()
        with mock.patch.object(run._writer.file, "append", side_effect=run_gone(run)):
            with self.assertLogs("runledger", "WARNING"):
                run.config["a"] = 1

        (file,) = (file for file in self.files() if b'"a":1' in file.read_bytes())
        data = file.read_bytes()
        self.assertEqual(1, data.splitlines()[0].count(b'"run_id"'))


def run_gone(run):
    from runledger.spool_file import Gone

    return Gone(2, "removed")


class SummaryTest(SpoolTest):
    def test_each_value_is_recorded_as_results(self):
        run = runledger.init(experiment="s")
        run.summary["best"] = 0.9
        run.summary.update({"best": 0.8, "token": "hunter2"}, epoch=3)
        run.results({"final": 0.7})

        self.assertEqual(
            [{"best": 0.9}, {"best": 0.8, "token": "********"}, {"epoch": 3}, {"final": 0.7}],
            [line["results"] for line in self.by_kind("results")])
        self.assertEqual(
            {"best": 0.8, "token": "hunter2", "epoch": 3, "final": 0.7}, dict(run.summary))


if __name__ == "__main__":
    unittest.main()
