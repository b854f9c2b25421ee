"""The text of a line of metrics, made by hand: it is what a training calls most."""

from __future__ import annotations

import json
import operator
from typing import Any, Dict, Mapping, Optional, Tuple

#: Names that are kept with their JSON form: more than this are made anew each time.
_MOST_NAMES = 10_000


class MetricLines:
    """Turns log calls into members of a line, and remembers the JSON form of names. Thread-safe."""

    def __init__(self) -> None:
        self._names: Dict[str, str] = {}

    def body(
        self,
        metrics: Mapping[str, Any],
        step: Optional[int],
        epoch: Optional[float],
        elapsed_seconds: Optional[float],
    ) -> Tuple[str, int]:
        """The members of a line, without any where nothing can be told, and how many values are bad."""
        parts = []
        bad = 0
        names = self._names
        for name, value in metrics.items():
            if type(value) is not float:
                try:
                    value = number(value)
                except Exception:  # a value of the user's own type may do anything
                    bad += 1
                    continue
            try:
                label = names[name]
            except (KeyError, TypeError):
                if not isinstance(name, str):
                    bad += 1
                    continue
                label = self._label(name)
            # Only of finite numbers this is zero, and their repr is JSON.
            parts.append(label + (repr(value) if value - value == 0.0 else _word(value)))
        if not parts:
            return "", bad
        text = '"metrics":{' + ",".join(parts) + "}"
        if step is not None:
            text += f',"step":{step if type(step) is int and -_BIG < step < _BIG else whole(step)}'
        if epoch is not None:
            text += f',"epoch":{epoch if type(epoch) is int and -_BIG < epoch < _BIG else _epoch(epoch)}'
        if elapsed_seconds is not None:
            text += f',"elapsed_seconds":{_seconds(elapsed_seconds)}'
        return text, bad

    def _label(self, name: str) -> str:
        label = json.dumps(name, ensure_ascii=False) + ":"
        if len(self._names) < _MOST_NAMES:
            self._names[name] = label
        return label


_BIG = 2**63


def number(value: Any) -> float:
    """The float of a value of any numeric type. Raises TypeError or whatever the value raises."""
    if value is None or isinstance(value, (str, bytes, bytearray)):
        raise TypeError("a metric is a number")
    try:
        return float(value)
    except TypeError:
        item = getattr(value, "item", None)
        if item is None:
            raise
        return float(item())


def whole(value: Any) -> int:
    """The whole number of a step. Raises ValueError or TypeError for none of 64 bits."""
    try:
        result = int(operator.index(value))
    except TypeError:
        result = int(number(value))
    if not -_BIG <= result < _BIG:
        raise ValueError(f"{result} does not fit into 64 bits")
    return result


def _word(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _epoch(value: Any) -> str:
    """A whole epoch as 5, a part of one as 0.25."""
    epoch = number(value)
    if epoch - epoch != 0.0:
        raise ValueError("epoch is not finite")
    return repr(int(epoch)) if epoch == int(epoch) and abs(epoch) < _BIG else repr(epoch)


def _seconds(value: Any) -> str:
    seconds = number(value)
    if seconds - seconds != 0.0:
        raise ValueError("elapsed_seconds is not finite")
    return repr(seconds)
