"""JSON of whatever users hand over; turning a value into JSON never fails."""

from __future__ import annotations

import array
import collections.abc
import enum
import functools
import hashlib
import itertools
import json
import math
import os
import sys
import types
from collections import deque
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from runledger.identity import well_formed
from runledger.masking import prose
from runledger.recording import pass_interruption_on

# Deeper than any configuration; the Java client has the same bound.
_DEEPEST = 50

# A whole number of more bits is not a quantity, and readers of JSON have limits; the same in Java.
_MOST_BITS = 3_000

#: Characters of a key; the same in Java.
LONGEST_NAME = 10_000

# More values than any configuration has: an array of millions, or one that never ends.
_MOST_VALUES = 2_000_000

_MOST_TEXTS = 10_000


def dumps(value: object) -> str:
    """Compact JSON on one line; what has no JSON form becomes its text."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def text_of(value: object) -> str:
    """What a person wrote, as a text without credentials. Never fails."""
    try:
        text = str.__str__(value) if isinstance(value, str) else str(value)
    except Exception as trouble:  # its __str__ may do anything
        pass_interruption_on(trouble)
        text = f"(no text: {type(trouble).__name__})"
    return prose(text)


def texts_of(values: object) -> List[str]:
    """Texts that a person listed, or a single one. Never fails."""
    if isinstance(values, str):
        return [text_of(values)]
    found: List[str] = []
    try:
        for value in itertools.islice(values, _MOST_TEXTS):  # type: ignore[call-overload]
            if value is not None:
                found.append(text_of(value))
    except Exception as trouble:  # their iterator may do anything, too
        pass_interruption_on(trouble)
        if not found and values is not None:
            found.append(text_of(values))
    return found


def config_values(config: object) -> Any:
    """A configuration as a JSON object: mappings, dataclasses, namespaces, ``to_dict()``, attributes."""
    values = plain(config)
    return values if isinstance(values, dict) else {"config": values}


def plain(value: object) -> Any:
    """The value made of dicts, lists, texts, numbers, booleans and None. Never fails.

    NaN and infinities are the texts NaN, Infinity and -Infinity.
    """
    return _Walk().tree(value, 0, ())


class _Walk:
    """Over one value, with what is left of the number of values that it may have."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def tree(self, value: Any, depth: int, outer: Any) -> Any:
        try:
            if value is None or isinstance(value, (bool, str)) and not isinstance(value, enum.Enum):
                # A subclass may say something else of itself to json.
                return value if value is None or isinstance(value, bool) else str.__str__(value)
            if depth > _DEEPEST:
                return "(nested too deeply)"
            if id(value) in outer:
                return "(contains itself)"
            return self._branch(value, depth + 1, (*outer, id(value)))
        except Exception as trouble:  # a value of the user's own type may do anything
            pass_interruption_on(trouble)
            return f"(no text: {type(trouble).__name__})"

    def _branch(self, value: Any, depth: int, outer: Any) -> Any:
        if isinstance(value, enum.Enum):
            return self.tree(value.value, depth, outer)
        if isinstance(value, int):
            bits = int.bit_length(value)
            return int.__add__(value, 0) if bits <= _MOST_BITS else f"(a whole number of {bits} bits)"
        if isinstance(value, float):
            return _float(float(value))
        if isinstance(value, Mapping):
            return self._mapping(value, depth, outer)
        if isinstance(value, os.PathLike):
            return os.fsdecode(value)
        if isinstance(value, collections.abc.Set) and not isinstance(value, collections.abc.MappingView):
            # A set has no order; two processes should write the same text of it.
            return sorted(self._list(value, depth, outer), key=repr)
        if isinstance(value, type):
            values = _class_values(value) if depth == 1 else {}
            return self.tree(values, depth, outer) if values else str(value)
        dataclasses = sys.modules.get("dataclasses")
        if dataclasses is not None and dataclasses.is_dataclass(value):
            names = [field.name for field in dataclasses.fields(value)]
            return {name: self.tree(getattr(value, name, None), depth, outer) for name in names}
        if isinstance(value, _namespaces()):
            return self.tree(vars(value), depth, outer)
        if callable(getattr(value, "to_dict", None)):
            return self.tree(value.to_dict(), depth, outer)
        if hasattr(value, "ndim") and callable(getattr(value, "tolist", None)):
            # Scalars and arrays of numpy and torch: str() of an array leaves its middle out.
            return self.tree(value.tolist(), depth, outer)
        if isinstance(value, _LISTS) and not isinstance(value, _BYTES):
            return self._list(value, depth, outer)
        if depth == 1 and hasattr(value, "__dict__") and not isinstance(value, _NOT_VALUES):
            # A configuration object. Inside one, objects are texts: they may be models and data sets.
            return self.tree(vars(value) or _class_values(type(value)), depth, outer)
        return str(value)

    def _mapping(self, value: Mapping[Any, Any], depth: int, outer: Any) -> Any:
        found: Dict[str, Any] = {}
        again: Dict[str, int] = {}
        for key in value:
            if not self._take():
                found["(cut)"] = "too many values"
                break
            # Each by itself: one that cannot be read does not cost the others.
            found[_free(name_of(key), found, again)] = self._member(value, key, depth, outer)
        return found

    def _member(self, value: Mapping[Any, Any], key: object, depth: int, outer: Any) -> Any:
        try:
            return self.tree(value[key], depth, outer)
        except Exception as trouble:
            pass_interruption_on(trouble)
            return f"(no text: {type(trouble).__name__})"

    def _list(self, values: Iterable[Any], depth: int, outer: Any) -> List[Any]:
        found = []
        for inner in values:
            if not self._take():
                found.append("(too many values)")
                break
            found.append(self.tree(inner, depth, outer))
        return found

    def _take(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _namespaces() -> Tuple[type, ...]:
    """Whoever has one of argparse has loaded that, which would cost each job a millisecond."""
    argparse = sys.modules.get("argparse")
    return (types.SimpleNamespace,) if argparse is None else (types.SimpleNamespace, argparse.Namespace)


def _class_values(kind: type) -> Dict[str, Any]:
    """What a class that is written as a configuration has for all of its objects."""
    return {
        name: value
        for each in reversed(kind.__mro__[:-1])
        for name, value in vars(each).items()
        if not name.startswith("_") and not hasattr(value, "__get__")
    }


_BYTES = (bytes, bytearray, memoryview)

# Iterators are left out: reading one would use it up.
_LISTS: Tuple[Any, ...] = (Sequence, deque, collections.abc.MappingView, array.array)

# Objects whose attributes are not what they say.
_NOT_VALUES: Tuple[Any, ...] = (
    *_BYTES, int, float, BaseException, collections.abc.Iterator, types.ModuleType,
    types.FunctionType, types.MethodType, functools.partial,
)


def name_of(key: object) -> str:
    """The name in JSON of a key of a mapping. Never fails."""
    try:
        text = str(key.value) if isinstance(key, enum.Enum) else str(key)
    except Exception as trouble:
        pass_interruption_on(trouble)
        return f"(no text: {type(trouble).__name__})"
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[:LONGEST_NAME]}... {len(text) - LONGEST_NAME} cut ..."


