"""What users hand over, whatever it is, neither stops a training nor is lost without being counted."""

import array
import ast
import collections
import collections.abc
import inspect
import itertools
import json
import math
import sys
import types
import unittest
from fractions import Fraction
from pathlib import Path
from unittest import mock

import runledger
from lines import SCHEMAS, SOURCE, SpoolTest
from runledger import metric_line, printable


class Hostile(Exception):
    """Raises whatever it is asked."""

    def _raise(self, *_):
        raise RuntimeError("hostile")

    __str__ = __repr__ = __hash__ = __iter__ = __len__ = __getitem__ = __float__ = __index__ = _raise
    __bool__ = __eq__ = __fspath__ = __int__ = __format__ = __contains__ = keys = items = _raise
    to_dict = tolist = item = _raise
    ndim = 1


class HostileMapping(collections.abc.Mapping):
    """Its first value can be had, the second not, and then its iterator raises."""

    def __getitem__(self, key):
        if key == "good":
            return 1.0
        raise RuntimeError("hostile")

    def __iter__(self):
        yield "good"
        yield "bad"
        raise RuntimeError("hostile")

    def __len__(self):
        return 3


class Endless(collections.abc.Sequence):
    def __getitem__(self, index):
        return 0

    def __len__(self):
        return 2**62

    def __iter__(self):
        while True:
            yield 0


class StrangeText(str):
    def __str__(self):
        raise RuntimeError("hostile")

    def strip(self, *_):
        raise RuntimeError("hostile")

    __hash__ = None


class StrangeNumber(int):
    def __format__(self, _):
        raise RuntimeError("hostile")

    __str__ = __repr__ = __float__ = __int__ = __and__ = __index__ = __format__


def recursive():
    inner = []
    inner.append(inner)
    return inner


VALUES = [
    None, Hostile(), Hostile, HostileMapping(), {Hostile: 1}, {"a": Hostile()}, [Hostile()], object(),
    StrangeText("x"), StrangeNumber(7), "", "text", "\udd2a", "x" * 100_000, "\0", b"\xff", b"",
    0, -1, 2**63, -(2**70), 10**6_000, 1.5, math.nan, math.inf, True, Fraction(1, 3), 1j,
    {}, {"x" * 100_000: 1.0}, {1: 2}, {"a": 10**6_000}, {"a": None}, [], recursive(), set(), {1, "a"},
    lambda: None, print, Path("/nowhere"), (n for n in range(3)), range(3), type, ...,
]


class LoggedTest(SpoolTest):
    def test_what_is_logged_of_a_jobs_names_moves_no_cursor(self):
        hostile = "\x1b[31m\x07\x9b2J\r\n\u202e\u2028"
        run = runledger.init(experiment="c")
        with self.assertLogs("runledger", "WARNING") as logged:
            run.log_artifact("model", f"/nowhere/{hostile}")
            run.config[f"{hostile}_password"] = "hunter2"

        path, masked = (record.getMessage() for record in logged.records)
        shown = "\u241b[31m\u2407\ufffd2J\u240d\u240a\ufffd\ufffd"
        self.assertIn(f"/nowhere/{shown}", path)
        self.assertIn(f"{shown}_password", masked)
        self.assertNotIn("hunter2", masked)

    def test_signs_are_those_of_java(self):
        self.assertEqual(
            "\u2421 \u2409 \ufffd \u00e4\U0001f600",
            printable.line("\x7f \t \ud800 \u00e4\U0001f600"))


