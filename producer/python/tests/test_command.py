"""python -m runledger: becomes the command, where the installation has one."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from lines import SOURCE

#: In the place of the launcher of the distribution.
LAUNCHER = """\
printf '[%s]' "$@"
echo
grep '^SigIgn' /proc/self/status
cat
exit 7
"""


class CommandTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = Path(directory.name) / "with spaces"
        shutil.copytree(SOURCE, self.place, ignore=shutil.ignore_patterns("__pycache__"))

    def module(self, *words, **options):
        return subprocess.run(
            [sys.executable, "-m", "runledger", *words],
            env={**os.environ, "PYTHONPATH": str(self.place)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def launcher(self):
        script = self.place / "runledger" / "_distribution" / "bin" / "runledger"
        script.parent.mkdir(parents=True)
        script.write_text(LAUNCHER)
        return script

    def test_the_package_alone_says_that_it_has_no_command(self):
        ended = self.module("list")

        self.assertEqual(1, ended.returncode)
        self.assertEqual(b"", ended.stdout)
        self.assertEqual(1, ended.stderr.count(b"\n"))
        self.assertIn(b"install Runledger's wheel", ended.stderr)

    @unittest.skipUnless(Path("/proc/self/status").exists(), "asks Linux")
    def test_it_becomes_the_command_with_its_words_streams_exit_code_and_signals(self):
        script = self.launcher()
        words = ["exec", "", "*", "two words", b"lat\xe4"]

        ended = self.module(*words, input=b"stdin")
        plain = subprocess.run(["/bin/sh", str(script), *words], input=b"stdin", stdout=subprocess.PIPE)

        self.assertEqual(7, ended.returncode)
        self.assertEqual(b"", ended.stderr)
        self.assertTrue(ended.stdout.startswith(b"[exec][][*][two words][lat\xe4]\n"), ended.stdout)
        self.assertEqual(plain.stdout, ended.stdout)

    def test_to_import_it_runs_nothing(self):
        self.launcher()

        ended = subprocess.run(
            [sys.executable, "-c", "import runledger.__main__"],
            env={**os.environ, "PYTHONPATH": str(self.place)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

        self.assertEqual((0, b""), (ended.returncode, ended.stdout))


if __name__ == "__main__":
    unittest.main()
