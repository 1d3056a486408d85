"""What is dear to derive is kept as long as what it was derived from stays the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from services.context import Context

T = TypeVar("T")
KEPT = 48


class DerivedCache:
    """Results by key, each with the mark of the data that it was made of; thread-safe.

    A result with another mark is made anew: nothing expires by time, nothing outlives a change.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._guard = threading.Lock()
        self._found: OrderedDict[Hashable, tuple[str, object]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, mark: str, make: Callable[[], T]) -> T:
        """Return the result for `key` at `mark`; several askers at once wait for one maker."""
        with self._guard:
            lock = self._making.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                known = self._found.get(key)
                if known and known[0] == mark:
                    self._found.move_to_end(key)
                    return cast("T", known[1])
            made = make()
            with self._guard:
                self._found[key] = (mark, made)
                self._found.move_to_end(key)
                while len(self._found) > self._kept:
                    gone, _ = self._found.popitem(last=False)
                    self._making.pop(gone, None)
            return made


_CACHES: WeakKeyDictionary[Context, DerivedCache] = WeakKeyDictionary()
_GUARD = threading.Lock()


def derived(context: Context) -> DerivedCache:
    """Return the one cache of this installation; it goes when the context goes."""
    with _GUARD:
        return _CACHES.setdefault(context, DerivedCache())
