"""Java's properties files in UTF-8, read as the Java parts read them."""

from __future__ import annotations

import re
from typing import List, Tuple

_ENDS_OF_LINES = re.compile("\r\n|\r|\n")
_BLANKS = " \t\f"
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read(path: str) -> List[Tuple[str, str]]:
    """Keys and values in their order. Raises OSError, or ValueError with the reason."""
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    return parse(text)


def parse(text: str) -> List[Tuple[str, str]]:
    """Keys and values of a text. ValueError: an escape is broken."""
    lines = _ENDS_OF_LINES.split(text[1:] if text.startswith("\ufeff") else text)
    found = []
    at = 0
    while at < len(lines):
        logical = lines[at].lstrip(_BLANKS)
        at += 1
        if not logical or logical[0] in "#!":
            continue
        while _goes_on(logical):
            more = lines[at].lstrip(_BLANKS) if at < len(lines) else ""
            logical = logical[:-1] + more
            at += 1
        found.append(_divided(logical))
    return found


def _goes_on(line: str) -> bool:
    """An odd number of backslashes at the end: an even one is escaped backslashes."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _divided(line: str) -> Tuple[str, str]:
    end = 0
    while end < len(line) and line[end] not in "=:" + _BLANKS:
        end += 2 if line[end] == "\\" else 1
    value = line[end:].lstrip(_BLANKS)
    if value[:1] in ("=", ":"):
        value = value[1:].lstrip(_BLANKS)
    return _unescaped(line[:end]), _unescaped(value)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    parts = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            parts.append(text[at])
        elif text[at + 1 : at + 2] == "u":
            digits = text[at + 2 : at + 6]
            if not re.fullmatch("[0-9a-fA-F]{4}", digits):
                raise ValueError(f"\\u{digits} is not a valid escape")
            parts.append(chr(int(digits, 16)))
            at += 5
        else:
            at += 1
            following = text[at : at + 1]
            parts.append(_ESCAPES.get(following, following))
        at += 1
    # Two escapes may make one character.
    joined = "".join(parts).encode("utf-16-le", "surrogatepass")
    return joined.decode("utf-16-le", "replace")
