"""The programs of deploy/docs/frameworks.md, each run as it is there."""

import re
import unittest

from lines import REPOSITORY
from recorded import FrameworkTest

PAGE = REPOSITORY / "deploy" / "docs" / "frameworks.md"


class Page(FrameworkTest):

    def test_each_program_records_completed_runs(self):
        programs = re.findall(r"^## (.*?)\n.*?^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)
        self.assertTrue(programs)
        for heading, program in programs:
            with self.subTest(heading):
                for file in self.files():
                    file.unlink()
                self.process(program)
                self.assertEqual({"completed"}, {end for one in self.attempts() for end in one.ends})


if __name__ == "__main__":
    unittest.main()
