"""What the tests share: lines of a spool, their grammar, and scripts that run as processes."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
SCHEMAS = REPOSITORY / "schemas" / "src" / "main" / "resources" / "io" / "runledger" / "schemas"
SOURCE = HERE.parent / "src"

_JSON_TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}


class Grammar:
    """The part of JSON Schema that spool-line.schema.json uses."""

    def __init__(self):
        self.schema = json.loads((SCHEMAS / "spool-line.schema.json").read_text(encoding="utf-8"))

    def complaints(self, value, schema=None, at="line"):
        schema = self.schema if schema is None else schema
        if "$ref" in schema:
            schema = self.schema["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        found = []
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(_JSON_TYPES[name](value) for name in types):
            return [f"{at}: {value!r} is no {types}"]
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at}: {value!r} not in {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            found.append(f"{at}: {value!r}")
        if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
            found.append(f"{at}: {value!r} does not match")
        if isinstance(value, (int, float)):
            if "minimum" in schema and value < schema["minimum"]:
                found.append(f"{at}: {value} is too small")
            if "maximum" in schema and value > schema["maximum"]:
                found.append(f"{at}: {value} is too large")
        for name, good in (("anyOf", lambda n: n >= 1), ("oneOf", lambda n: n == 1)):
            if name in schema:
                fits = sum(not self.complaints(value, one, at) for one in schema[name])
                if not good(fits):
                    found.append(f"{at}: {fits} of {name} fit")
        if isinstance(value, dict):
            found += [f"{at}: no {key}" for key in schema.get("required", []) if key not in value]
            if len(value) < schema.get("minProperties", 0):
                found.append(f"{at}: empty")
            for key, inner in value.items():
                of = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
                if of:
                    found += self.complaints(inner, of, f"{at}.{key}")
        if isinstance(value, list) and "items" in schema:
            for inner in value:
                found += self.complaints(inner, schema["items"], at + "[]")
        return found


class SpoolTest(unittest.TestCase):
    """A test with its own spool and an environment without settings of Runledger."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.spool = os.path.join(directory.name, "spool")
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        for name in list(os.environ):
            if name.startswith(("RUNLEDGER_", "SLURM_")) or name in ("RANK", "WORLD_SIZE"):
                del os.environ[name]
        os.environ["RUNLEDGER_SPOOL"] = self.spool
        os.environ["RUNLEDGER_HEARTBEAT_SECONDS"] = "0"
        os.environ["RUNLEDGER_DB"] = os.path.join(directory.name, "runledger.db")
        self.addCleanup(self._end_runs)

    def _end_runs(self):
        from runledger import open_runs

        for run in open_runs.all_open():
            run._release()

    def files(self):
        return sorted(Path(self.spool).glob("*.jsonl"))

    def lines(self, file=None):
        """The lines of one file, or of the only one; each is checked against the grammar."""
        if file is None:
            self.assertEqual(1, len(self.files()))
            file = self.files()[0]
        data = file.read_bytes()
        self.assertTrue(data.endswith(b"\n"), "half a line is at the end")
        lines = [json.loads(line) for line in data.splitlines()]
        for line in lines:
            self.assertEqual([], Grammar().complaints(line), line)
        return lines

    def by_kind(self, kind, file=None):
        return [line for line in self.lines(file) if kind in line]

    def process(self, script, *arguments, code=0, **environment):
        """Runs a script to its end; what it wrote to stderr."""
        path = Path(self.spool).parent / "script.py"
        path.write_text(script, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(path), *arguments],
            env={
                **os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            capture_output=True, text=True, timeout=60,
        )
        if code is not None:
            self.assertEqual(code, done.returncode, done.stderr)
        return done.stderr
