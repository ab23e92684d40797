"""What went wrong, as programs read it: RFC 9457. Every error of the API is one of these kinds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. ``title`` is always the same, ``advice`` says what a program does about it."""

    name: str
    status: int
    title: str | Promise
    advice: str


BAD_REQUEST = Kind(
    "bad-request",
    400,
    _("That request cannot be read"),
    "The body is no JSON, or something that must be sent is missing. Mend the program; asking again does not help.",
)
NO_KEY = Kind(
    "no-key",
    401,
    _("This needs a key"),
    "Send `Authorization: Bearer tacit_…` with a key that staff made at the desk and that was neither revoked nor"
    " has expired. An order can also be read with the signature of its link.",
)
NOT_ALLOWED = Kind(
    "not-allowed",
    403,
    _("The key does not allow this"),
    "The key works, but its scopes do not name this. Staff make another at the desk.",
)
NOT_FOUND = Kind(
    "not-found",
    404,
    _("There is nothing here"),
    "There is no such thing, or it is not yours to see; which of the two is never told.",
)
WRONG_METHOD = Kind(
    "wrong-method", 405, _("This cannot be used like that"), "The header `Allow` names the methods there are."
)
CONFLICT = Kind(
    "conflict",
    409,
    _("Something changed in the meantime"),
    "What is asked for is well formed, but is not possible as things stand: sold out, sent already, ordered already."
    " `code` says which. Read the cart or the order again before anything else.",
)
TOTAL_CHANGED = Kind(
    "total-changed",
    409,
    _("The total is not what you saw"),
    "Nothing was ordered. `total` is what it comes to now. Show it to the buyer and order again with it.",
)
IN_FLIGHT = Kind(
    "in-flight",
    409,
    _("The same request is being worked on"),
    "Wait as many seconds as `Retry-After` says, then send the same request with the same key.",
)
DECLINED = Kind(
    "declined",
    402,
    _("The payment did not go through"),
    "Nothing was charged, and the cart is as it was. Offer another way to pay; order under a new key.",
)
CHANGED = Kind(
    "changed",
    412,
    _("It is no longer as you read it"),
    "The `If-Match` tag is of an earlier state. Nothing was changed. Read it again and decide anew.",
)
TOO_LARGE = Kind("too-large", 413, _("That is too large"), "A body has at most 256 KiB.")
WRONG_TYPE = Kind(
    "wrong-type", 415, _("That is not JSON"), "Send `Content-Type: application/json`, in UTF-8."
)
INVALID = Kind(
    "invalid",
    422,
    _("Something does not fit"),
    "`field` names the first entry that cannot be used, `detail` says why and what would do; with several `errors`"
    " lists them all.",
)
OTHER_BODY = Kind(
    "other-body",
    422,
    _("The key was used for something else"),
    "Under this `Idempotency-Key` something else was asked for before. Take a new key for a new request.",
)
TOO_OFTEN = Kind(
    "too-often", 429, _("That was too often"), "Wait as many seconds as the header `Retry-After` says."
)
OUR_FAULT = Kind(
    "our-fault",
    500,
    _("Something went wrong on our side"),
    "Nothing half done is left behind. Ask again with the same `Idempotency-Key`; if it stays, tell the shop.",
)
AWAY = Kind(
    "away",
    503,
    _("The shop is away for a moment"),
    "Ask again in a few seconds, with the same `Idempotency-Key`.",
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        BAD_REQUEST,
        NO_KEY,
        DECLINED,
        NOT_ALLOWED,
        NOT_FOUND,
        WRONG_METHOD,
        CONFLICT,
        TOTAL_CHANGED,
        IN_FLIGHT,
        CHANGED,
        TOO_LARGE,
        WRONG_TYPE,
        INVALID,
        OTHER_BODY,
        TOO_OFTEN,
        OUR_FAULT,
        AWAY,
    )
}
BY_STATUS = {kind.status: kind for kind in reversed(KINDS.values()) if kind not in (TOTAL_CHANGED, IN_FLIGHT)}


class Problem(HttpResponse):
    """An answer that says what went wrong."""


def problem(kind: Kind, detail: str, *, code: str = "", field: str = "", **more: Any) -> Problem:
    """The answer that says so. ``field``: which entry, '' when none; ``code``: the room's own word for it."""
    said = {
        "type": f"{settings.SHOP_URL}/api/problems/{kind.name}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": detail,
        "code": code or kind.name,
        "field": field,
        **more,
    }
    response = Problem(json.dumps(said, ensure_ascii=False), status=kind.status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "private, no-store"
    return response