class HostileArgumentsTest(SpoolTest):
    def attempts(self, method):
        """Calls with each value as each argument, and with arguments that there are not."""
        names = [
            name for name, parameter in inspect.signature(method).parameters.items()
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)]
        for value in VALUES:
            for name in names:
                required = {
                    other: "x" for other, parameter in inspect.signature(method).parameters.items()
                    if parameter.default is parameter.empty
                    and parameter.kind is parameter.POSITIONAL_OR_KEYWORD}
                yield {**required, name: value}

    def test_no_method_of_a_run_raises_whatever_it_is_given(self):
        run = runledger.init(experiment="hostile")
        public = [
            name for name, member in inspect.getmembers(runledger.Run, inspect.isfunction)
            if not name.startswith("_")]
        self.assertGreaterEqual(
            set(public),
            {"log", "log_artifact", "log_error", "results", "add_tags", "remove_tags", "set_notes", "rename",
             "status",
             "finish"})
        with self.assertLogs("runledger"):
            for name in public:
                method = getattr(run, name)
                for arguments in self.attempts(method):
                    method(**arguments)
                if name not in ("env",):
                    for value in VALUES:
                        method(value, value, value, value, value, value)
                        method(no_such_argument=value)
                    method()
        self.assertGreater(run.dropped, 0)
        run.log({"after": 1.0})
        (file,) = [file for file in self.files() if b'"after"' in file.read_bytes()]
        self.lines(file)

    def test_init_raises_only_a_sentence_about_a_name_or_a_mode(self):
        for arguments in self.attempts(runledger.init):
            if isinstance(arguments.get("spool"), (str, bytes, Path)):
                # Not somewhere in the directory that the tests run in.
                arguments["spool"] = self.spool + "\0"
            try:
                run = runledger.init(**{"experiment": "hostile", **arguments})
            except ValueError as refused:
                self.assertTrue(
                    {"experiment", "dataset", "method", "subject", "cl_info", "seed", "project",
                     "name", "mode"} & set(arguments), arguments)
                self.assertRegex(str(refused), r"\.$")
                continue
            run.log({"a": 1.0})
            run._release()

    def test_a_block_that_raises_whatever_lets_it_pass(self):
        for error in (Hostile(), SystemExit(Hostile()), SystemExit(StrangeNumber(3)), SystemExit("x")):
            with self.subTest(type(error)), self.assertRaises(type(error)):
                with runledger.init(experiment="hostile"):
                    raise error

    def test_a_start_without_the_part_that_is_bad_is_still_a_start(self):
        for arguments in (
            {"config": Hostile()}, {"config": HostileMapping()}, {"tags": Hostile()},
            {"tags": [Hostile(), "good"]}, {"notes": Hostile()}, {"resumed_from_step": 0.5},
            {"notes": "n" * 2_000_000}, {"config": {"x" * 60_000: 1}}, {"config": {"n": 10**6_000}},
            {"config": {"a": Endless()}}, {"tags": ["t" * 1_000] * 2_000},
        ):
            with self.subTest(list(arguments)):
                run = runledger.init(experiment="hostile", name="kept", **arguments)
                run._release()
                # What was dropped may be told before it.
                start = self.by_kind("start")[0]["start"]
                self.assertEqual("kept", start["name"])
                self.assertLess(len(self.files()[0].read_bytes()), 900_000)
                self.files()[0].unlink()

    def test_of_a_configuration_that_raises_the_good_values_are_kept(self):
        runledger.init(experiment="hostile", config={"all": HostileMapping(), "lr": 0.1})

        config = self.lines()[0]["start"]["config"]
        self.assertEqual(0.1, config["lr"])

    def test_of_a_log_call_the_good_values_are_kept_and_the_bad_ones_counted(self):
        run = runledger.init(experiment="hostile")
        with self.assertLogs("runledger") as told:
            run.log({"good": 1, "none": None, "bad": Hostile(), 5: 1.0, "x" * 10_001: 1.0})
            run.log(HostileMapping(), step=3)
        run._writer.tend()

        points = [line["metrics"] for line in self.by_kind("metrics")]
        self.assertEqual([{"good": 1.0}, {"good": 1.0}], points)
        self.assertEqual(5, run.dropped)
        self.assertEqual(5, sum(line["dropped"]["count"] for line in self.by_kind("dropped")))
        self.assertEqual(1, len(told.output))


