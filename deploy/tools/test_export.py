"""Exports, read back by the real pandas, polars and DuckDB."""

import json
import math
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import duckdb
import pandas
import polars
from ledger import verb

#: All that a double can be.
_VALUES = [1.5, -0.0, math.inf, -math.inf, math.nan, 5e-324, 0.1 + 0.2, 1.7976931348623157e308]

#: What an export must not change.
_NAME = "=1+1 \u202e\u00fc \U0001f600, \"quoted\"\nline"

_FILL = f"""
import sys
from runledger import ExperimentDB

values = {_VALUES!r}
with ExperimentDB(sys.argv[1]) as db:
    for number in range(3):
        run = db.log_run(f"run-{{number}}", {{"lr": 0.1, "layers": number}})
        for step, value in enumerate(values):
            db.log_metric(run, {_NAME!r}, value, step=step)
        db.log_metric(run, "no step", 1)
    db.conn.execute("SELECT 1")
""".replace(
    "import sys\n", "import sys\nfrom math import inf, nan\n", 1
)

_TIMESTAMP = "datetime64[us, UTC]"


def _same(one: float, other: float) -> bool:
    return math.isnan(one) and math.isnan(other) or (
        one == other and math.copysign(1, one) == math.copysign(1, other)
    )


class Export(unittest.TestCase):

    @classmethod
    def setUpClass(cls) -> None:
        # Its own ledger: nothing of it is in the one that the other tests share.
        cls.configuration = {
            name: os.environ.pop(name) for name in list(os.environ) if name.startswith("RUNLEDGER_")
        }
        cls.temporary = tempfile.TemporaryDirectory()
        directory = Path(cls.temporary.name)
        cls.db = str(directory / "x.db")
        try:
            subprocess.run([sys.executable, "-c", _FILL, cls.db], check=True, timeout=120)
            cls.files = {}
            for table in ("runs", "points", "summaries"):
                cls.files[table] = str(directory / f"{table}.parquet")
                verb("export", f"--{table}", "-o", cls.files[table], "--db", cls.db)
            cls.runs = json.loads(verb("list", "--json", "--db", cls.db))["runs"]
            cls.text = {
                ending: directory / f"points.{ending}" for ending in ("csv", "jsonl")
            }
            for path in cls.text.values():
                verb("export", "--points", "-o", str(path), "--db", cls.db)
        finally:
            os.environ.update(cls.configuration)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.temporary.cleanup()

    def assert_values(self, values) -> None:
        self.assertEqual(len(values), len(_VALUES))
        for found, expected in zip(values, _VALUES):
            self.assertTrue(_same(found, expected), (found, expected))

    def test_pandas_has_the_types_and_the_numbers(self) -> None:
        runs = pandas.read_parquet(self.files["runs"])
        points = pandas.read_parquet(self.files["points"])
        summaries = pandas.read_parquet(self.files["summaries"])

        self.assertEqual(str(runs["started_at"].dtype), _TIMESTAMP)
        self.assertEqual(str(runs["run_id"].dtype), "int64")
        self.assertEqual(str(runs["config_drift"].dtype), "bool")
        self.assertEqual(list(runs["run_id"]), [int(run["run_id"]) for run in self.runs])
        self.assertEqual(list(runs["run_name"]), ["run-2", "run-1", "run-0"])
        self.assertEqual(json.loads(runs["config"][0])["layers"], 2)
        self.assertEqual(
            runs["started_at"][0].strftime("%Y-%m-%d %H:%M:%S"), self.runs[0]["started_at"]
        )
        self.assertEqual(str(points["value"].dtype), "float64")
        self.assertEqual(str(points["timestamp"].dtype), _TIMESTAMP)
        self.assertEqual(len(points), 3 * (len(_VALUES) + 1))
        odd = points[(points["metric_name"] == _NAME) & (points["id"] == self.runs[0]["id"])]
        self.assert_values(list(odd["value"]))
        self.assertEqual(list(odd["step"]), list(range(len(_VALUES))))
        self.assertTrue(points[points["metric_name"] == "no step"]["step"].isna().all())
        self.assertEqual(list(summaries["nan_count"]), [1, 0] * 3)

    def test_polars_has_the_types_and_the_numbers(self) -> None:
        points = polars.read_parquet(self.files["points"])
        lazily = (
            polars.scan_parquet(self.files["points"])
            .filter(polars.col("metric_name") == _NAME, polars.col("id") == self.runs[1]["id"])
            .select("value")
            .collect()
        )

        self.assertEqual(points.schema["timestamp"], polars.Datetime("us", "UTC"))
        self.assertEqual(points.schema["step"], polars.Int64)
        self.assertEqual(points.schema["epoch"], polars.Float64)
        self.assertEqual(points.schema["metric_name"], polars.String)
        self.assertEqual(points["value"].null_count(), 0)
        self.assertEqual(points["step"].null_count(), 3)
        self.assert_values(lazily["value"].to_list())
        self.assertEqual(
            polars.read_parquet(self.files["runs"]).schema["config_drift"], polars.Boolean
        )

    def test_duckdb_has_the_types_and_the_numbers(self) -> None:
        types = dict(
            duckdb.sql(
                f"SELECT column_name, column_type FROM (DESCRIBE FROM '{self.files['points']}')"
            ).fetchall()
        )
        values = duckdb.execute(
            f"SELECT value FROM '{self.files['points']}' WHERE metric_name = ? AND id = ? ORDER BY step",
            [_NAME, self.runs[2]["id"]],
        ).fetchall()
        joined = duckdb.sql(
            f"SELECT count(*) FROM '{self.files['points']}' JOIN '{self.files['runs']}' USING (run_id)"
        ).fetchall()

        self.assertEqual(types["timestamp"], "TIMESTAMP WITH TIME ZONE")
        self.assertEqual(types["run_id"], "BIGINT")
        self.assertEqual(types["value"], "DOUBLE")
        self.assertEqual(types["metric_name"], "VARCHAR")
        self.assert_values([value for (value,) in values])
        self.assertEqual(joined, [(3 * (len(_VALUES) + 1),)])

    def test_text_formats_are_read_alike(self) -> None:
        csv = pandas.read_csv(self.text["csv"], parse_dates=["timestamp"], keep_default_na=True)
        lines = polars.read_ndjson(self.text["jsonl"])
        parquet = pandas.read_parquet(self.files["points"])

        self.assertEqual(list(csv["run_id"]), list(parquet["run_id"]))
        self.assertTrue(all(map(_same, csv["value"], parquet["value"])))
        self.assertEqual(list(csv["timestamp"]), list(parquet["timestamp"]))
        self.assertEqual(lines["metric_name"].to_list(), list(parquet["metric_name"]))
        self.assertTrue(
            all(_same(float(line), value) for line, value in zip(lines["value"], parquet["value"]))
        )


if __name__ == "__main__":
    unittest.main()
