"""Ids of runs, attempts and writers: positive 63-bit integers, shown as 13 characters.

The run_id follows from the run's name alone; deploy/docs/run-id.md says how, byte by byte.
"""

from __future__ import annotations

import hashlib
import operator
import re
import secrets
import struct
import threading
import time
import uuid
from typing import Any, Callable, NamedTuple, Optional, Union

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_TEXT = re.compile("[0-7][0-9a-hjkmnp-tv-z]{12}")
_KEY_DOMAIN = b"runledger.run-key.v1"
_INSTANCE_DOMAIN = b"runledger.run-instance.v1"
_LARGEST = 2**63 - 1
_RANDOM_BITS = 21
_SURROGATES = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """The text with each surrogate replaced by U+FFFD: the rest has a UTF-8 form."""
    return _SURROGATES.sub("\ufffd", text)


class RunKey(NamedTuple):
    """The parts that name a run; at least one of them is given. An absent text is not an empty one."""

    experiment: Optional[str] = None
    dataset: Optional[str] = None
    method: Optional[str] = None
    subject: Optional[str] = None
    cl_info: Optional[str] = None
    seed: Optional[int] = None

    @staticmethod
    def of(
        experiment: object,
        dataset: object,
        method: object,
        subject: object,
        cl_info: object,
        seed: object,
    ) -> Optional[RunKey]:
        """The key from what a caller handed over; None where all parts are absent.

        Texts may come as anything that ``str`` turns into one, such as the number of an experiment.
        Raises ValueError when the seed is not a 64-bit integer.
        """
        texts = [
            None if part is None else _part(name, part)
            for name, part in (
                ("experiment", experiment), ("dataset", dataset), ("method", method),
                ("subject", subject), ("cl_info", cl_info),
            )
        ]
        number = None if seed is None else _seed(seed)
        if number is None and all(text is None for text in texts):
            return None
        return RunKey(texts[0], texts[1], texts[2], texts[3], texts[4], number)


def _part(name: str, value: object) -> str:
    try:
        return str(value)
    except Exception as trouble:  # its __str__ may do anything
        raise ValueError(f"The {name} cannot be converted to a string: {type(trouble).__name__}.") from trouble


def _seed(value: Any) -> int:
    try:
        number = int(value) if isinstance(value, str) else plain_int(value)
    except Exception:  # of the user's own type
        raise ValueError(f"The seed {_shown(value)} is not a whole number.") from None
    if not -(2**63) <= number <= _LARGEST:
        raise ValueError("The seed does not fit in 64 bits.")
    return number


def plain_int(value: Any) -> int:
    """The int of a whole number of any type, which may say something else of itself to ``int``.

    Raises TypeError for what is not a whole number, or whatever the value raises.
    """
    return int.__add__(operator.index(value), 0)


def _shown(value: object) -> str:
    try:
        return repr(value)[:100]
    except Exception:
        return f"of type {type(value).__name__}"


def _text_bytes(text: str) -> bytes:
    data = well_formed(text).encode()
    return struct.pack(">i", len(data)) + data


def canonical_key(key: RunKey) -> bytes:
    """The bytes of a key that its run_id is the hash of."""
    texts = b"".join(b"\0" if part is None else b"\1" + _text_bytes(part) for part in key[:5])
    return texts + (b"\0" if key.seed is None else struct.pack(">bq", 2, key.seed))


def canonical_instance(project: str, name: str, instance: uuid.UUID) -> bytes:
    """The bytes of a run without a key that its run_id is the hash of."""
    return _text_bytes(project) + _text_bytes(name) + instance.bytes


def run_id_of_key(key: RunKey) -> int:
    """The run_id of a run with a key."""
    return _run_id(_KEY_DOMAIN, canonical_key(key))


def run_id_of_instance(project: str, name: str, instance: uuid.UUID) -> int:
    """The run_id of a run that is named by project and name, a separate one each time."""
    return _run_id(_INSTANCE_DOMAIN, canonical_instance(project, name, instance))


def _run_id(domain: bytes, encoding: bytes) -> int:
    head = hashlib.sha256(domain + b"\0" + encoding).digest()[:8]
    return int.from_bytes(head, "big") & _LARGEST or 1


def to_text(number: int) -> str:
    """The 13 characters of an id. Raises ValueError for a number that is not an id."""
    if not 0 < number <= _LARGEST:
        raise ValueError(f"{number} is not a valid id: ids are positive and have 63 bits.")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def from_text(text: str) -> int:
    """The number of an id of 13 characters, in either case. Raises ValueError for any other text."""
    lower = text.lower()
    if not text.isascii() or _ID_TEXT.fullmatch(lower) is None:
        raise ValueError(f"{text!r} is not a valid id: ids have 13 characters of {_ALPHABET}.")
    number = 0
    for character in lower:
        number = number << 5 | _ALPHABET.index(character)
    if number == 0:
        raise ValueError("0 is not a valid id.")
    return number


def parse_id(value: Union[int, str]) -> int:
    """An id as people and environments hand it over: a number, 13 characters, or decimal digits.

    13 digits are taken for the 13 characters in which ids are shown. Raises ValueError for anything
    else; a float, which tables with gaps use for numbers, is not exact enough.
    """
    if isinstance(value, str):
        text = value.strip()
        if len(text) != 13 and text.isascii() and text.isdigit():
            number = int(text)
        else:
            return from_text(text)
    else:
        try:
            number = plain_int(value)
        except Exception:  # of the user's own type
            raise ValueError(_no_id(value)) from None
    if not 0 < number <= _LARGEST:
        raise ValueError(f"{value!r} is not a valid id: ids are positive and have 63 bits.")
    return int(number)


def _no_id(value: object) -> str:
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        return (
            f"{_shown(value)} is a float, which cannot hold the 63 bits of a run_id exactly. Use the"
            " int or the 13 characters of the id, and read the column as int64 or text."
        )
    return f"{_shown(value)} is not a valid id: use the int or the 13 characters."


class TimeOrderedIds:
    """Makes the ids of attempts and writers: milliseconds since 1970, then 21 random bits.

    Ids of one generator strictly increase, even when its clock steps back. Thread-safe.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._last = 0

    def next(self) -> int:
        """The next id, greater than all before it."""
        candidate = int(self._clock() * 1000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = max(candidate & _LARGEST, self._last + 1)
            return self._last

    def after_fork(self) -> None:
        """A thread that does not exist in the child may have held the lock."""
        self._lock = threading.RLock()


#: The ids of this process.
IDS = TimeOrderedIds()
