"""The magics in a real IPython."""

import unittest

from IPython.core.interactiveshell import InteractiveShell
from recorded import FrameworkTest


class IPython(FrameworkTest):

    def cell(self, text):
        result = self.shell.run_cell(text)
        return result.error_in_exec or result.error_before_exec or result.result

    def setUp(self):
        super().setUp()
        self.shell = InteractiveShell.instance()
        self.assertIsNone(self.cell("%load_ext runledger"))

    def test_a_cell_is_a_run_with_the_value_of_its_last_line(self):
        value = self.cell("%%runledger first try\nfor step in range(3):\n    run.log({'loss': 0.5**step}, step=step)\nstep * 2")

        attempt = self.attempt()
        self.assertEqual(4, value)
        self.assertEqual("first try", attempt.start["name"])
        self.assertEqual([1.0, 0.5, 0.25], attempt.series("loss"))
        self.assertEqual(["completed"], attempt.ends)
        shown = self.shell.display_formatter.format(self.shell.user_ns["run"])[0]["text/html"]
        self.assertIn("<svg", shown)

    def test_a_cell_that_raises_fails_its_run_and_is_shown_as_one_that_raised(self):
        error = self.cell("%%runledger broken\nraise ValueError('the labels are missing')")

        self.assertIsInstance(error, ValueError)
        self.assertEqual(["failed ValueError"], self.attempt().ends)

    def test_without_a_database_a_sentence_says_so(self):
        self.assertIn("no database", str(self.cell("%runledger list")))


if __name__ == "__main__":
    unittest.main()
