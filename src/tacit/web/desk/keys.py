"""Keys of programs at the desk: made, shown once, revoked at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts import actions, queries
from tacit.accounts.types import AccountError, KeyView, Scope, Visitor
from tacit.core import clock, ids
from tacit.web import answering, parsing
from tacit.web.buying import see_other


@dataclass(frozen=True, slots=True)
class KeyShown:
    key: KeyView
    may: list[str]
    works: bool


def scopes() -> list[tuple[Scope, str]]:
    """Each scope with what it allows, in words."""
    return [
        (Scope.ORDERS_READ, _("read orders")),
        (Scope.ORDERS_WRITE, _("read and change orders: cancel, send, give money back")),
        (Scope.STOCK_WRITE, _("read and set stock")),
    ]


def keys(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """All keys; POST makes one and shows it, this once."""
    if request.method != "POST":
        return _show(request, visitor, now=clock.now())
    now = clock.now()
    chosen = [each for each in request.POST.getlist("scopes")[:10] if parsing.is_plain(each)]
    try:
        days = parsing.whole(request.POST, "days", least=1, most=10_000, default=queries.KEY_DAYS[1])
        name = parsing.text(request.POST, "program", longest=200)
        once = parsing.form_key(request.POST)
        made, secret = actions.make_key(visitor, name=name, scopes=chosen, days=days, now=now, once=once)
    except (AccountError, parsing.BadInput) as error:
        return _show(request, visitor, now=now, error=error)
    return _show(request, visitor, now=now, made=made, secret=secret)


def revoke(request: HttpRequest, visitor: Visitor, key: UUID) -> HttpResponse:
    """A key stops working now."""
    del request
    actions.revoke_key(visitor, key, now=clock.now())
    return see_other(f"{reverse('desk-keys')}?revoked=1")


def _show(
    request: HttpRequest,
    visitor: Visitor,
    *,
    now: datetime,
    made: KeyView | None = None,
    secret: str = "",
    error: AccountError | parsing.BadInput | None = None,
) -> HttpResponse:
    words = dict(scopes())
    rows = [
        KeyShown(each, [words[scope] for scope in each.scopes], each.works(now))
        for each in queries.program_keys(visitor)
    ]
    shown = {
        "here": "keys",
        "rows": rows,
        "scopes": [
            (scope.value, word, error is not None and scope.value in request.POST.getlist("scopes"))
            for scope, word in scopes()
        ],
        "days": [(each, str(each) == request.POST.get("days", "90")) for each in queries.KEY_DAYS],
        "typed": request.POST.get("program", "")[:200] if error else "",
        "key": ids.token(),
        "made": made,
        "secret": secret,
        "why": answering.explain(error) if error else "",
        "why_field": error.field if error else "",
        "revoked": request.GET.get("revoked") == "1" and not made and not error,
    }
    status = answering.status_of(error) if error else 200
    return render(request, "web/desk/program_keys.html", shown, status=status)
