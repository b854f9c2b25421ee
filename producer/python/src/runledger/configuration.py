"""Determines the value of a setting: the same in all languages, which shared test vectors check.

The environment over the file that RUNLEDGER_CONFIG names over the user's file over the default.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from runledger import properties

DATA_DIR = "data.dir"
SPOOL = "spool"
DATABASE = "db"
#: How a database begins that is no file but a ledger on a PostgreSQL server.
SERVER = "jdbc:postgresql:"
SECRET_KEYS = "secret.keys"
#: No job speaks to them: what matters here is that there are any.
BROKERS = "bootstrap.servers"
#: The server that takes events in their place; empty: none.
SERVER_URL = "url"

_INT = 2**31 - 1
_LARGEST_RECORD = 8 << 20

#: Settings of a job that are whole numbers, with their default, least and greatest values.
NUMBERS: Dict[str, Tuple[int, int, int]] = {
    "heartbeat.seconds": (30, 0, _INT),
    "system.seconds": (0, 0, _INT),
    "spool.sync.ms": (1000, 1, _INT),
    "config.max.bytes": (262_144, 0, _LARGEST_RECORD // 4),
    "traceback.max.bytes": (262_144, 0, _LARGEST_RECORD // 4),
    "record.max.bytes": (900_000, 1, _LARGEST_RECORD),
}
_TEXTS = (DATA_DIR, SPOOL, DATABASE)
_KEYS = (*_TEXTS, SECRET_KEYS, BROKERS, SERVER_URL, *NUMBERS)


class Configuration(NamedTuple):
    """The values that were set, and what is needed for those that were not."""

    values: Mapping[str, str]
    home: str
    data_home: str

    def text(self, key: str) -> Optional[str]:
        """The value as it was given; None where none was set."""
        return self.values.get(key)

    def number(self, key: str) -> int:
        """The value of one of NUMBERS."""
        return int(self.values.get(key, NUMBERS[key][0]))

    def path(self, key: str) -> str:
        """The value of a directory or file, absolute; the URL of a database on a server."""
        text = self.values.get(key)
        if text is None:
            if key == DATA_DIR:
                return os.path.join(self.data_home, "runledger")
            text = "${data.dir}/" + ("spool" if key == SPOOL else "runledger.db")
        if "${data.dir}" in text:
            text = text.replace("${data.dir}", "" if key == DATA_DIR else self.path(DATA_DIR))
        if key == DATABASE and text.startswith(SERVER):
            return text
        return absolute(text, self.home)


def read(environment: Mapping[str, str], complain: Callable[[str], None]) -> Configuration:
    """The settings of a job, which continues whatever they are: unusable ones are left out.

    ``complain`` receives it as a sentence.
    """
    home = _home(environment)
    user_file = os.path.join(
        _xdg(environment, "XDG_CONFIG_HOME", os.path.join(home, ".config")),
        "runledger",
        "runledger.properties",
    )
    named = environment.get("RUNLEDGER_CONFIG", "").strip()
    values: Dict[str, str] = {}
    if os.path.exists(user_file):
        _take(values, _of_file(user_file, complain), complain)
    if named:
        _take(values, _of_file(absolute(named, home), complain), complain)
    _take(values, _of_environment(environment), complain)
    data_home = _xdg(environment, "XDG_DATA_HOME", os.path.join(home, ".local", "share"))
    return Configuration(values, home, data_home)


def absolute(text: str, home: Optional[str] = None) -> str:
    """A path as people write it: ``~`` is their home."""
    if text == "~" or text.startswith("~/"):
        text = os.path.join(home or _home(os.environ), text[2:])
    if not os.path.isabs(text):
        text = os.path.join(os.getcwd(), text)
    return text.rstrip("/") or "/"


def _home(environment: Mapping[str, str]) -> str:
    """An empty or relative home does not count: it would depend on the job's directory."""
    home = environment.get("HOME", "").strip()
    if os.path.isabs(home):
        return home
    try:
        import pwd

        home = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        home = os.environ.get("USERPROFILE", "")
    return home if os.path.isabs(home) else tempfile.gettempdir()


def _xdg(environment: Mapping[str, str], name: str, default: str) -> str:
    path = environment.get(name, "").strip()
    return path if os.path.isabs(path) else default


def _of_file(path: str, complain: Callable[[str], None]) -> List[Tuple[str, str, str]]:
    try:
        return [(key, value.strip(), path) for key, value in properties.read(path)]
    except (OSError, ValueError) as trouble:
        complain(
            f"The configuration file {path} cannot be read ({trouble}). The job continues without it."
        )
        return []


def _of_environment(environment: Mapping[str, str]) -> List[Tuple[str, str, str]]:
    found = []
    for key in _KEYS:
        name = "RUNLEDGER_" + key.upper().replace(".", "_")
        value = environment.get(name, "").strip()
        if value:
            found.append((key, value, name))
    return found


def _take(
    values: Dict[str, str],
    given: List[Tuple[str, str, str]],
    complain: Callable[[str], None],
) -> None:
    # If a key is given twice, only the last value counts.
    for key, (value, origin) in {key: (value, origin) for key, value, origin in given}.items():
        if key in _KEYS:
            wrong = _complaint(key, value)
            if wrong is None:
                values[key] = value
            else:
                complain(f"{key} (from {origin}) {wrong}, not '{value}'. The job continues without it.")


def _complaint(key: str, value: str) -> Optional[str]:
    if key in NUMBERS:
        _, lowest, highest = NUMBERS[key]
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", value):
            return "must be a whole number"
        return None if lowest <= int(value) <= highest else f"must be between {lowest} and {highest}"
    if key == SECRET_KEYS:
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as trouble:
            return f"must be a regular expression ({trouble})"
        return None
    if key in (BROKERS, SERVER_URL):
        return None
    return "must be a path" if not value or "\0" in value else None
