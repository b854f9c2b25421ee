"""Tables for people: with pandas where it is installed, else as lists of dicts that read alike."""

from __future__ import annotations

import importlib
import io
from typing import Any, Iterable, Iterator, List, Optional, Sequence, Tuple, Union, overload

from runledger import printable
from runledger.projection import Row
from runledger.tracker_calls import TrackerRow

#: Rows that are printed.
_MOST_ROWS = 200


class Table(List[Row]):
    """A list of dicts with the same keys, which reads like a data frame where scripts need one.

    ``table["name"]`` is the list of a column, ``table[["name", "loss"]]`` a table of these columns,
    ``table.iloc[0]`` the first row. ``print`` and notebooks show it as a table.
    """

    def __init__(self, rows: Iterable[Row] = (), columns: Optional[Sequence[str]] = None) -> None:
        super().__init__(TrackerRow(row) for row in rows)
        self.columns: List[str] = (
            list(dict.fromkeys(name for row in self for name in row))
            if columns is None
            else list(columns)
        )

    @overload  # type: ignore[override]
    def __getitem__(self, wanted: int) -> Row: ...

    @overload
    def __getitem__(self, wanted: str) -> List[Any]: ...

    @overload
    def __getitem__(self, wanted: Union[slice, List[str]]) -> Table: ...

    def __getitem__(self, wanted: Any) -> Any:
        if isinstance(wanted, bool):
            raise TypeError("Conditions on columns need pandas; without it, choose the rows in a loop.")
        if isinstance(wanted, str):
            self._check([wanted])
            return [row.get(wanted) for row in self]
        if isinstance(wanted, list):
            self._check(wanted)
            return Table(({name: row.get(name) for name in wanted} for row in self), wanted)
        found = super().__getitem__(wanted)
        return Table(found, self.columns) if isinstance(wanted, slice) else found

    def _check(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.columns:
                raise KeyError(f"{name!r} is not a column of {', '.join(self.columns)}")

    @property
    def iloc(self) -> Table:
        """Rows by their position, as data frames have it."""
        return self

    @property
    def empty(self) -> bool:
        """Whether there are no rows."""
        return not self

    def sort_values(self, by: str, ascending: bool = True) -> Table:
        """The rows in the order of a column, those without a value last."""
        self._check([by])
        rows = sorted(
            (row for row in self if row.get(by) is not None), key=lambda row: row[by], reverse=not ascending
        )
        return Table(rows + [row for row in self if row.get(by) is None], self.columns)

    def iterrows(self) -> Iterator[Tuple[int, Row]]:
        """Each row with its position."""
        return enumerate(self)

    def to_csv(self, path: Any = None, index: bool = True) -> Optional[str]:
        """Writes it as CSV into a file, or returns the text where there is no path."""
        import csv  # which a job does not need

        text = io.StringIO()
        target = csv.writer(text, lineterminator="\n")
        target.writerow([""] * index + self.columns)
        for place, row in enumerate(self):
            target.writerow([place] * index + [row.get(name) for name in self.columns])
        if path is None:
            return text.getvalue()
        if hasattr(path, "write"):
            path.write(text.getvalue())
        else:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text.getvalue())
        return None

    def __repr__(self) -> str:
        if not self.columns:
            return "(no rows)"
        shown = list(self)[:_MOST_ROWS]
        table = [["", *self.columns]]
        table += [[str(at), *(_cell(row.get(name)) for name in self.columns)] for at, row in enumerate(shown)]
        widths = [max(len(line[place]) for line in table) for place in range(len(table[0]))]
        left = len(self) - len(shown)
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths)) for line in table]
        return "\n".join(lines + ([f"({left} more rows)"] if left else []))

    __str__ = __repr__

    def _repr_html_(self) -> str:
        # Only notebooks need it.
        from runledger import shown

        return shown.rows_html(self.columns, self)


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
    return Table(({column: row.get(column) for column in columns} for row in rows), columns)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = printable.line(str(value))
    return text if len(text) <= 50 else text[:47] + "..."
