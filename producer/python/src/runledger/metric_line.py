"""The text of a line of metrics, made by hand because a training logs metrics most often."""

from __future__ import annotations

import json
import math
import re
from itertools import islice
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from runledger.identity import plain_int
from runledger.json_values import LONGEST_NAME
from runledger.recording import pass_interruption_on

#: Names that are kept with their JSON form; more than these are encoded each time.
_MOST_NAMES = 10_000

#: Bytes of one line: a call with more metrics than fit is several lines.
_LONGEST_LINE = 200_000

#: Maximum metrics of one call, because an iterator may never end.
_MOST_METRICS = 1_000_000

_BIG = 2**63
_WHOLE_TEXT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_FLOAT_TEXT = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|nan|inf|infinity)",
    re.IGNORECASE,
)

_BAD_VALUE = "a value is not a number"
_TOO_MANY = f"more than {_MOST_METRICS:,} metrics in a call"
_BAD_NAME = f"a name is not a string of at most {LONGEST_NAME} characters"
_BAD_STEP = "a step is not a 64-bit integer; its point is logged without"
_BAD_EPOCH = "an epoch is not a finite number; its point is logged without"
_BAD_SECONDS = "elapsed_seconds is not a finite number; its point is logged without"

#: Parts that could not be recorded, by reason.
Bad = Dict[str, int]


class MetricLines:
    """Turns log calls into members of lines, and remembers the JSON form of names. Thread-safe."""

    def __init__(self) -> None:
        self._names: Dict[str, str] = {}

    def bodies(
        self,
        metrics: Mapping[str, Any],
        step: Optional[int],
        epoch: Optional[float],
        elapsed_seconds: Optional[float],
    ) -> Tuple[List[str], Optional[Bad]]:
        """The members of the lines of a call, mostly one, and the bad parts of the call."""
        parts: List[str] = []
        bad: Optional[Bad] = None
        names = self._names
        try:
            for name, value in islice(metrics.items(), _MOST_METRICS):
                if type(value) is not float:
                    try:
                        value = number(value)
                    except Exception as trouble:  # a value of the user's own type may do anything
                        pass_interruption_on(trouble)
                        bad = _also(bad, _BAD_VALUE)
                        continue
                label = names.get(name) if type(name) is str else None
                if label is None:
                    label = self._label(name)
                    if label is None:
                        bad = _also(bad, _BAD_NAME)
                        continue
                # Only of finite numbers this is zero, and their repr is JSON.
                parts.append(label + (repr(value) if value - value == 0.0 else _word(value)))
            if len(parts) == _MOST_METRICS:
                bad = _also(bad, _TOO_MANY)
        except Exception as trouble:  # so may their iterator
            pass_interruption_on(trouble)
            bad = _also(bad, f"the metrics cannot be read: {type(trouble).__name__}")
        if not parts:
            return [], bad
        beside = ""
        if step is not None:
            if type(step) is int and -_BIG < step < _BIG:
                beside = f',"step":{step}'
            else:
                beside, bad = _said("step", whole, step, _BAD_STEP, bad)
        if epoch is not None:
            if type(epoch) is int and -_BIG < epoch < _BIG:
                beside += f',"epoch":{epoch}'
            else:
                text, bad = _said("epoch", _epoch, epoch, _BAD_EPOCH, bad)
                beside += text
        if elapsed_seconds is not None:
            text, bad = _said("elapsed_seconds", _seconds, elapsed_seconds, _BAD_SECONDS, bad)
            beside += text
        members = ",".join(parts)
        # In UTF-8 a character has up to four bytes.
        if len(members) * 4 > _LONGEST_LINE:
            return [f'"metrics":{{{chunk}}}{beside}' for chunk in _chunks(parts)], bad
        return ['"metrics":{' + members + "}" + beside], bad

    @staticmethod
    def step(value: object) -> str:
        """The member for the step of another event; none for a bad step."""
        return "" if value is None else _said("step", whole, value, _BAD_STEP, None)[0]

    def _label(self, name: object) -> Optional[str]:
        if not isinstance(name, str) or str.__len__(name) > LONGEST_NAME:
            return None
        plain = str.__str__(name)
        label = self._names.get(plain)
        if label is None:
            label = json.dumps(plain, ensure_ascii=False) + ":"
            if len(self._names) < _MOST_NAMES:
                self._names[plain] = label
        return label


