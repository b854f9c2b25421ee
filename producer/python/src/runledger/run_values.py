"""Values of a run by name that a process may add to: its configuration and its summary."""

from __future__ import annotations

import itertools
from typing import Any, Callable, Dict, Iterator, Mapping

from runledger.json_values import name_of, plain
from runledger.recording import pass_interruption_on

#: Pairs that are taken of an iterator, which may be endless; far more than a configuration holds.
_MOST_PAIRS = 100_000


class RunValues(Mapping[str, Any]):
    """Values that this process has given, in their JSON form; what is set is recorded.

    Reads like a dict, with a ``KeyError`` for a name that is not there. Setting never raises: what
    cannot be recorded is counted, and the run reports the count. Set what is inside a value with
    ``update({"optimizer": {"lr": 0.1}})``.
    """

    __slots__ = ("_deep", "_lost", "_record", "_values", "_word")

    def __init__(
        self,
        word: str,
        values: Dict[str, Any],
        record: Callable[[Dict[str, Any]], None],
        lost: Callable[[str], None],
        deep: bool = False,
    ) -> None:
        """``values`` are those given before, and grow.

        ``deep``: two objects of one name are merged key by key.
        """
        self._word = word
        self._record = record
        self._lost = lost
        self._deep = deep
        self._values = values

    def __getitem__(self, name: str) -> Any:
        # A copy: a change inside it is not recorded, and must not look as if it were.
        return _copied(self._values[name_of(name)])

    def __iter__(self) -> Iterator[str]:
        # Over a copy: another thread may set values meanwhile.
        return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<runledger {self._word} {_copied(self._values)!r}>"

    def __setitem__(self, name: str, value: Any) -> None:
        self._set({name_of(name): value})

    def __delitem__(self, name: str) -> None:
        self._lost(f"{self._word}: what was recorded cannot be withdrawn")

    def update(self, *values: Any, **named: Any) -> None:
        """Sets values of mappings, of what ``config=`` of ``init`` takes, or of pairs."""
        for each in (*values, named):
            if each is not named or named:
                self._set(each)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The value of the name, which is set where there is none."""
        if name not in self:
            self[name] = default
        return self.get(name)

    def know(self, values: Any) -> None:
        """Takes over values that were recorded in another way. Never fails."""
        tree = _object(plain(values))
        if tree is not None:
            _put(self._values, tree, self._deep)

    def _set(self, values: Any) -> None:
        try:
            if isinstance(values, Iterator):
                values = list(itertools.islice(values, _MOST_PAIRS))
            tree = _object(plain(values))
            if tree is None:
                raise TypeError(f"{type(values).__name__} has no names")
            if tree:
                # A copy: another thread may add to it while this one records the values.
                _put(self._values, _copied(tree), self._deep)
                self._record(tree)
        except Exception as trouble:
            pass_interruption_on(trouble)
            self._lost(f"{self._word}: {type(trouble).__name__}: {trouble}")


def _object(tree: Any) -> Any:
    """The tree as an object, even where it is a list of pairs; None where it is neither."""
    if isinstance(tree, list) and tree and all(_is_pair(each) for each in tree):
        return dict(tree)
    return tree if isinstance(tree, dict) else None


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _copied(tree: Any) -> Any:
    """A copy of values in their JSON form, to which another thread may add meanwhile."""
    if isinstance(tree, dict):
        # dict.copy() is one step for other threads, and a loop over the dict itself is not.
        return {name: _copied(value) for name, value in tree.copy().items()}
    if isinstance(tree, list):
        return [_copied(value) for value in tree]
    return tree


def _put(below: Dict[str, Any], above: Mapping[str, Any], deep: bool) -> None:
    for name, value in above.items():
        known = below.get(name)
        if deep and isinstance(known, dict) and isinstance(value, dict):
            _put(known, value, deep)
        else:
            below[name] = value
