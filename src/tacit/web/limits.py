"""How often one client may ask: counted in each web process, by a keyed hash of its network that is never kept.

A client has an allowance for each kind of request that fills up evenly over a minute (TACIT_RATE and fractions
of it), so a burst is fine and a flood is not. Kept pages are answered before anybody counts. A whole network
counts as one client; a program has an allowance of its own from the answer on that found its key to be good.
Hooks are not counted: each is held against its signature and its size.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from tacit.accounts.types import Visitor
from tacit.core.network import network
from tacit.web import errors
from tacit.web.origin import SAFE
from tacit.web.visitor import client_of

MINUTE = 60.0
MOST_CLIENTS = 20_000
"""Of each kind. Whoever was silent longest is forgotten first: memory stays bounded, 25 MB in all."""
MOST_KEYS = 1_000
KEY_GOOD_FOR = 5 * MINUTE
"""How long a key that was found good counts as good here, unless it is refused before."""
API = "/api/"
HOOKS = "/hooks/"
SECRETS = frozenset({"signature", "token"})
"""Parts of addresses that prove something: whoever gets 401 or 404 for one guessed it."""


class Kind(StrEnum):
    """What is counted apart. GUESS: links whose signature is wrong, keys that are none."""

    CHANGE = "change"
    SEARCH = "search"
    SIGN_IN = "sign-in"
    GUESS = "guess"
    API = "api"
    PROGRAM = "program"


SHARE = {
    Kind.CHANGE: 1.0,
    Kind.SEARCH: 0.5,
    Kind.SIGN_IN: 0.125,
    Kind.GUESS: 0.125,
    Kind.API: 2.0,
    Kind.PROGRAM: 5.0,
}
"""Of TACIT_RATE, a minute."""


class Allowances:
    """Allowances by name: ``most`` at once, filling up evenly over a minute. Thread-safe, bounded."""

    def __init__(self, *, entries: int = MOST_CLIENTS) -> None:
        self._full_at: OrderedDict[bytes, float] = OrderedDict()
        self._entries = entries
        self._lock = threading.Lock()

    def take(self, name: bytes, *, most: float, now: float, look: bool = False) -> float:
        """Takes one of it; 0, or the seconds until one is there again. ``look``: takes nothing in any case."""
        with self._lock:
            full_at = max(self._full_at.get(name, now), now) + MINUTE / most
            if (wait := full_at - now - MINUTE) > 1e-6:
                return wait
            if not look:
                self._full_at[name] = full_at
                self._full_at.move_to_end(name)
                if len(self._full_at) > self._entries:
                    self._full_at.popitem(last=False)
            return 0.0

    def clear(self) -> None:
        with self._lock:
            self._full_at.clear()


class GoodKeys:
    """Which program's key a header holds, of those found good lately. Thread-safe, bounded."""

    def __init__(self, *, entries: int = MOST_KEYS) -> None:
        self._found: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._entries = entries
        self._lock = threading.Lock()

    def program(self, header: str, *, now: float) -> str:
        """The id of the key, '' when it was not found good lately."""
        with self._lock:
            program, until = self._found.get(_hashed(header), ("", now))
        return program if now < until else ""

    def note(self, header: str, program: str, *, now: float) -> None:
        """``program``: the id of the key it was found to be; '' when it is none."""
        name = _hashed(header)
        with self._lock:
            self._found.pop(name, None)
            if program:
                self._found[name] = program, now + KEY_GOOD_FOR
                if len(self._found) > self._entries:
                    self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


_KEY = secrets.token_bytes(16)
"""Of this process alone: what is counted cannot be led back to an address or a key."""
allowances = {kind: Allowances() for kind in Kind}
"""Apart, so that no flood of one kind makes forgotten who guesses or signs in."""
good_keys = GoodKeys()


def _hashed(who: str) -> bytes:
    return hashlib.blake2b(who.encode(), key=_KEY, digest_size=12).digest()


def forget() -> None:
    """As if nobody had asked before."""
    for each in allowances.values():
        each.clear()
    good_keys.clear()


class RateLimits:
    """Middleware: 429 with Retry-After for who asks too often."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.RATE:
            if response.status_code in {401, 404} and _is_guess(request, response.status_code):
                taken(request, Kind.GUESS)
            _note_key(request, response.status_code)
        return response

    def process_view(
        self, request: HttpRequest, view: object, arguments: object, named: Mapping[str, Any]
    ) -> HttpResponse | None:
        """The answer when it is too often. The address is resolved by now, nothing was done yet."""
        del view, arguments
        if not settings.RATE:
            return None
        wait = taken(request, kind) if (kind := kind_of(request)) else 0.0
        if not wait and (kind in {Kind.API, Kind.PROGRAM} or not SECRETS.isdisjoint(named)):
            wait = taken(request, Kind.GUESS, look=True)
        return too_often(request, wait) if wait else None


def kind_of(request: HttpRequest) -> Kind | None:
    """Which allowance a request takes from; None: from none."""
    path = request.path_info
    if path.startswith(API):
        return Kind.PROGRAM if _program(request) else Kind.API
    name = request.resolver_match.url_name if request.resolver_match else ""
    if request.method in SAFE:
        return Kind.SEARCH if name == "search" else None
    if path.startswith(HOOKS):
        return None
    return Kind.SIGN_IN if name and name.startswith("sign-in") else Kind.CHANGE


def _is_guess(request: HttpRequest, status: int) -> bool:
    if status == 401 and not request.path_info.startswith(API):
        return False
    if status == 401 and "HTTP_AUTHORIZATION" in request.META:
        return True
    match = request.resolver_match
    return match is not None and not (SECRETS.isdisjoint(match.kwargs) and SECRETS.isdisjoint(request.GET))


def _program(request: HttpRequest) -> str:
    """The id of the program's key in the header, where that was found good lately; never a word of the header."""
    header = request.META.get("HTTP_AUTHORIZATION")
    return good_keys.program(header, now=time.monotonic()) if header else ""


def _note_key(request: HttpRequest, status: int) -> None:
    """Remember what came of a key, where an answer says it: nobody is believed before."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if not header or not request.path_info.startswith(API):
        return
    found = getattr(request, "auth", None)
    if isinstance(found, Visitor) and found.program:
        good_keys.note(header, found.program, now=time.monotonic())
    elif status == 401:
        good_keys.note(header, "", now=time.monotonic())


def taken(request: HttpRequest, kind: Kind, *, look: bool = False) -> float:
    """Takes from the allowance of the client's network, or of its program; the seconds to wait, 0 if none."""
    who = _program(request) if kind is Kind.PROGRAM else network(client_of(request))
    if not who:
        return 0.0
    most = max(1.0, settings.RATE * SHARE[kind])
    return allowances[kind].take(_hashed(who), most=most, now=time.monotonic(), look=look)


def too_often(request: HttpRequest, wait: float) -> HttpResponse:
    """429, and after how many seconds to come again."""
    seconds = math.ceil(wait)
    sentence = _(
        "Wait a minute and do it again. Nothing was changed, and what you typed is still on the page before."
    )
    if request.path_info.startswith(API):  # which tells what anybody refuses in its own words
        response = HttpResponse(status=429)
    else:
        response = errors.page(request, 429, sentence=sentence)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response
