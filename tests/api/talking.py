"""Talking to the API as a program does: JSON in, JSON out."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

BUYER = {
    "email": "ana@example.com",
    "name": "Ana Berg",
    "line1": "Hafenweg 3",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
}
ONCE = {"Idempotency-Key": "the-first-order"}


def send(
    method: str,
    path: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    client: Client | None = None,
) -> Any:
    """The answer to one request; with ``body`` it is JSON."""
    return (client or Client()).generic(
        method,
        path,
        b"" if body is None else _json(body),
        content_type="application/json",
        headers=headers,
    )


def _json(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def cart(**lines: int) -> dict[str, Any]:
    """A new cart with these SKUs."""
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
    answer = send("POST", "/api/carts", {"lines": wanted})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def order_of(cart: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The body that orders a cart as it stands."""
    choice = next(each for each in cart["delivery"] if each["code"] == "standard")
    return {**BUYER, "shipping": "standard", "method": "good", "total_seen": choice["total"], **changes}


def place(cart: dict[str, Any], *, headers: dict[str, str] | None = None, **changes: object) -> Any:
    path = f"/api/carts/{cart['token']}/orders"
    return send("POST", path, order_of(cart, **changes), headers=ONCE if headers is None else headers)


def problem(answer: HttpResponse) -> dict[str, Any]:
    """What an answer says went wrong; it must be told as one does."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content[:300]
    told: dict[str, Any] = json.loads(answer.content)
    assert told["status"] == answer.status_code
    assert told["detail"] and told["title"]
    return told
