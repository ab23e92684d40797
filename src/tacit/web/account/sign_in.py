"""Signing in by a mailed code, and out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts import actions
from tacit.accounts.types import AccountError, Visitor
from tacit.checkout import actions as checkout
from tacit.core import clock
from tacit.web import answering, known_browser, returning
from tacit.web.account.entering import enter, next_of, remember
from tacit.web.account.site import site_of
from tacit.web.buying import see_other
from tacit.web.visitor import client_of, visitor_of

ASKED_COOKIE = "sign_in"
ASKED_KEPT = timedelta(minutes=15)
_SALT = "tacit.web.sign-in"


def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address, mail a code to it; or take a passkey."""
    on = next_of(request, default="orders")
    page = {"next": on, "passkeys": site_of(request) is not None}
    if request.method != "POST":
        if visitor_of(request).person is not None:
            return see_other(on)
        return render(request, "web/sign_in.html", page)
    email = request.POST.get("email", "")
    try:
        token = actions.request_code(
            email=email,
            now=clock.now(),
            known=known_browser.is_known(request, email),
            client=client_of(request),
        )
    except AccountError as error:
        page |= {"email": email[:254], "why": answering.explain(error)}
        refused = render(request, "web/sign_in.html", page, status=answering.status_of(error))
        return answering.with_wait(refused, error)
    response = see_other(f"{reverse('sign-in-code')}?{urlencode({'next': on})}")
    response.set_signed_cookie(
        ASKED_COOKIE,
        json.dumps({"token": token, "email": email.strip()[:254]}),
        salt=_SALT,
        max_age=ASKED_KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=reverse("sign-in"),
    )
    return response


def code(request: HttpRequest) -> HttpResponse:
    """Take the code and let whoever has it in."""
    on = next_of(request, default="orders")
    asked = _asked(request)
    if asked is None:
        return see_other(f"{reverse('sign-in')}?{urlencode({'next': on})}")
    page = {"next": on, "email": asked["email"]}
    if request.method != "POST":
        return render(request, "web/sign_in_code.html", page)
    try:
        person = actions.confirm_code(
            token=asked["token"], code=request.POST.get("code", ""), now=clock.now()
        )
        # First, so that nobody is in whose orders did not come along.
        checkout.claim_orders(Visitor(person=person.id))
        enter(request, person, strong=False)
    except AccountError as error:
        page |= {
            "why": answering.explain(error),
            "void": error.code == "void",
            "typed": request.POST.get("code", "")[:12],
        }
        return render(request, "web/sign_in_code.html", page, status=422)
    factor = f"{reverse('second-factor')}?{urlencode({'next': on})}"
    response = see_other(factor if person.is_staff else on)
    response.delete_cookie(ASKED_COOKIE, path=reverse("sign-in"), samesite="Lax")
    remember(request, response, person, strong=False)
    return response


def _asked(request: HttpRequest) -> dict[str, Any] | None:
    """The token and the address this browser asked a code for."""
    kept = request.get_signed_cookie(ASKED_COOKIE, default="", salt=_SALT, max_age=ASKED_KEPT)
    return json.loads(kept) if kept else None


def sign_out(request: HttpRequest) -> HttpResponse:
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        logout(request)
    response = see_other(reverse("home"))
    returning.forget(response)
    return response
