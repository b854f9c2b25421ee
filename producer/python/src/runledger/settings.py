"""The settings of Runledger that concern a job, with their types."""

from __future__ import annotations

import logging
import os
import re
from typing import Mapping, NamedTuple, Optional, Set

from runledger import configuration
from runledger.masking import Secrets

_LOG = logging.getLogger("runledger")

_MODES = ("online", "offline", "disabled")

#: A process reads its settings for each run, and logs only once what is wrong with them.
_told: Set[str] = set()


class Settings(NamedTuple):
    """Values of one moment. Sizes are bytes of UTF-8."""

    spool: str
    database: str
    mode: str
    sync_seconds: float
    #: 0: no heartbeats.
    heartbeat_seconds: int
    #: Between two samples of what a run uses; 0: none.
    system_seconds: int
    config_max_bytes: int
    traceback_max_bytes: int
    record_max_bytes: int
    #: What is hidden.
    secrets: Secrets

    @staticmethod
    def read(environment: Optional[Mapping[str, str]] = None) -> Settings:
        """The settings of an environment, this process's by default.

        Never fails: an impossible value is reported, and the default used.
        """
        given = os.environ if environment is None else environment
        found = configuration.read(given, _tell)
        return Settings(
            spool=found.path(configuration.SPOOL),
            database=found.path(configuration.DATABASE),
            mode=_mode(given),
            sync_seconds=found.number("spool.sync.ms") / 1000,
            heartbeat_seconds=found.number("heartbeat.seconds"),
            system_seconds=found.number("system.seconds"),
            config_max_bytes=found.number("config.max.bytes"),
            traceback_max_bytes=found.number("traceback.max.bytes"),
            record_max_bytes=found.number("record.max.bytes"),
            secrets=_secrets(found.text(configuration.SECRET_KEYS)),
        )


def checked_mode(mode: str) -> str:
    """The mode itself. Raises ValueError for a word that is not a mode."""
    if not isinstance(mode, str) or str.__str__(mode) not in _MODES:
        shown = repr(str.__str__(mode)) if isinstance(mode, str) else f"of type {type(mode).__name__}"
        raise ValueError(f"The mode {shown} is not one of {', '.join(_MODES)}.")
    return mode


def _tell(sentence: str) -> None:
    if sentence not in _told:
        _told.add(sentence)
        _LOG.warning("%s", sentence)


def _mode(given: Mapping[str, str]) -> str:
    word = given.get("RUNLEDGER_MODE", "").strip().lower() or "online"
    try:
        return checked_mode(word)
    except ValueError as trouble:
        _LOG.warning("RUNLEDGER_MODE: %s The run is recorded as online.", trouble)
        return "online"


def _secrets(pattern: Optional[str]) -> Secrets:
    return Secrets(re.compile(pattern) if pattern else None)
