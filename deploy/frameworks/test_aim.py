"""A repository that the real Aim wrote, imported. In an environment of its own: Aim pins what others need newer."""

import hashlib
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import aim
except ImportError:
    aim = None

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = REPOSITORY / "deploy" / "cli" / "target" / "runledger" / "bin" / "runledger"


def contents(directory):
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*")) if path.is_file()
    }


@unittest.skipIf(aim is None, "Aim is not installed in this environment")
class AimTest(unittest.TestCase):

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="runledger-aim-test-")
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)
        self.database = self.directory / "a.db"

    def tracked(self, name, values):
        run = aim.Run(repo=str(self.directory), experiment="vision", system_tracking_interval=None)
        run.name = name
        run["hparams"] = {"lr": 0.1, "layers": [1, 2]}
        run.add_tag("grid")
        for step, value in enumerate(values):
            run.track(value, name="loss", step=10 * step, epoch=step // 2, context={"subset": "train"})
            run.track(-value, name="loss", step=10 * step, context={"subset": "val"})
        run.close()

    def verb(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNLEDGER_")}
        environment["HOME"] = str(self.directory)
        done = subprocess.run(
            [str(COMMAND), *words], env=environment, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stderr

    def imported(self):
        return self.verb("import", "aim", str(self.directory), "--python", sys.executable, "--db", str(self.database))

    def rows(self, sql):
        self.verb("follow", "--db", str(self.database), "--idle-exit", "1s")
        with sqlite3.connect(self.database) as database:
            return database.execute(sql).fetchall()

    def test_a_repository_whose_index_aim_never_made_is_imported_once(self):
        self.tracked("good", [1.0, 0.5, 0.25, 5e-324])
        self.tracked("bad", [math.nan, math.inf])
        before = contents(self.directory / ".aim")

        first = self.imported()

        self.assertIn("2 runs with 12 values read", first)
        self.assertEqual(before, contents(self.directory / ".aim"))
        self.assertEqual(
            [("bad", "vision", "completed", 0.1), ("good", "vision", "completed", 0.1)],
            self.rows("SELECT run_name, project, status, json_extract(config, '$.hparams.lr') FROM runs ORDER BY 1"))
        self.assertEqual(
            [(0, 0.0, 1.0), (10, 0.0, 0.5), (20, 1.0, 0.25), (30, 1.0, 5e-324)],
            self.rows(
                "SELECT step, epoch, value FROM metrics JOIN runs USING (run_id)"
                " WHERE run_name = 'good' AND metric_name = 'loss[subset=train]' ORDER BY step"))
        self.assertEqual(
            [(0, None), (10, math.inf)],
            self.rows(
                "SELECT step, value FROM metrics JOIN runs USING (run_id)"
                " WHERE run_name = 'bad' AND metric_name = 'loss[subset=train]' ORDER BY step"))
        self.assertEqual(2, self.rows("SELECT count(*) FROM runs WHERE tags = '[\"grid\"]'")[0][0])
        self.assertIn("all of it is already in", self.imported())

        self.tracked("later", [2.0])

        self.assertIn("3 runs with 14 values read", self.imported())
        self.assertEqual(14, self.rows("SELECT count(*) FROM metrics")[0][0])


if __name__ == "__main__":
    unittest.main()
