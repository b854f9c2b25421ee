"""Imports the files of the two small trackers before Runledger into a spool.

    python -m runledger.old_trackers experiments.db --spool DIR

Each row becomes an event whose identity follows from the row, so it counts once however often, and by
however many processes, its file is imported. deploy/docs/decisions/0053 says how.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from typing import List, NamedTuple, Optional, Union

from runledger import private_files
from runledger.old_file import FIVE, OURS, THREE, OldFileError, kind_in, kind_of, opened
from runledger.old_import import Import, Runs, project_of

__all__ = [
    "FIVE", "OURS", "THREE", "Ledger", "OldFileError", "import_file", "kind_of", "ledger_of", "open_old", "run_id_of",
]

#: Old ids are counted from 1. Ours are spread over 63 bits: that one of them is as small is as likely as
#: one in eight million.
_LARGEST_OLD_ID = 2**40


class Ledger(NamedTuple):
    """The database that takes over from an old file, and its spool."""

    path: str
    spool: str
    #: What was put into the spool just now, and takes the ledger a while: half a minute for a million metrics.
    new_files: int = 0


def ledger_of(path: Union[str, os.PathLike[str]]) -> Ledger:
    """Where the runs of an old file live from now on: next to it, under another name."""
    whole = os.path.abspath(os.path.expanduser(os.fsdecode(path)))
    stem = whole[:-3] if whole.endswith(".db") else whole
    database = stem + ".runledger.db"
    return Ledger(database, database + ".spool")


def open_old(
    path: Union[str, os.PathLike[str]],
    import_old: bool = True,
    spool: Union[str, os.PathLike[str], None] = None,
) -> Optional[Ledger]:
    """Imports the file of an old tracker, and returns where its runs are; None where it is not such a file.

    ``spool`` is that of another ledger, where one is configured. With ``import_old=False`` the file is
    refused. Raises OldFileError, or OSError where the spool cannot be written.
    """
    text = os.path.abspath(os.path.expanduser(os.fsdecode(path)))
    if kind_of(text) not in (THREE, FIVE):
        return None
    ledger = ledger_of(text)
    if spool is not None:
        ledger = ledger._replace(spool=os.path.abspath(os.fsdecode(spool)))
    if not import_old:
        raise OldFileError(
            f"{text} is the file of an earlier tracker. Import it with 'python -m runledger.old_trackers"
            f" {shlex.quote(text)} --spool {shlex.quote(ledger.spool)}', which leaves it unchanged"
            + (f", and open {ledger.path}." if spool is None else ".")
        )
    return ledger._replace(new_files=len(import_file(text, ledger.spool)))


def run_id_of(path: Union[str, os.PathLike[str]], old_id: int) -> Optional[int]:
    """The run_id of the run with an old integer id; None where the file has no such run.

    A number is an old id if its size is below 2**40 and the file has a run of that number; any other is ours.
    """
    if not -_LARGEST_OLD_ID < old_id < _LARGEST_OLD_ID:
        return None
    text = os.fsdecode(path)
    with opened(text) as connection:
        kind = kind_in(connection)
        if kind not in (THREE, FIVE):
            return None
        found = Runs(connection, kind, project_of(text)).identity(old_id)
        return None if found is None else found.run_id


def import_file(
    path: Union[str, os.PathLike[str]], spool: Union[str, os.PathLike[str]]
) -> List[str]:
    """Puts the rows of an old file that are not there yet into a spool; returns the files that it made.

    Nothing of the old file is changed. Raises OldFileError, or OSError where the spool cannot be written.
    """
    text, directory = os.fsdecode(path), os.path.abspath(os.fsdecode(spool))
    if not os.path.isfile(text):
        raise OldFileError(f"{text} is not a file.")
    kind = kind_of(text)
    if kind == OURS:
        raise OldFileError(f"{text} is already a database of Runledger.")
    if kind is None:
        raise OldFileError(
            f"{text} is not the file of a known tracker: it has neither the tables runs, metrics and artifacts"
            " nor experiment_runs and run_metrics."
        )
    private_files.make_directory(directory)
    with opened(text) as connection:
        return Import(connection, kind, text, directory).run()


def main(arguments: Optional[List[str]] = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m runledger.old_trackers",
        description="Import the file of an earlier tracker into a spool. The file itself is not changed.",
    )
    parser.add_argument("file", help="The SQLite file of the tracker.")
    parser.add_argument("--spool", help="The spool. Default: that of FILE's ledger, NAME.runledger.db.spool.")
    given = parser.parse_args(arguments)
    spool = given.spool or ledger_of(given.file).spool
    try:
        made = import_file(given.file, spool)
    except OSError as trouble:
        print(f"{spool} cannot be written: {trouble.strerror}.", file=sys.stderr)
        return 1
    except OldFileError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    print(f"{len(made)} files imported into {spool}." if made else f"Everything was already in {spool}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
