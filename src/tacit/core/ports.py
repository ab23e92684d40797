"""Where adapters are looked up. ``config/wiring.py`` fills it from settings; rooms ask for a Protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

P = TypeVar("P")

_adapters: dict[tuple[type[Any], str], Any] = {}
DEFAULT = ""


class PortNotWired(LookupError):
    """No adapter stands behind this port; the message says which setting chooses one."""


def register(port: type[P], adapter: P, *, name: str = DEFAULT) -> None:
    """Put ``adapter`` behind ``port``. ``name`` tells several apart (payment providers); the default is ''."""
    _adapters[(port, name)] = adapter


def get(port: type[P], name: str = DEFAULT) -> P:
    """The adapter behind ``port``. Raises PortNotWired."""
    try:
        return cast(P, _adapters[(port, name)])
    except KeyError:
        which = f" named {name!r}" if name else ""
        raise PortNotWired(f"no {port.__name__}{which} is wired: see config/wiring.py") from None


def every(port: type[P]) -> dict[str, P]:
    """All adapters behind ``port`` by their names, in the order they were registered."""
    return {name: adapter for (kind, name), adapter in _adapters.items() if kind is port}


@contextmanager
def replaced(port: type[P], adapter: P, *, name: str = DEFAULT) -> Iterator[P]:
    """Swap an adapter for the length of a ``with`` block."""
    missing = object()
    before = _adapters.get((port, name), missing)
    register(port, adapter, name=name)
    try:
        yield adapter
    finally:
        if before is missing:
            del _adapters[(port, name)]
        else:
            _adapters[(port, name)] = before
