"""The one rule of what is hidden (deploy/docs/masking.md), translated from ``Secrets`` in Java.

Hides texts under names of secrets, and in any text what looks like a credential. Numbers and booleans are
never secrets, unless ``secret.keys`` names them.
"""

from __future__ import annotations

import importlib
import re
from typing import Any, Callable, List, Match, NamedTuple, Optional, Pattern

from runledger import secret_names

#: What is in place of a secret.
MASK = "********"

# Credentials that are recognized by their prefix.
_CREDENTIALS = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"hf_[A-Za-z0-9]{16,}"
    r"|gh[oprsu]_[A-Za-z0-9]{16,}"
    r"|github_pat_[A-Za-z0-9_]{16,}"
    r"|glpat-[A-Za-z0-9_-]{16,}"
    r"|sk-(?:proj|ant|or|svcacct|admin|live|test|lf)-[A-Za-z0-9_-]{16,}"
    r"|sk-[A-Za-z0-9]{20,}"
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"
    r"|xox[a-z]-[A-Za-z0-9-]{10,}"
    r"|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[A-Za-z0-9_-]{30,}"
    r"|npm_[A-Za-z0-9]{30,}"
    r"|pypi-[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?"
    r")"
    r"|-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)"
)

# What follows the word Bearer in a header.
_BEARER = re.compile(
    r"(?<![A-Za-z0-9_])(?:[Bb]earer|BEARER) (?=[A-Za-z._~+/-]{0,200}[0-9])"
    r"([A-Za-z0-9._~+/-]{16,}=*)"
)

# A password may hold / and @, though it should not: with a colon in front that is not a port's, all
# up to the last @ before a blank or comma is hidden. Bounded, for a text of nothing but URLs.
_USER_INFO = re.compile(
    r"(?<=://)(?:"
    r"[^ \t\r\n,/?#@:\[]{0,1000}:(?![0-9]{0,6}(?:[/?# \t\r\n,]|\Z))[^ \t\r\n,]{0,1000}"
    r"|[^ \t\r\n,/?#]{1,1000}"
    r")(?=@)"
)

# ``--name=value``, ``name=value`` of a query or a call; value may be in quotes.
_ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_.-])([A-Za-z_-][A-Za-z0-9_.-]{0,199})="
    r"(\"[^\"]{1,4000}\"|'[^']{1,4000}'|[^ \t\r\n&;,\"')]{1,4000})"
)

# ``--name value`` of a command line that is in one text.
_OPTION = re.compile(
    r"(?<![^ \t\r\n])(--?[A-Za-z][A-Za-z0-9_.-]{0,199})[ \t]{1,9}"
    r"(\"[^\"]{1,4000}\"|'[^']{1,4000}'|[^ \t\r\n-][^ \t\r\n]{0,3999})"
)

_NO_SECRETS = ("", "true", "false", "none", "null")

# A word of a vocabulary, such as <pad> and [MASK], or nothing but signs.
_VOCABULARY = re.compile(r"<[^<>]{1,60}>|\[[^\[\]]{1,60}\]|[\x00-/:-@\[-`{-\x7f]+")

# An expression that repeats what repeats may try each way to divide a name: longer ones are hidden.
_LONGEST_NAME = 1_000
_LONGEST_UNDECIDED = 20

_MOST_KEYS = 1_000
_LONGEST_KEY = 300


class Masked(NamedTuple):
    """A copy of a tree of JSON with its secrets hidden, and where they were."""

    tree: Any
    #: Such as ``db.password`` and ``args[3]``; the first thousand.
    keys: List[str]


class Secrets:
    """The rule, with the names that ``secret.keys`` adds: a pattern that matches whole names."""

    def __init__(self, more: Optional[Pattern[str]] = None) -> None:
        self._more = more
        self._longest = _LONGEST_NAME
        if more is not None and _repeats_what_repeats(_parsed(more.pattern), False):
            self._longest = _LONGEST_UNDECIDED

    def masked(self, tree: Any) -> Masked:
        """A tree of dicts, lists and plain values without secrets."""
        walk = _Walk(self)
        return Masked(walk.masked(tree, "", "", False), walk.keys)

    def is_named(self, name: str) -> bool:
        """Whether ``secret.keys`` names this as a secret, whatever its value is."""
        if self._more is None:
            return False
        return len(name) > self._longest or self._more.fullmatch(name) is not None

    def is_secret(self, name: str) -> bool:
        """Whether texts under this name are secrets."""
        return secret_names.is_secret(name) or self.is_named(name)

    def hides(self, name: str, value: str) -> bool:
        """Whether this text under a secret's name is to be hidden."""
        if self.is_named(name):
            return True
        return (
            secret_names.is_secret(name)
            and may_be_secret(value)
            and not (secret_names.is_token(name) and _VOCABULARY.fullmatch(value) is not None)
        )

    def text(self, text: str) -> str:
        """A text of a configuration: as ``prose``, and ``name=value`` and options in it."""
        shown = prose(text)
        if "=" in shown:
            shown = _replaced(
                shown, _ASSIGNMENT, 2, lambda m: self.hides(option(m[1]), _unquoted(m[2]))
            )
        if "-" in shown and " " in shown:
            shown = _replaced(
                shown, _OPTION, 2, lambda m: self.hides(option(m[1]), _unquoted(m[2]))
            )
        return shown

    def is_secret_option(self, argument: str) -> bool:
        """Whether the text is an option such as ``--api-key``, whose value is the next argument."""
        return (
            len(argument) <= 200
            and argument.startswith("-")
            and "=" not in argument
            and " " not in argument
            and self.is_secret(option(argument))
        )


