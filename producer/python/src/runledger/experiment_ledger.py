"""Finds the ledger that an ExperimentDB writes to and reads from."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

from runledger import lineage
from runledger.configuration import absolute
from runledger.projection import Projection
from runledger.settings import Settings

if TYPE_CHECKING:
    from runledger.desk import Desk

_LOG = logging.getLogger("runledger")

PathLike = Union[str, "os.PathLike[str]"]

#: A file of an import, which holds fifty thousand rows at most, is applied in less.
_SECONDS_A_FILE = 5.0


class ExperimentLedger(NamedTuple):
    """Where runs are written and read."""

    settings: Settings
    projection: Projection
    #: The path as it was given, where the database is there.
    path: Path
    #: That of new runs and of what is read; None for all.
    project: Optional[str]
    #: None where a ledger is configured.
    desk: Optional[Desk] = None
    #: The file of an earlier tracker, whose integer ids name its runs here as well.
    old_file: Optional[str] = None
    #: What to say when a run is begun that goes elsewhere than its path suggests.
    astray: Optional[str] = None
    #: How much longer than others the first read may wait for what was imported just now.
    import_seconds: float = 0.0

    def number_of_old(self, number: int) -> int:
        """The run_id of a number that may be one of the old file's."""
        if self.old_file is None:
            return number
        from runledger import old_trackers

        return old_trackers.run_id_of(self.old_file, number) or number


def ledger_at(
    path: Optional[PathLike], spool: Optional[PathLike], import_old: bool
) -> ExperimentLedger:
    """The ledger of a path, which is made where none is configured and nothing is there.

    Raises OldFileError where it is an earlier tracker's file that cannot be imported, or must not be.
    """
    settings = Settings.read(lineage.outside())
    if spool is not None:
        settings = settings._replace(spool=absolute(os.fsdecode(spool)))
    if path is None:
        projection = Projection.at(None, settings.database)
        return ExperimentLedger(settings, projection, Path(projection.path), None)
    from runledger import desk  # what starts processes is not needed by each job

    text = os.fsdecode(path)
    is_configured = spool is not None or desk.is_configured()
    found = None if is_configured else desk.Desk.at(text)
    if found is not None:
        return _of_desk(settings, found, text)
    imported = _imported(text, settings, is_configured, import_old)
    if imported is not None:
        return imported
    ledger = _configured(settings, path, is_configured)
    return ledger if is_configured else ledger._replace(astray=_astray(ledger, text))


def _astray(ledger: ExperimentLedger, path: str) -> str:
    from runledger import desk

    if ledger.projection.is_at(path):
        spool = desk.spool_of(path)
        return (
            f"{path} will not have the runs that are begun here, because {spool} is not next to it: they go to"
            f" {ledger.settings.spool}. Put {spool} back, or move {path} away to begin a new ledger."
        )
    return (
        f"The runs that are begun here go to {ledger.settings.spool}, because {path} is not a database of"
        " Runledger. Specify another path to begin a ledger."
    )


def _of_desk(settings: Settings, desk: Desk, path: str) -> ExperimentLedger:
    of_desk = settings._replace(spool=desk.spool, database=desk.path)
    return ExperimentLedger(of_desk, Projection(desk.path), Path(path), None, desk)


def _configured(settings: Settings, path: PathLike, is_configured: bool) -> ExperimentLedger:
    from runledger import desk

    text = os.fsdecode(path)
    whole = absolute(text)
    if is_configured and whole != settings.database and os.path.isdir(desk.spool_of(whole)):
        # What is written goes to the configured ledger, so that is what is read.
        _LOG.warning(
            "A ledger is configured, so %s is the project %s of %s. 'runledger sync %s' sends what its own spool holds.",
            text, Path(text).stem, settings.database, desk.spool_of(text),
        )
        projection = Projection(settings.database)
    else:
        projection = Projection.at(path, settings.database)
    if projection.is_at(path):
        return ExperimentLedger(settings, projection, Path(text), None)
    return ExperimentLedger(settings, projection, Path(projection.path), Path(text).stem)


def _imported(
    path: str, settings: Settings, is_configured: bool, import_old: bool
) -> Optional[ExperimentLedger]:
    """The ledger of an earlier tracker's file; None where the path is not one."""
    whole = absolute(path)
    if not os.path.isfile(whole):
        return None
    from runledger import desk, old_trackers

    old = old_trackers.open_old(whole, import_old, settings.spool if is_configured else None)
    if old is None:
        return None
    found = None if is_configured else desk.Desk.at(old.path)
    ledger = _configured(settings, path, is_configured) if found is None else _of_desk(settings, found, old.path)
    return ledger._replace(old_file=whole, import_seconds=_SECONDS_A_FILE * old.new_files)