def _free(name: str, taken: Mapping[str, Any], again: Dict[str, int]) -> str:
    """The name, with a number in front where keys such as 1 and "1" have the same text. In front,

    because the last word of a name says whether it is a secret.
    """
    free = name
    while free in taken:
        again[name] = again.get(name, 1) + 1
        free = f"({again[name]}) {name}"
    return free


def _float(number: float) -> Any:
    if math.isfinite(number):
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"


class Cut(NamedTuple):
    """A text that is no longer than a limit, and how many bytes of it are missing."""

    text: str
    truncated_bytes: int


def cut_middle(text: str, max_bytes: int) -> Cut:
    """Keeps the beginning and the end of a text, which are the most informative parts of a traceback."""
    data = well_formed(text).encode()
    if len(data) <= max_bytes:
        return Cut(text, 0)
    half = max_bytes // 2
    # A character that the cut divides is left out.
    head = data[:half].decode(errors="ignore")
    tail = data[len(data) - half :].decode(errors="ignore")
    missing = len(data) - len(head.encode()) - len(tail.encode())
    return Cut(f"{head}\n... {missing} bytes cut ...\n{tail}", missing)


def error_json(
    type_name: str, message: Optional[str], traceback: Optional[str], max_bytes: int
) -> str:
    """The object of an ``error`` line, without credentials; with the hash of the whole if some is cut."""
    message = None if message is None else prose(message)
    traceback = None if traceback is None else prose(traceback)
    error: dict[str, object] = {"type": type_name[:LONGEST_NAME]}
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
