"""Progress, as a person at a terminal sees it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

import click


class Bars:
    """Progress bars on stderr, one after the other; nothing when that is no terminal."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._label = ""
        self._bar: Any = None

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def show(self, label: str, done: int, total: int) -> None:
        if label != self._label:
            self._stack.close()
            hidden = not sys.stderr.isatty()
            bar = click.progressbar(length=total, label=label, file=sys.stderr, hidden=hidden)
            self._label, self._bar = label, self._stack.enter_context(bar)
        self._bar.update(done - self._bar.pos)
