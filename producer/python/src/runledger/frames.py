"""Tables for people: pandas where it is there, lists of dicts where it is not."""

from __future__ import annotations

import importlib
from typing import Any, List, Optional, Sequence

from runledger.projection import Row


def table(rows: List[Row], columns: Sequence[str], as_frame: Optional[bool]) -> Any:
    """A DataFrame with these columns, or a list of dicts.

    ``as_frame`` None: a DataFrame where pandas can be imported. ImportError: it was asked for, and
    there is no pandas.
    """
    if as_frame is not False:
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            if as_frame:
                raise
        else:
            return pandas.DataFrame(rows, columns=list(columns))
    return [{column: row.get(column) for column in columns} for row in rows]
