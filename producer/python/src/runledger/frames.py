"""Tables for people: with pandas where it is installed, else as lists of dicts."""

from __future__ import annotations

import importlib
from typing import Any, List, Optional, Sequence

from runledger.projection import Row
from runledger.shown import Table


def table(rows: List[Row], columns: Sequence[str], as_frame: Optional[bool]) -> Any:
    """A DataFrame with these columns, or a list of dicts.

    ``as_frame`` None: a DataFrame where pandas can be imported. ImportError: a DataFrame was asked
    for, and pandas is not installed.
    """
    if as_frame is not False:
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            if as_frame:
                raise
        else:
            return pandas.DataFrame(rows, columns=list(columns))
    return Table({column: row.get(column) for column in columns} for row in rows)
