"""What ``%load_ext runledger`` adds to IPython: ``%runledger`` and ``%%runledger``."""

from __future__ import annotations

import ast
import importlib
import sqlite3
from typing import Any, Optional

from runledger import run_tables, shown
from runledger.experiment_db import ExperimentDB
from runledger.frames import Table
from runledger.identity import parse_id, to_text
from runledger.starting import init

_USAGE = (
    "%runledger list [N] shows the newest runs, %runledger show RUN one of them (its id, or its name),"
    " and %%runledger NAME records a cell as a run, which the cell can use as 'run'."
)

#: What tracebacks have for the name of a file.
_CELL = "<runledger cell>"

_BY_NAME = """
    SELECT run_id
      FROM experiment_runs
     WHERE run_name = ? AND deleted = 0
     ORDER BY first_attempt_id DESC, run_id DESC
     LIMIT 1
"""

_COLUMNS = ("run_id", "run_name", "status", "created_at", "metric_count", "best_val_loss")


class Magics:
    """The magics of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def runledger(self, line: str, cell: Optional[str] = None) -> Any:
        """Shows runs, or records a cell as a run."""
        if cell is not None:
            return self._record(line.strip(), cell)
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        try:
            if word == "list":
                return _newest(int(rest) if rest else 10)
            if word == "show" and rest:
                return _one(rest)
        except (OSError, ValueError, sqlite3.Error) as trouble:
            raise _usage_error(str(trouble)) from None
        raise _usage_error(_USAGE)

    def _record(self, name: str, cell: str) -> Any:
        if not name:
            raise _usage_error(_USAGE)
        tree = ast.parse(self._shell.transform_cell(cell))
        last: Optional[ast.expr] = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = tree.body[-1].value
            del tree.body[-1]
        variables = self._shell.user_ns
        with init(name=name) as run:
            variables["run"] = run
            # Without the __future__ of this file.
            exec(compile(tree, _CELL, "exec", dont_inherit=True), variables)
            if last is not None:
                # The value of the cell, which IPython shows unless the cell ends with a semicolon.
                code = compile(ast.Expression(last), _CELL, "eval", dont_inherit=True)
                value = eval(code, variables)
                return None if cell.rstrip().endswith(";") else value
        return None


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext runledger`` calls: registers the magics with the shell."""
    shell.register_magic_function(Magics(shell).runledger, "line_cell", "runledger")


def _newest(limit: int) -> Table:
    database = ExperimentDB(wait=2)
    rows = database.list_runs(limit, as_frame=False, all_columns=True)
    return Table(
        {name: to_text(row[name]) if name == "run_id" else row[name] for name in _COLUMNS}
        for row in rows
    )


def _one(text: str) -> shown.Shown:
    database = ExperimentDB(wait=2)
    try:
        row = database.get_run(parse_id(text))
    except ValueError:
        named = database._projection.one(_BY_NAME, (text,))
        if named is None:
            raise ValueError(f"No run has the id or name {text!r}.") from None
        row = run_tables.run(database._projection, named["run_id"])
    return shown.of_row(database._projection, row)


def _usage_error(text: str) -> Exception:
    error: Exception = importlib.import_module("IPython.core.error").UsageError(text)
    return error
