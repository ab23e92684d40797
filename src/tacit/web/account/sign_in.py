"""Signing in by a mailed code, and out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts import actions
from tacit.accounts.types import AccountError
from tacit.core import clock
from tacit.web import answering, known_browser
from tacit.web.buying import see_other
from tacit.web.parsing import same_site_path
from tacit.web.visitor import client_of, visitor_of

ASKED_COOKIE = "sign_in"
ASKED_KEPT = timedelta(minutes=15)
_SALT = "tacit.web.sign-in"


def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address, mail a code to it."""
    given = request.POST if request.method == "POST" else request.GET
    on = same_site_path(given.get("next", ""), default=reverse("orders"))
    if request.method != "POST":
        if visitor_of(request).person is not None:
            return see_other(on)
        return render(request, "web/sign_in.html", {"next": on})
    email = request.POST.get("email", "")
    try:
        token = actions.request_code(
            email=email,
            now=clock.now(),
            known=known_browser.is_known(request, email),
            client=client_of(request),
        )
    except AccountError as error:
        why, status = answering.explain(error), answering.status_of(error)
        page = {"next": on, "email": email[:254], "why": why}
        return render(request, "web/sign_in.html", page, status=status)
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
    given = request.POST if request.method == "POST" else request.GET
    on = same_site_path(given.get("next", ""), default=reverse("orders"))
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
    except AccountError as error:
        page |= {
            "why": answering.explain(error),
            "void": error.code == "void",
            "typed": request.POST.get("code", "")[:12],
        }
        return render(request, "web/sign_in_code.html", page, status=422)
    backend = ModelBackend()
    user = backend.get_user(person.id)
    if user is None:
        return see_other(reverse("sign-in"))
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    response = see_other(on)
    response.delete_cookie(ASKED_COOKIE, path=reverse("sign-in"), samesite="Lax")
    known_browser.keep(request, response, person.email)
    return response


def _asked(request: HttpRequest) -> dict[str, Any] | None:
    """The token and the address this browser asked a code for."""
    kept = request.get_signed_cookie(ASKED_COOKIE, default="", salt=_SALT, max_age=ASKED_KEPT)
    return json.loads(kept) if kept else None


def sign_out(request: HttpRequest) -> HttpResponse:
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        logout(request)
    return see_other(reverse("home"))
