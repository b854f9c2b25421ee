"""What is logged, harmless to a terminal: translated from ``Printable`` in Java."""

from __future__ import annotations

import logging
import re
from typing import Match

#: Controls, line separators, changes of the reading direction, and halves of characters.
_TREACHEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def line(text: str) -> str:
    """The text on one line; ESC becomes its picture, U+241B."""
    return _TREACHEROUS.sub(_sign, text)


def _sign(found: Match[str]) -> str:
    code = ord(found[0])
    # U+2400 and on are the pictures of the control characters.
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def make_harmless(record: logging.LogRecord) -> bool:
    """A filter that drops nothing: names and paths of a job may hold anything."""
    record.msg, record.args = line(record.getMessage()), ()
    return True
