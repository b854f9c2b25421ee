"""The facts of an exception."""

from __future__ import annotations

import traceback
from typing import NamedTuple, Optional, Type, Union

from runledger.identity import plain_int
from runledger.json_values import text_of


class ErrorFacts(NamedTuple):
    """Type, message and traceback of an error, as texts."""

    type_name: str
    message: Optional[str]
    traceback: Optional[str]


def facts_of(error: Union[BaseException, Type[BaseException], str]) -> ErrorFacts:
    """The facts of an exception, of its type, or of the name of one. Never fails."""
    if isinstance(error, BaseException):
        return ErrorFacts(_name(type(error)), _message(error), _traceback(error))
    if isinstance(error, type):
        return ErrorFacts(_name(error), None, None)
    return ErrorFacts(text_of(error), None, None)


def _name(kind: Type[BaseException]) -> str:
    plain = kind.__module__ in ("builtins", "__main__")
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException) -> Optional[str]:
    try:
        return str.__str__(str(error))
    except Exception as trouble:  # its own __str__ may do anything
        return f"(no message: {type(trouble).__name__})"


def _traceback(error: BaseException) -> Optional[str]:
    try:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:
        return None


#: Exceptions by which a program ends a training on purpose, by name and the package they are from.
_DELIBERATE = {
    ("TrialPruned", "optuna"): "pruned",
    ("CancelledError", "asyncio"): "cancelled",
    ("CancelledError", "concurrent"): "cancelled",
    ("Cancelled", "trio"): "cancelled",
    ("GeneratorExit", "builtins"): "cancelled",
}


def deliberate_end(error: Optional[BaseException]) -> Optional[str]:
    """Why the program ended its own training with this exception; None where it is a failure."""
    for kind in type(error).__mro__:
        reason = _DELIBERATE.get((kind.__name__, (kind.__module__ or "").partition(".")[0]))
        if reason is not None:
            return reason
    return None


def exit_code_of(error: Optional[BaseException]) -> Optional[int]:
    """The exit code of a process that this exception ends; None where none does."""
    if error is None:
        return None
    if isinstance(error, SystemExit):
        return exit_code(error.code)
    # The interpreter then ends itself with SIGINT, which shells show as 128 + 2.
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def exit_code(status: object) -> int:
    """The exit code for what is given to ``sys.exit``."""
    if status is None:
        return 0
    return int.__and__(status, 0xFF) if isinstance(status, int) else 1


def shown_exit_code(code: int) -> int:
    """A code from 0 to 255; a negative one is a signal, as of ``subprocess``, shown as shells do."""
    number = plain_int(code)
    return min(128 - number if number < 0 else number, 255)