class PartsTest(SpoolTest):
    def test_a_bad_step_costs_the_step_and_not_the_point(self):
        run = runledger.init(experiment="steps")
        with self.assertLogs("runledger"):
            for bad in (0.5, "0.5", "one", "", True, None, math.nan, math.inf, 2**63, -(2**63) - 1,
                        2.0**63, "1_000", "0x10", "9" * 41, "1e999", [], Hostile()):
                run.log({"x": 1.0}, step=bad, epoch=bad if isinstance(bad, list) else None)
        run._writer.tend()

        points = self.by_kind("metrics")
        self.assertEqual(17, len(points))
        self.assertFalse(any("step" in point or "epoch" in point for point in points))
        # None is not a step at all, and the list was an epoch, too.
        self.assertEqual(17, run.dropped)

    def test_steps_are_whole_numbers_however_they_are_written(self):
        for given, step in (
            (4, 4), (4.0, 4), (-0.0, 0), (1e3, 1000), ("4", 4), (" 4 ", 4), ("4.0", 4), ("1e3", 1000),
            ("-4.", -4), ("+7", 7), ("25e-1", None), ("20e-1", 2), (2**63 - 1, 2**63 - 1),
            ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None),
            (-(2**63), -(2**63)), (-(2.0**63), -(2**63)), (Fraction(8, 2), 4), (Fraction(1, 2), None),
        ):
            with self.subTest(given):
                if step is None:
                    with self.assertRaises((ValueError, TypeError)):
                        metric_line.whole(given)
                else:
                    self.assertEqual(step, metric_line.whole(given))

    def test_steps_are_those_of_all_languages(self):
        vectors = json.loads((SCHEMAS / "step-vectors.json").read_text(encoding="utf-8"))["steps"]
        self.assertGreater(len(vectors), 30)
        for vector in vectors:
            with self.subTest(vector["value"]):
                expected = vector["step"]
                text = metric_line.MetricLines.step(vector["value"])
                self.assertEqual("" if expected is None else f',"step":{expected}', text)

    def test_texts_of_numbers_are_numbers(self):
        for given, value in (("0.5", 0.5), (" 1e3 ", 1000.0), ("-nan", math.nan), ("NaN", math.nan),
                             ("inf", math.inf), ("-INF", -math.inf), (True, 1.0), (".5", 0.5)):
            self.assertEqual(repr(value), repr(metric_line.number(given)))
        for bad in ("", "1_000", "0x10", "one", "1 2", "infinite", "1e999", "-1e400", "1" + "0" * 400 + "."):
            with self.subTest(bad), self.assertRaises(ValueError):
                metric_line.number(bad)

    def test_a_log_call_that_is_too_wide_is_several_lines(self):
        run = runledger.init(experiment="wide")
        names = [f"layer{i:06d}/norm" for i in range(100_000)]
        run.log({name: float(i) for i, name in enumerate(names)}, step=7, epoch=0.5)
        run.log({"after": 1.0}, step=8)

        points = self.by_kind("metrics")
        wide = [point for point in points if point["step"] == 7]
        self.assertEqual(names, [name for point in wide for name in point["metrics"]])
        self.assertEqual({0.5}, {point["epoch"] for point in wide})
        self.assertEqual(1, len({point["at"] for point in wide}))
        self.assertGreater(len(wide), 5)
        longest = max(len(line) for line in self.files()[0].read_bytes().splitlines())
        self.assertLess(longest, 201_000)
        self.assertEqual(0, run.dropped)

    def test_new_names_and_bad_values_do_not_cost_a_look_at_the_handler_of_each_signal(self):
        class Name(str):
            """As that of numpy."""

        run = runledger.init(experiment="wide")
        with mock.patch("signal.getsignal") as asked, self.assertLogs("runledger"):
            run.log({**{f"n{i}": 1.0 for i in range(10_100)}, Name("n0"): 2.0, 5: 1.0, "bad": "n/a", "none": None})
            run.log({"m": 1.0, "n10099": 2.0}, step="one")
        run._writer.tend()

        asked.assert_not_called()
        self.assertEqual(10_102, sum(len(line["metrics"]) for line in self.by_kind("metrics")))
        self.assertEqual(4, run.dropped)

    def test_metrics_that_have_no_end_are_cut_and_counted(self):
        class Endless(dict):
            def items(self):
                return ((f"m{n}", 1.0) for n in itertools.count())

        run = runledger.init(experiment="endless")
        with mock.patch.object(metric_line, "_MOST_METRICS", 10):
            run.log(Endless())
            run.log({"whole": 1.0})

        self.assertEqual(11, sum(len(line["metrics"]) for line in self.by_kind("metrics")))
        self.assertEqual(1, run.dropped)

    def test_a_run_that_is_killed_at_once_has_beaten_once(self):
        self.process("import os, runledger\nrunledger.init(experiment='b')\nos.kill(os.getpid(), 9)\n",
                     code=-9, RUNLEDGER_HEARTBEAT_SECONDS="30")

        self.assertEqual([30], [line["heartbeat"] for line in self.by_kind("heartbeat")])

    def test_sequences_that_are_no_lists_are_lists_in_a_configuration(self):
        class Layers(collections.abc.Sequence):
            def __getitem__(self, index):
                return (1, 2)[index]

            def __len__(self):
                return 2

        choices = {"b": 1, "a": 2}
        runledger.init(experiment="c", config=types.SimpleNamespace(
            layers=Layers(), steps=range(3), pair=(1, 2), names=choices.keys(), values=choices.values(),
            items=choices.items(), rates=array.array("d", [0.5]), seen={3, 1}, frozen=frozenset("x"),
            last=collections.deque([7]), ordered=collections.UserList([1]), text="ab", raw=b"ab",
        ))

        self.assertEqual(
            {"layers": [1, 2], "steps": [0, 1, 2], "pair": [1, 2], "names": ["b", "a"], "values": [1, 2],
             "items": [["b", 1], ["a", 2]], "rates": [0.5], "seen": [1, 3], "frozen": ["x"],
             "last": [7], "ordered": [1], "text": "ab", "raw": "b'ab'"},
            self.lines()[0]["start"]["config"])

    def test_an_iterator_in_a_configuration_is_left_to_the_training(self):
        batches = iter([1, 2])
        runledger.init(experiment="i", config={"batches": batches})

        self.assertEqual([1, 2], list(batches))

    def test_none_costs_itself_in_every_call(self):
        run = runledger.init(None, "mnist", None, seed=None, config=None, notes=None, tags=None)
        run.log({"loss": None, "acc": 0.5}, step=None, epoch=None, elapsed_seconds=None)
        run.log(None)
        run.results(None)
        run.results({"best": None})
        run.log_artifact(None, None)
        run.log_error(None)
        run.add_tags(None, "kept")
        run.set_notes(None)
        run.finish()

        (point,) = self.by_kind("metrics")
        self.assertEqual({"acc": 0.5}, point["metrics"])
        self.assertEqual([{"best": None}], [line["results"] for line in self.by_kind("results")])
        self.assertEqual([{"add_tags": ["kept"]}], [line["annotate"] for line in self.by_kind("annotate")])
        self.assertEqual([], self.by_kind("error") + self.by_kind("artifact"))
        self.assertEqual("completed", self.by_kind("status")[0]["status"])
        self.assertEqual(5, run.dropped)

    def test_an_older_python_is_told_in_one_sentence(self):
        source = (SOURCE / "runledger" / "__init__.py").read_text(encoding="utf-8")
        before_imports = source[: source.index("from runledger")]
        # Python 3.4 is the oldest grammar that there is; nothing here is newer than 2.7's.
        code = compile(ast.parse(before_imports, feature_version=(3, 4)), "__init__.py", "exec")

        for old in ((2, 7, 18), (3, 6, 15), (3, 7, 16)):
            with mock.patch.object(sys, "version_info", old), self.assertRaises(ImportError) as raised:
                exec(code, {})
            self.assertIn("needs Python 3.8 or newer", str(raised.exception))
            self.assertIn("is Python %d.%d;" % old[:2], str(raised.exception))
        project = (SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8")
        self.assertIn('requires-python = ">=3.8"', project)

    def test_keys_of_one_text_do_not_cost_each_other_their_values(self):
        runledger.init(experiment="k", config={1: "number", "1": "text", "(2) 1": "taken"})

        self.assertEqual(
            {"1": "number", "(2) 1": "text", "(2) (2) 1": "taken"},
            self.lines()[0]["start"]["config"])


if __name__ == "__main__":
    unittest.main()
