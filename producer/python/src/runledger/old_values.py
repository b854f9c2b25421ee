"""Values of the columns of the trackers before Runledger, which may hold anything in any column."""

from __future__ import annotations

import datetime
import json
import math
import re
from typing import Any, Iterable, Optional

from runledger.old_file import Values

_LATEST = 253_402_300_799_000_000
_MOST_SECONDS = 100_000_000_000
_EPOCH = datetime.datetime(1970, 1, 1)
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r" ?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)

#: When a row was made.
CREATED = ("created_at", "timestamp", "start_time", "started_at")


def first_of(values: Values, names: Iterable[str]) -> Any:
    """The first value of several columns that is there."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def words(value: Any) -> Optional[str]:
    """A value of any type as a text; of bytes that are not text, how many they are."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return f"({len(value)} bytes, {value[:16].hex()}...)"
    return str(value)


def micros(value: Any) -> int:
    """Microseconds since 1970 of a time; without an offset it is UTC, and 0 where it is not a time."""
    try:
        if isinstance(value, (int, float)):
            while _MOST_SECONDS <= value < math.inf:  # milliseconds, and so on
                value /= 1000
            moment = int(value * 1_000_000)
        else:
            moment = _micros_of(str(words(value)))
    except (ValueError, OverflowError):
        return 0
    return moment if 0 <= moment <= _LATEST else 0


def _micros_of(text: str) -> int:
    """The same by each version of Python, which ``fromisoformat`` is not."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return 0
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction, offset = found[7] or "", found[8] or "Z"
    time = datetime.datetime(year, month, day, hour, minute, second)
    moment = (time - _EPOCH) // datetime.timedelta(microseconds=1) + int((fraction + "000000")[:6])
    if offset in ("Z", "z"):
        return moment
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return moment - (minutes if offset[0] == "+" else -minutes) * 60_000_000


def at(moment: int) -> str:
    """The time of a line."""
    return f'"at":{moment // 1_000_000}.{moment % 1_000_000:06d}'


def parsed(value: Any) -> Any:
    """A column of JSON; what is not JSON is kept as a text."""
    text = words(value)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return text


def plain_value(value: Any) -> Any:
    return words(value) if isinstance(value, bytes) else value
