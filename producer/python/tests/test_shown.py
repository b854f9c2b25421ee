"""What notebooks show: runs, tables, and magics."""

import html.parser
import math
import os
import sqlite3
import sys
import types
import unittest
from contextlib import closing
from unittest import mock

import runledger
import test_reading
from lines import SpoolTest
from runledger import shown
from runledger.frames import Table, table
from runledger.identity import to_text

HOSTILE = "<script>alert(1)</script>\x1b[31m\"'&"


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.texts = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


class HtmlTest(SpoolTest):
    TAGS = {"table", "thead", "tbody", "tr", "th", "td", "svg", "polyline", "p"}

    def assert_harmless(self, text):
        tags = Tags(text)
        self.assertLessEqual(tags.found, self.TAGS)
        self.assertNotIn("\x1b", text)
        return tags

    def test_a_run_shows_its_configuration_and_metrics_and_nothing_of_them_is_markup(self):
        run = runledger.init(experiment="h", config={HOSTILE: HOSTILE})
        for step in range(5):
            run.log({"loss": 0.5**step, HOSTILE: float(step)}, step=step)
        run.summary[HOSTILE] = HOSTILE

        text = run._repr_html_()
        tags = self.assert_harmless(text)
        self.assertIn(run.run_id, tags.texts)
        self.assertIn("0.0625", tags.texts)
        self.assertEqual(2, text.count("<svg"))
        run.finish()
        self.assertIn("finished", Tags(run._repr_html_()).texts)

    def test_a_run_whose_file_was_sent_and_has_no_database_is_shown_without_metrics(self):
        run = runledger.init(experiment="h")
        run.log({"loss": 1.0})
        run.finish()
        for file in self.files():
            file.unlink()

        self.assertNotIn("<svg", run._repr_html_())

    def test_a_spark_line_is_made_of_numbers_only(self):
        for values in ([], [math.nan, math.inf]):
            self.assertEqual("", shown.spark_line(values))
        for values in ([1.0], [1.0, math.nan, -3], [1.7e308, -1.7e308], list(range(10_000)), [5e-324, 0.0]):
            text = shown.spark_line(values)
            points = text.split('points="')[1].split('"')[0].split(" ")
            self.assertLessEqual(len(points), 240)
            for point in points:
                x, y = map(float, point.split(","))
                self.assertTrue(0 <= x <= 120 and 0 <= y <= 24, point)

    def test_a_table_is_a_list_of_dicts_that_shows_itself(self):
        rows = table([{"name": HOSTILE, "loss": 0.5}], ("name", "loss"), False)

        self.assertEqual([{"name": HOSTILE, "loss": 0.5}], rows)
        self.assertIn("0.5", self.assert_harmless(rows._repr_html_()).texts)
        many = Table({"at": at} for at in range(250))
        self.assertIn("50 more rows", many._repr_html_())
        self.assert_harmless(Table()._repr_html_())


class MagicsTest(SpoolTest):
    class UsageError(Exception):
        pass

    def setUp(self):
        super().setUp()
        error = types.ModuleType("IPython.core.error")
        error.UsageError = self.UsageError
        patched = mock.patch.dict(sys.modules, {"IPython.core.error": error})
        patched.start()
        self.addCleanup(patched.stop)
        self.shell = types.SimpleNamespace(
            user_ns={"rate": 0.5}, transform_cell=lambda cell: cell,
            register_magic_function=lambda function, kind, name: self.registered.append((function, kind, name)))
        self.registered = []
        runledger.load_ipython_extension(self.shell)
        ((self.magic, kind, name),) = self.registered
        self.assertEqual(("line_cell", "runledger"), (kind, name))

    def test_a_cell_is_a_run_that_ends_with_it(self):
        value = self.magic("first try", "for step in range(3):\n    run.log({'loss': rate}, step=step)\nrate * 2\n")

        self.assertEqual(1.0, value)
        self.assertEqual("first try", self.by_kind("start")[0]["start"]["name"])
        self.assertEqual(3, len(self.by_kind("metrics")))
        self.assertEqual(["completed"], [line["status"] for line in self.by_kind("status")])
        self.assertIsNone(self.magic("silent", "rate;"))

    def test_a_cell_that_raises_fails_its_run_and_raises(self):
        with self.assertRaises(ZeroDivisionError):
            self.magic("broken", "1 / 0")

        self.assertEqual(["failed"], [line["status"] for line in self.by_kind("status")])

    @unittest.skipIf(sqlite3.sqlite_version_info < (3, 38, 0), "the migrations need SQLite 3.38")
    def test_runs_of_the_database_are_shown(self):
        test_reading.WrongClocksTest.setUp(self)
        with closing(sqlite3.connect(self.projection.path)) as connection:
            connection.execute("UPDATE experiment_runs SET run_name = ? WHERE run_id = 1", (HOSTILE,))
            connection.commit()
        os.environ["RUNLEDGER_DB"] = self.projection.path

        newest = self.magic("list 5")
        self.assertEqual([to_text(1)], [row["run_id"] for row in newest])
        for text in (to_text(1), "1", HOSTILE):
            run = self.magic(f"show {text}")
            self.assertIn("loss: 0.5", repr(run))
            self.assertNotIn("<script", run._repr_html_() + newest._repr_html_())
            self.assertNotIn("\x1b", repr(run))
            self.assertIn("<svg", run._repr_html_())

    def test_what_cannot_be_done_is_said_in_a_sentence(self):
        for line, said in (("", "list"), ("show", "list"), ("list x", "x"), ("list", "no database"), ("show 0", "no database")):
            with self.subTest(line), self.assertRaisesRegex(self.UsageError, said):
                self.magic(line)
        with self.assertRaises(self.UsageError):
            self.magic("", "1 + 1")
        self.assertEqual([], self.files())


if __name__ == "__main__":
    unittest.main()
