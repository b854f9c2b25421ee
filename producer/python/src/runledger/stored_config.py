"""A configuration as it is stored: without its secrets, and no longer than a limit."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, List, NamedTuple

from runledger.identity import well_formed
from runledger.json_values import config_values, cut_middle
from runledger.masking import Secrets

#: Bytes that an entry takes next to its name and its value: quotes, colon, comma.
_ENTRY_BYTES = 4

#: The size of a number or a word, which stays as long as there is room at all.
_SMALL = 64

#: What is left of a value that is cut away says how large it was.
_MARK_BYTES = 40


class StoredConfig(NamedTuple):
    """The text, which is JSON whatever was cut, and what the start of a run says next to it."""

    json: str
    truncated_bytes: int
    #: The hash of the whole text, where some of it is cut.
    sha256: str
    masked_keys: List[str]

    def said(self) -> Dict[str, object]:
        """What is next to ``config`` in a ``start`` line."""
        beside: Dict[str, object] = {}
        if self.truncated_bytes:
            beside["config_truncated_bytes"] = self.truncated_bytes
            beside["config_sha256"] = self.sha256
        if self.masked_keys:
            beside["masked_keys"] = self.masked_keys
        return beside


def stored(config: object, secrets: Secrets, max_bytes: int) -> StoredConfig:
    """What is stored of a configuration.

    If it is too long, the small values stay and the large ones are cut, so that ``lr`` can be
    read next to a vocabulary.
    """
    tree, masked_keys = secrets.masked(config_values(config))
    whole = _text(tree)
    data = whole.encode()
    if len(data) <= max_bytes:
        return StoredConfig(whole, 0, "", masked_keys)
    cut = _text(_fit(tree, max_bytes))
    missing = len(data) - len(cut.encode())
    return StoredConfig(cut, missing, hashlib.sha256(data).hexdigest(), masked_keys)


def _text(tree: Any) -> str:
    return well_formed(json.dumps(tree, ensure_ascii=False, separators=(",", ":")))


def _bytes(tree: Any) -> int:
    return len(_text(tree).encode())


def _fit(value: Any, budget: int) -> Any:
    """As much of a value as this many bytes of JSON can hold."""
    size = _bytes(value)
    if size <= budget:
        return value
    if isinstance(value, dict):
        return _fitted_object(value, budget)
    if isinstance(value, list):
        return _fitted_list(value, size, budget)
    return _mark(size) if budget < 2 * _MARK_BYTES else _shortened(str(value), budget)


def _fitted_object(values: Dict[str, Any], budget: int) -> Dict[str, Any]:
    """Small values keep their size, and large ones share what is left."""
    sizes = {name: _bytes(value) for name, value in values.items()}
    by_size = sorted(sizes, key=lambda name: sizes[name])
    kept: Dict[str, Any] = {}
    left = budget - 2 - _MARK_BYTES
    for i, name in enumerate(by_size):
        label = _bytes(name) + _ENTRY_BYTES
        share = left // (len(by_size) - i) - label
        value, size = values[name], sizes[name]
        is_small = not isinstance(value, (dict, list)) and size <= _SMALL and label + size <= left
        if is_small or size <= share:
            kept[name] = value
        elif share >= _MARK_BYTES:
            kept[name] = _fit(value, share)
        else:
            continue
        left -= label + _bytes(kept[name])
    cut = {name: kept[name] for name in values if name in kept}
    if len(kept) < len(values):
        cut["(cut)"] = f"{len(values) - len(kept)} entries"
    return cut


def _fitted_list(values: List[Any], size: int, budget: int) -> Any:
    """The beginning of a list."""
    cut: List[Any] = []
    left = budget - 2 - _MARK_BYTES
    kept = 2
    for each in values:
        following = _bytes(each) + 1
        if following > left:
            break
        cut.append(each)
        left -= following
        kept += following
    return [*cut, _mark(size - kept)] if cut else _mark(size)


def _mark(size: int) -> str:
    return f"... {size} bytes cut ..."


def _shortened(text: str, budget: int) -> str:
    """Escapes count: where there are many, less of the text is kept."""
    limit = budget - _MARK_BYTES
    while limit > 0:
        cut = cut_middle(text, limit).text
        if _bytes(cut) <= budget:
            return cut
        limit //= 2
    return _mark(len(text))
