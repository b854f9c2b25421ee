"""JSON of whatever users hand over; turning a value into JSON never fails."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import hashlib
import json
import math
import os
import re
from collections import deque
from typing import Any, Mapping, NamedTuple, Optional, Pattern

from runledger.identity import well_formed

#: What stands in place of a secret; the same as in the Java parts.
MASK = "********"

# Deeper than any configuration; the Java client has the same bound.
_DEEPEST = 50

# Up to the last @ before a blank or comma: a password may hold / and @, though it should not.
_USER_INFO = re.compile(r"(?<=://)[^\s,]+(?=@)")


def dumps(value: object) -> str:
    """Compact JSON on one line; what has no JSON form stands as its text."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def config_json(config: object, secret_keys: Pattern[str], max_bytes: int) -> str:
    """A configuration as one JSON object without secrets, no longer than a limit.

    The values of keys that match are masked at any depth, and so is the user info of URLs. Of a
    configuration that is too large the beginning is kept, as the one value of an object: a cut text
    is no JSON any more.
    """
    values = masked(config_values(config), secret_keys)
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    data = well_formed(text).encode()
    if len(data) <= max_bytes:
        return text
    return dumps({"truncated": data[:max_bytes].decode(errors="ignore")})


def config_values(config: object) -> Any:
    """A configuration as a JSON object: mappings, dataclasses, namespaces, ``to_dict()``."""
    values = plain(config)
    return values if isinstance(values, dict) else {"config": values}


def plain(value: object) -> Any:
    """The value made of dicts, lists, texts, numbers, booleans and None.

    NaN and infinities stand as the texts NaN, Infinity and -Infinity.
    """
    return _tree(value, 0, ())


def _tree(value: Any, depth: int, outer: Any) -> Any:
    try:
        if value is None or isinstance(value, (bool, str)) and not isinstance(value, enum.Enum):
            # A subclass may say something else of itself to json.
            return value if value is None or isinstance(value, bool) else str.__str__(value)
        if depth > _DEEPEST:
            return "(nested too deeply)"
        if id(value) in outer:
            return "(contains itself)"
        return _branch(value, depth + 1, (*outer, id(value)))
    except Exception as trouble:  # a value of the user's own type may do anything
        return f"(no text: {type(trouble).__name__})"


def _branch(value: Any, depth: int, outer: Any) -> Any:
    if isinstance(value, enum.Enum):
        return _tree(value.value, depth, outer)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _float(float(value))
    if isinstance(value, Mapping):
        return {_key(key): _tree(inner, depth, outer) for key, inner in value.items()}
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, (list, tuple, deque)):
        return [_tree(inner, depth, outer) for inner in value]
    if isinstance(value, (set, frozenset)):
        # A set has no order; two processes should write the same text of it.
        return sorted((_tree(inner, depth, outer) for inner in value), key=repr)
    if isinstance(value, type):
        return str(value)
    if dataclasses.is_dataclass(value):
        return {
            field.name: _tree(getattr(value, field.name), depth, outer)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, argparse.Namespace):
        return _tree(vars(value), depth, outer)
    if callable(getattr(value, "to_dict", None)):
        return _tree(value.to_dict(), depth, outer)
    if hasattr(value, "ndim") and callable(getattr(value, "tolist", None)):
        # Scalars and arrays of numpy and torch: str() of an array leaves its middle out.
        return _tree(value.tolist(), depth, outer)
    return str(value)


def _key(key: object) -> str:
    if isinstance(key, enum.Enum):
        return str(key.value)
    return str(key)


def _float(number: float) -> Any:
    if math.isfinite(number):
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"


def masked(values: Any, secret_keys: Pattern[str]) -> Any:
    """A copy without secrets."""
    if isinstance(values, dict):
        return {
            key: MASK if secret_keys.fullmatch(key) else masked(inner, secret_keys)
            for key, inner in values.items()
        }
    if isinstance(values, list):
        return [masked(inner, secret_keys) for inner in values]
    if isinstance(values, str):
        return _USER_INFO.sub(MASK, values)
    return values


class Cut(NamedTuple):
    """A text that is no longer than a limit, and how many bytes of it are missing."""

    text: str
    truncated_bytes: int


def cut_middle(text: str, max_bytes: int) -> Cut:
    """Keeps the beginning and the end of a text: of a traceback both say the most."""
    data = well_formed(text).encode()
    if len(data) <= max_bytes:
        return Cut(text, 0)
    half = max_bytes // 2
    # What a cut leaves of a character at the border is left out.
    head = data[:half].decode(errors="ignore")
    tail = data[len(data) - half :].decode(errors="ignore")
    missing = len(data) - len(head.encode()) - len(tail.encode())
    return Cut(f"{head}\n... {missing} bytes cut ...\n{tail}", missing)


def error_json(
    type_name: str, message: Optional[str], traceback: Optional[str], max_bytes: int
) -> str:
    """The object of an ``error`` line; the hash is of the whole text, when some of it is cut."""
    error: dict[str, object] = {"type": type_name}
    missing = 0
    for name, text, limit in (
        ("message", message, max_bytes // 4),
        ("traceback", traceback, max_bytes),
    ):
        if text is not None:
            cut = cut_middle(text, limit)
            error[name] = cut.text
            missing += cut.truncated_bytes
    if missing:
        whole = well_formed(f"{message or ''}\n{traceback or ''}").encode()
        error["truncated_bytes"] = missing
        error["sha256"] = hashlib.sha256(whole).hexdigest()
    return dumps(error)