def _parsed(pattern: str) -> Any:
    parser: Any = getattr(re, "_parser", None)
    if parser is None:  # before Python 3.11
        parser = importlib.import_module("sre_parse")
    return parser.parse(pattern)


def _repeats_what_repeats(part: Any, is_repeated: bool) -> bool:
    """Whether there is a choice within what may be repeated without a bound."""
    if isinstance(part, (list, tuple)) or hasattr(part, "data"):
        items = list(getattr(part, "data", part))
        kind = str(items[0]) if items and not isinstance(items[0], (list, tuple)) else ""
        if kind in ("MAX_REPEAT", "MIN_REPEAT") and len(items) == 2:
            is_unbounded = int(items[1][1]) > _LONGEST_UNDECIDED
            if is_repeated and is_unbounded:
                return True
            return _repeats_what_repeats(items[1][2], is_repeated or is_unbounded)
        if kind == "BRANCH" and is_repeated:
            return True
        return any(_repeats_what_repeats(each, is_repeated) for each in items)
    return False


def prose(text: str) -> str:
    """A text that people wrote, with what looks like a credential hidden."""
    if "://" in text and "@" in text:
        text = _USER_INFO.sub(MASK, text)
    text = _CREDENTIALS.sub(MASK, text)
    return _replaced(text, _BEARER, 1, lambda _: True) if " " in text else text


def may_be_secret(value: str) -> bool:
    """Whether a text says more than yes, no or nothing."""
    return len(value) > 5 or value.lower() not in _NO_SECRETS


def option(argument: str) -> str:
    """The name of an option."""
    return argument.lstrip("-")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" else value


def _replaced(
    text: str, pattern: Pattern[str], group: int, is_secret: Callable[[Match[str]], bool]
) -> str:
    """The text with the group hidden wherever it is a secret."""
    shown: List[str] = []
    at = 0
    for found in pattern.finditer(text):
        if is_secret(found):
            shown += (text[at : found.start(group)], MASK)
            at = found.end(group)
    return "".join((*shown, text[at:]))


class _Walk:
    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self.keys: List[str] = []

    def masked(self, value: Any, name: str, path: str, inherited: bool) -> Any:
        """What is stored in place of a value. ``name`` decides; values in a list share the list's

        name. ``inherited``: an object around it has a secret's name.
        """
        if isinstance(value, dict):
            whole = inherited or (
                self._secrets.is_secret(name) and not secret_names.is_token(name)
            )
            return {key: self._member(key, each, path, whole) for key, each in value.items()}
        if isinstance(value, list):
            return self._list(value, name, path, inherited)
        if not isinstance(value, str):
            return value
        if self._secrets.hides(name, value) or (inherited and may_be_secret(value)):
            return self._hidden(path)
        shown = self._secrets.text(value)
        if shown != value:
            self._note(path)
        return shown

    def _member(self, key: str, value: Any, path: str, inherited: bool) -> Any:
        its = f"{path}.{key}" if path else key
        if value is not None and self._secrets.is_named(key):
            return self._hidden(its)
        return self.masked(value, key, its, inherited)

    def _list(self, values: List[Any], name: str, path: str, inherited: bool) -> List[Any]:
        shown: List[Any] = []
        before: Optional[str] = None
        for i, each in enumerate(values):
            its = f"{path}[{i}]"
            is_text = isinstance(each, str)
            if before is not None and is_text and not each.startswith("-"):
                hides = self._secrets.hides(option(before), each)
                shown.append(self._hidden(its) if hides else each)
                before = None
            else:
                before = each if is_text and self._secrets.is_secret_option(each) else None
                shown.append(self.masked(each, name, its, inherited))
        return shown

    def _hidden(self, path: str) -> str:
        self._note(path)
        return MASK

    def _note(self, path: str) -> None:
        if len(self.keys) < _MOST_KEYS:
            self.keys.append(path[:_LONGEST_KEY])
