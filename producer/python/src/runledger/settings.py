"""What the environment says: the settings of Runledger that concern a job."""

from __future__ import annotations

import logging
import os
import re
from typing import Mapping, NamedTuple, Optional, Pattern

_LOG = logging.getLogger("runledger")

#: As ``Setting.SECRET_KEYS`` of the Java parts.
SECRET_KEYS = (
    r"(?i).*(passw|secret|token|api[_.-]?key|credential|private[_.-]?key|access[_.-]?key).*"
)
_LARGEST_PART = (8 << 20) // 4
_MODES = ("online", "offline", "disabled")


class Settings(NamedTuple):
    """Values of one moment. Sizes are bytes of UTF-8."""

    spool: str
    database: str
    mode: str
    sync_seconds: float
    #: 0: no heartbeats.
    heartbeat_seconds: int
    config_max_bytes: int
    traceback_max_bytes: int
    record_max_bytes: int
    secret_keys: Pattern[str]

    @staticmethod
    def read(environment: Optional[Mapping[str, str]] = None) -> Settings:
        """The settings of an environment, this process's by default.

        Never fails: a value that cannot be is told, and the default taken.
        """
        given = os.environ if environment is None else environment
        data = given.get("RUNLEDGER_DATA_DIR") or os.path.join("~", ".local", "share", "runledger")
        return Settings(
            spool=_path(given.get("RUNLEDGER_SPOOL") or os.path.join(data, "spool")),
            database=_path(given.get("RUNLEDGER_DB") or os.path.join(data, "runledger.db")),
            mode=_mode(given),
            sync_seconds=_number(given, "RUNLEDGER_SPOOL_SYNC_MS", 1000, 1, 2**31 - 1) / 1000,
            heartbeat_seconds=_number(given, "RUNLEDGER_HEARTBEAT_SECONDS", 30, 0, 2**31 - 1),
            config_max_bytes=_number(
                given, "RUNLEDGER_CONFIG_MAX_BYTES", 262_144, 0, _LARGEST_PART
            ),
            traceback_max_bytes=_number(
                given, "RUNLEDGER_TRACEBACK_MAX_BYTES", 262_144, 0, _LARGEST_PART
            ),
            record_max_bytes=_number(given, "RUNLEDGER_RECORD_MAX_BYTES", 900_000, 1, 8 << 20),
            secret_keys=_pattern(given.get("RUNLEDGER_SECRET_KEYS")),
        )


def checked_mode(mode: str) -> str:
    """The mode itself. Raises ValueError for a word that is none."""
    if mode not in _MODES:
        raise ValueError(f"The mode {mode!r} is none of {', '.join(_MODES)}.")
    return mode


def _path(text: str) -> str:
    return os.path.abspath(os.path.expanduser(text))


def _mode(given: Mapping[str, str]) -> str:
    word = given.get("RUNLEDGER_MODE", "").strip().lower() or "online"
    try:
        return checked_mode(word)
    except ValueError as trouble:
        _LOG.warning("RUNLEDGER_MODE: %s The run is recorded as online.", trouble)
        return "online"


def _number(given: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        number = lowest - 1
    if lowest <= number <= highest:
        return number
    _LOG.warning(
        "%s=%s is no whole number between %d and %d; %d is used.",
        name, text, lowest, highest, default,
    )
    return default


def _pattern(text: Optional[str]) -> Pattern[str]:
    if text:
        try:
            return re.compile(text)
        except re.error as trouble:
            _LOG.warning(
                "RUNLEDGER_SECRET_KEYS is no regular expression (%s); the default is used.", trouble
            )
    return re.compile(SECRET_KEYS)
