from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from runledger.metric_line import number


def numbers(values: Optional[Mapping[str, Any]]) -> Dict[str, float]:
    """The values that are numbers: libraries put texts among their metrics."""
    found: Dict[str, float] = {}
    for name, value in (values or {}).items():
        try:
            found[str(name)] = number(value)
        except Exception:  # a value of the library's own type may raise anything
            continue
    return found
