"""Making a fragment, or finding that it is absent. Nothing that goes wrong in one leaves this file."""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from tacit.catalog.types import NoSuchProduct
from tacit.core.demo import Trouble, trouble_of
from tacit.web.fragments.breaker import Breaker
from tacit.web.fragments.budget import Clock, Meter, OverBudget, within
from tacit.web.fragments.kinds import Asked, Fragment, Outcome

if TYPE_CHECKING:
    from prometheus_client import Counter

log = logging.getLogger("tacit.fragments")

AT_ONCE = 2
"""Fragments made at the same time in a process, so that slow ones leave threads and connections to pages."""
WAIT_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Made:
    """``html`` is '' unless it is shown."""

    outcome: Outcome
    html: str = ""


class Kitchen:
    """Where fragments are made, with a breaker for each. ``clock``: monotonic seconds."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def make(self, fragment: Fragment, asked: Asked) -> Made:
        """The fragment's HTML within its budget; never raises."""
        made = self._make(fragment, asked)
        count(fragment.name, made.outcome)
        return made

    def _make(self, fragment: Fragment, asked: Asked) -> Made:
        breaker = self._breakers[fragment.name]
        if fragment.name in settings.FRAGMENTS_OFF:
            return Made(Outcome.OFF)
        if not self._places.acquire(timeout=WAIT_SECONDS):
            return Made(Outcome.BUSY)
        try:
            if not breaker.lets(self._clock()):
                return Made(Outcome.RESTING)
            made = self._render(fragment, asked)
        except OverBudget as over:
            return self._failed(fragment, over.outcome)
        except Exception:
            log.exception("Fragment %s is broken", fragment.name)
            return self._failed(fragment, Outcome.BROKEN)
        finally:
            self._places.release()
        if breaker.succeeded():
            log.warning("Fragment %s works again", fragment.name)
        return made

    def _render(self, fragment: Fragment, asked: Asked) -> Made:
        trouble = trouble_of(fragment.room) if settings.DEMO else None
        with within(fragment.budget, clock=self._clock) as meter:
            if trouble:
                _play(trouble, meter)
            try:
                data = fragment.load(asked)
            except NoSuchProduct:
                return Made(Outcome.UNKNOWN)
            html = "" if data is None else render_to_string(fragment.template, {**data, "asked": asked})
        html = html.strip()
        meter.check_bytes(html)
        return Made(Outcome.SHOWN, html) if html else Made(Outcome.NOTHING)

    def _failed(self, fragment: Fragment, outcome: Outcome) -> Made:
        if self._breakers[fragment.name].failed(self._clock()):
            log.warning("Fragment %s rests: %s", fragment.name, outcome.value)
        return Made(outcome)


class Dead(Exception):
    """The demo's console killed this room."""


def _play(trouble: Trouble, meter: Meter) -> None:
    """What the demo's console armed for a room: slow in the database, or dead."""
    if trouble.dead:
        raise Dead
    if trouble.slow_ms:
        meter.allow_one_more()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [trouble.slow_ms / 1000])


def count(name: str, outcome: Outcome) -> None:
    """For Prometheus, where `tacit serve --metrics-port` asks for it."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _counter().labels(name, outcome.value).inc()


@functools.cache
def _counter() -> Counter:
    from prometheus_client import Counter

    return Counter("tacit_fragments", "Fragments asked for, and how that ended.", ["fragment", "outcome"])


kitchen = Kitchen()
"""That of this process."""
