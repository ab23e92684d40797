"""Rendered pages, kept for seconds in this process: bounded, and each made by one request at a time.

Knows nothing of HTTP or Django; the time (monotonic seconds) is passed in.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """What can be kept: it says how many bytes it takes, at most."""

    @property
    def size(self) -> int: ...


Kept = TypeVar("Kept", bound=Sized)


@dataclass(frozen=True, slots=True)
class Shelved(Generic[Kept]):
    value: Kept
    made: float


class Store(Generic[Kept]):
    """At most ``entries`` values and ``size`` bytes; what was asked for longest ago goes first.

    While one request makes a value anew, others get the one before, if it is not older than twice its time;
    else they wait, ``patience`` seconds at most, and then make one for themselves.
    """

    def __init__(self, *, entries: int, size: int, patience: float = 2.0) -> None:
        self._entries = entries
        self._most = size
        self._patience = patience
        self._kept: OrderedDict[str, Shelved[Kept]] = OrderedDict()
        self._size = 0
        self._making: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes kept now."""
        return self._size

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0

    def fresh(self, key: str, *, now: float, seconds: float) -> Kept | None:
        """What is kept under ``key``, not older than ``seconds``."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or now - found.made >= seconds:
                return None
            self._kept.move_to_end(key)
            return found.value

    def get(
        self, key: str, make: Callable[[], Kept | None], *, clock: Callable[[], float], seconds: float
    ) -> Kept | None:
        """What is kept under ``key``, else what ``make`` returns; None is returned and not kept.

        A value counts from the moment its making began, so it never shows what was true before that.
        """
        begun = clock()
        with self._lock:
            found = self._kept.get(key)
            age = begun - found.made if found else 0.0
            if found and age < seconds:
                return found.value
            other = self._making.get(key)
            if other is None:
                self._making[key] = mine = threading.Event()
            elif found and age < 2 * seconds:
                return found.value
        if other is not None:
            other.wait(self._patience)
            return self.fresh(key, now=clock(), seconds=seconds) or make()
        try:
            value = make()
            if value is not None:
                self._keep(key, Shelved(value, begun))
        finally:
            with self._lock:
                self._making.pop(key, None)
            mine.set()
        return value

    def _keep(self, key: str, shelved: Shelved[Kept]) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._size -= before.value.size if before else 0
            if shelved.value.size > self._most:
                return
            self._kept[key] = shelved
            self._size += shelved.value.size
            while len(self._kept) > self._entries or self._size > self._most:
                _, gone = self._kept.popitem(last=False)
                self._size -= gone.value.size