def _also(bad: Optional[Bad], reason: str) -> Bad:
    bad = {} if bad is None else bad
    bad[reason] = bad.get(reason, 0) + 1
    return bad


def _said(
    name: str, read: Callable[[Any], object], value: object, reason: str, bad: Optional[Bad]
) -> Tuple[str, Optional[Bad]]:
    """Leaves out a bad step, not the point."""
    try:
        return f',"{name}":{read(value)}', bad
    except Exception as trouble:
        pass_interruption_on(trouble)
        return "", _also(bad, reason)


def _chunks(parts: List[str]) -> List[str]:
    chunks: List[str] = []
    chunk: List[str] = []
    size = 0
    for part in parts:
        length = len(part.encode("utf-8", "surrogatepass")) + 1
        if chunk and size + length > _LONGEST_LINE:
            chunks.append(",".join(chunk))
            chunk, size = [], 0
        chunk.append(part)
        size += length
    return [*chunks, ",".join(chunk)]


def number(value: Any) -> float:
    """The float of a value of any numeric type, or of the text of a number, NaN and inf included.

    Raises TypeError or ValueError, or whatever the value raises.
    """
    if isinstance(value, str):
        text = str.__str__(value).strip()
        if _FLOAT_TEXT.fullmatch(text) is None:
            raise ValueError("a metric is a number")
        result = float(text)
        if math.isinf(result) and not text[-1].isalpha():
            raise ValueError("does not fit in 64 bits and is not infinite")
        return result
    if value is None or isinstance(value, (bytes, bytearray)):
        raise TypeError("a metric is a number")
    try:
        return float(value)
    except TypeError:
        item = getattr(value, "item", None)
        if item is None:
            raise
        return float(item())


def whole(value: Any) -> int:
    """The whole number of a step: the same rule in all languages. Raises ValueError or TypeError.

    4, 4.0 and "4" are 4; a fraction, a boolean and what does not fit into 64 bits are not steps.
    """
    if isinstance(value, str):
        result = _whole_of_text(str.__str__(value).strip())
    elif _is_boolean(value):
        raise TypeError("a boolean is not a step")
    else:
        try:
            result = plain_int(value)
        except TypeError:
            fraction = number(value)
            result = int(fraction)
            if result != fraction:
                raise ValueError("a fraction is not a step") from None
    if not -_BIG <= result < _BIG:
        raise ValueError("a step does not fit in 64 bits")
    return result


def _whole_of_text(text: str) -> int:
    if _WHOLE_TEXT.fullmatch(text) is None:
        raise ValueError("not a number")
    from decimal import Context, Decimal

    exact = Context(prec=1100).create_decimal(text)
    if exact != exact.to_integral_value() or abs(exact) > Decimal(_BIG):
        raise ValueError("not a 64-bit integer")
    return int(exact)


def _is_boolean(value: object) -> bool:
    # numpy has its own.
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _word(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _finite(value: Any) -> float:
    if _is_boolean(value):
        raise TypeError("a boolean is not a time")
    result = number(value)
    if not math.isfinite(result):
        raise ValueError("not finite")
    return result


def _epoch(value: Any) -> str:
    """A whole epoch as 5, a part of one as 0.25."""
    epoch = _finite(value)
    return repr(int(epoch)) if epoch == int(epoch) and abs(epoch) < _BIG else repr(epoch)


def _seconds(value: Any) -> str:
    return repr(_finite(value))
