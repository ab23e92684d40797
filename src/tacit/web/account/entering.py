"""Letting somebody in, and pages for those who are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from tacit.accounts import actions, queries
from tacit.accounts.types import AccountError, PersonView, Visitor
from tacit.checkout import queries as checkout
from tacit.core import clock
from tacit.web import known_browser, returning
from tacit.web.answering import Keep, View, page
from tacit.web.buying import see_other
from tacit.web.parsing import same_site_path
from tacit.web.visitor import make_strong, visitor_of

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, person: PersonView, *, strong: bool) -> None:
    """Sign ``person`` in with this browser. ``strong``: they showed two factors. Raises AccountError (``void``)."""
    user = ModelBackend().get_user(person.id)
    if user is None:
        raise AccountError("code", "void")
    again = SESSION_KEY in request.session
    login(request, user, backend=_BACKEND)
    request.session[actions.AGENT] = queries.agent_label(request.headers.get("User-Agent", ""))
    request.session[actions.BEGAN] = clock.now().isoformat()
    if strong:
        make_strong(request, new_key=again)


def remember(request: HttpRequest, response: HttpResponse, person: PersonView, *, strong: bool) -> None:
    """Let this browser be known, once it showed all that this person has to show."""
    if strong or not person.is_staff:
        known_browser.keep(request, response, person.email)
    if checkout.saved_methods(Visitor(person=person.id)):
        returning.note(response)


def for_members(view: Callable[..., HttpResponseBase], *methods: str) -> View:
    """``view(request, visitor, …)`` for whoever is signed in; others sign in first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        visitor = visitor_of(request)
        if visitor.person is None:
            on = request.get_full_path() if request.method == "GET" else reverse("account")
            return see_other(f"{reverse('sign-in')}?{urlencode({'next': on})}")
        return view(request, visitor, *args, **kwargs)

    return page(guarded, *methods, keep=Keep.NOBODY)


def next_of(request: HttpRequest, *, default: str) -> str:
    """Where to go on afterwards: the page of ours that ``next`` names."""
    given = request.POST if request.method == "POST" else request.GET
    return same_site_path(given.get("next", ""), default=reverse(default))
