"""Passkeys: the page, and what its script asks for. Without JavaScript the mailed code does it all."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts import actions, queries, wording
from tacit.accounts.types import AccountError, Site, Visitor
from tacit.core import clock
from tacit.web import answering
from tacit.web.account.entering import enter, remember
from tacit.web.account.site import site_of
from tacit.web.buying import see_other
from tacit.web.parsing import BadInput, same_site_path, whole
from tacit.web.visitor import client_of, make_strong, works_here

LARGEST_ID = 2**63 - 1


def passkeys(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """``do``: rename or remove the passkey ``id``."""
    assert visitor.person is not None
    ways = queries.ways_in(visitor.person)
    if works_here(request) and ways.second_factor and not visitor.staff:
        return see_other(f"{reverse('second-factor')}?next={reverse('account-passkeys')}")
    page: dict[str, Any] = {}
    if request.method == "POST":
        chosen = whole(request.POST, "id", least=1, most=LARGEST_ID)
        try:
            _change(request.POST, visitor, chosen)
        except AccountError as error:
            page = {
                "wrong": chosen,
                "why": answering.explain(error),
                "typed": request.POST.get("name", "")[:200],
            }
        else:
            return see_other(reverse("account-passkeys"))
    page |= {
        "rows": queries.passkeys(visitor),
        "ways": ways,
        "works_here": works_here(request),
        "offered": site_of(request) is not None,
        "agent": _agent(request),
        "here": "passkeys",
    }
    return render(request, "web/account/passkeys.html", page, status=422 if "why" in page else 200)


def _change(given: QueryDict, visitor: Visitor, chosen: int) -> None:
    if given.get("do") == "remove":
        actions.remove_passkey(visitor, id=chosen, now=clock.now())
    else:
        actions.rename_passkey(visitor, id=chosen, name=given.get("name", ""))


def _agent(request: HttpRequest) -> str:
    """What a new passkey is called until its owner says otherwise."""
    return wording.agent_words(queries.agent_label(request.headers.get("User-Agent", ""))) or _("Passkey")


def new_options(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the browser needs to make a passkey."""
    return _answer(
        lambda site: _told(actions.ask_for_new_passkey(visitor, site=site, now=clock.now())), request
    )


def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Keep the passkey that the browser made."""

    def act(site: Site) -> HttpResponse:
        given = _json(request)
        actions.add_passkey(
            visitor,
            token=_text(given, "token"),
            answer=_text(given, "answer"),
            name=_text(given, "name") or _agent(request),
            site=site,
            now=clock.now(),
        )
        on = same_site_path(_text(given, "next"), default=reverse("account-passkeys"))
        response = JsonResponse({"go": on})
        if works_here(request) and visitor.person is not None:
            make_strong(request)
            person = queries.person(visitor.person)
            assert person is not None
            remember(request, response, person, strong=True)
        return response

    return _answer(act, request)


def options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to sign in with a passkey, the same for everybody."""
    return _answer(
        lambda site: _told(actions.ask_for_passkey(site=site, client=client_of(request), now=clock.now())),
        request,
    )


def sign_in(request: HttpRequest) -> HttpResponse:
    """Let whoever holds the passkey in; it stands for two factors, for its user was verified."""

    def act(site: Site) -> HttpResponse:
        given = _json(request)
        person = actions.sign_in_by_passkey(
            token=_text(given, "token"), answer=_text(given, "answer"), site=site, now=clock.now()
        )
        enter(request, person, strong=True)
        on = same_site_path(_text(given, "next"), default=reverse("orders"))
        response = JsonResponse({"go": on})
        remember(request, response, person, strong=True)
        return response

    return _answer(act, request)


def _answer(act: Any, request: HttpRequest) -> HttpResponse:
    site = site_of(request)
    if site is None:
        return JsonResponse({"why": wording.no_passkeys_here()}, status=422)
    try:
        answer: HttpResponse = act(site)
    except AccountError as error:
        refused = JsonResponse({"why": answering.explain(error)}, status=answering.status_of(error))
        return answering.with_wait(refused, error)
    return answer


def _told(asked: Any) -> HttpResponse:
    return JsonResponse({"token": asked.token, "options": json.loads(asked.options)})


def _json(request: HttpRequest) -> dict[str, Any]:
    """The body as an object. Raises BadInput."""
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise BadInput("body", wording.unreadable(), status=400)
    return given


def _text(given: dict[str, Any], field: str) -> str:
    """A text of the body, '' for anything else."""
    value = given.get(field, "")
    return value if isinstance(value, str) else ""
