"""Who asks. A program shows a key; neither a cookie nor a session counts here, and a key counts nowhere else."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest

from tacit.accounts import actions
from tacit.accounts.types import NotAllowed, Scope, Visitor
from tacit.api.explaining import WrongSignature
from tacit.checkout import queries
from tacit.checkout.types.order import NoSuchCart
from tacit.core import clock

SIGNATURE = "signature"
KEYS = "programKey"
LINKS = "orderLink"
SCHEMES: dict[str, dict[str, Any]] = {
    KEYS: {
        "type": "http",
        "scheme": "bearer",
        "description": "A key that staff make at the desk, `tacit_…`. Its scopes say what it allows.",
    },
    LINKS: {
        "type": "apiKey",
        "in": "query",
        "name": SIGNATURE,
        "description": "The last part of an order's link; it proves that one order and nothing else.",
    },
}
_CART = re.compile(r"[A-Za-z0-9_\-]{16,32}\Z")


class WithKey:
    """Asks for a key that allows ``scope``. Raises NotAllowed; None, which is answered with 401, without a key."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.security = [{KEYS: [str(scope)]}]

    def __call__(self, request: HttpRequest) -> Visitor | None:
        visitor = program(request)
        if visitor is not None and not visitor.may(self.scope):
            raise NotAllowed
        return visitor


class WithKeyOrLink(WithKey):
    """As that, or the signature of the order's own link. Raises WrongSignature."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.security.append({LINKS: []})

    def __call__(self, request: HttpRequest) -> Visitor | None:
        given = request.GET.get(SIGNATURE)
        if given is None:
            return super().__call__(request)
        match = request.resolver_match
        number = str(match.kwargs.get("number", "")) if match else ""
        visitor = Visitor(order=number) if queries.is_order_signature(number, given) else None
        if visitor is None:
            raise WrongSignature
        return visitor


def program(request: HttpRequest) -> Visitor | None:
    """The program that shows a working key, else None."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return actions.recognise_program(key.strip(), now=clock.now())


def asking(request: HttpRequest) -> Visitor:
    """Whoever WithKey let in."""
    visitor = getattr(request, "auth", None)
    if not isinstance(visitor, Visitor):
        raise NotAllowed
    return visitor


def cart_holder(token: str) -> Visitor:
    """Whoever holds this cart's token. Raises NoSuchCart for what is no token at all."""
    if not _CART.match(token):
        raise NoSuchCart
    return Visitor(cart=token)
