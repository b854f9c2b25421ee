"""Runs that take over the attempt which ``runledger exec`` began without being given a name.

Such a wrapper begins a run that is called by its command. When the command begins named runs, the
first of them takes the wrapper's attempt over, and the run without a name is hidden. Each run
that begins under the wrapper notes itself in the spool, where the wrapper looks for what its command
has become; deploy/docs/decisions/0040-the-named-start-takes-over.md has the reasons.
"""

from __future__ import annotations

import hashlib
import os
from typing import NamedTuple

from runledger import lineage, private_files, ranks
from runledger.exceptions import ErrorFacts
from runledger.identity import IDS, to_text
from runledger.json_values import dumps
from runledger.lineage import Family
from runledger.settings import Settings
from runledger.writer import RUNS, Writer


class Offer(NamedTuple):
    """An attempt of a wrapper that a run with a name may take over."""

    run_id: int
    attempt_id: int
    settings: Settings
    #: Whether this process is the first to begin a run under the wrapper.
    is_first: bool

    def taken_by(self, run_id: int, attempt_id: int) -> None:
        """Notes what began. Never raises: where it cannot be noted, the wrapper keeps its run."""
        try:
            if run_id == self.run_id:
                # Another run may have taken this attempt over, and has the link of its name.
                attempt_id = IDS.next()
            os.symlink(to_text(run_id), os.path.join(self._directory, to_text(attempt_id)))
            if self._is_more_than_one():
                if os.path.exists(self._said("delete")) and self._is_first_to_say("restore"):
                    self._say_restored()
            elif run_id != self.run_id and self._is_first_to_say("delete"):
                self._say("delete", f"its command started run {to_text(run_id)}, which took its place")
                if self._is_more_than_one():
                    # Another one began meanwhile, and its report may be older than ours.
                    self._say_restored()
        except (OSError, ValueError):
            pass

    @property
    def _directory(self) -> str:
        return _directory("taken", self.settings.spool, self.attempt_id)

    def _is_more_than_one(self) -> bool:
        links = [one for one in os.scandir(self._directory) if one.is_symlink()]
        return len({os.readlink(one.path) for one in links}) > 1

    def _said(self, word: str) -> str:
        return os.path.join(self._directory, word)

    def _is_first_to_say(self, word: str) -> bool:
        try:
            os.close(private_files.create(self._said(word)))
            return True
        except FileExistsError:
            return False

    def _say_restored(self) -> None:
        # The end of the command is the end of none of them.
        self._say("restore", "its command is more than one run")

    def _say(self, word: str, reason: str) -> None:
        writer = Writer(to_text(self.run_id), to_text(self.attempt_id), self.settings, False)
        writer.append(RUNS, f'"{word}":{dumps({"reason": reason})}')
        writer.close()


def offer(family: Family, settings: Settings) -> "Offer | None":
    """The attempt of the wrapper above this process, if it was given no name; None without one."""
    if family.given is None or not family.is_unnamed:
        return None
    run_id, attempt_id = family.given
    # The wrapper looks where it asked its command to write to.
    spool = lineage.outer().get(lineage.SPOOL) or settings.spool
    directory = _directory("taken", spool, attempt_id)
    try:
        private_files.make_directory(os.path.dirname(directory))
        os.mkdir(directory, 0o700)
        is_first = True
    except FileExistsError:
        is_first = False
    except (OSError, ValueError):
        return None
    return Offer(run_id, attempt_id, settings._replace(spool=spool), is_first)


def told(error: ErrorFacts, settings: Settings) -> None:
    """Notes an error for the wrapper, which finds it on stderr, too, and would record it twice. Never raises."""
    given = lineage.family(settings.spool).given
    spool = lineage.outer().get(lineage.SPOOL)
    if given is None or not spool:
        return
    first_line = next(iter((error.message or "").splitlines()), "")
    name = hashlib.sha256(f"{error.type_name}\n{first_line}".encode("utf-8", "replace")).hexdigest()[:24]
    try:
        directory = _directory("told", spool, given[1])
        private_files.make_directory(directory)
        os.close(private_files.create(os.path.join(directory, name)))
    except (OSError, ValueError):
        pass  # it is recorded twice


def _directory(kind: str, spool: str, attempt_id: int) -> str:
    return os.path.join(spool, ranks.DIRECTORY, f"{kind}-{to_text(attempt_id)}")
