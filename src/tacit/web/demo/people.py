"""Becoming somebody in one tap."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tacit.accounts import actions, queries
from tacit.accounts.types import AccountError, Visitor
from tacit.checkout import queries as checkout
from tacit.core import clock, ports
from tacit.web import returning
from tacit.web.account.entering import enter
from tacit.web.demo.ports import Cast, Member
from tacit.web.demo.said import back
from tacit.web.parsing import BadInput
from tacit.web.visitor import CART_COOKIE, visitor_of

GUEST, STAFF = "guest", "staff"


@dataclass(frozen=True, slots=True)
class Part:
    """One part to play. ``code`` is what the button sends; ``now``: this browser plays it."""

    code: str
    who: str
    what: str
    now: bool


def members() -> tuple[Member, ...]:
    """The sample shop's people; none when it is not wired."""
    try:
        return tuple(ports.get(Cast).members())
    except ports.PortNotWired:
        return ()


def parts(request: HttpRequest) -> tuple[Part, ...]:
    """Everybody one can become, and who this browser is."""
    me = me_in(request)
    what = {
        "shopper": _("Shopper. Has bought here before and buys in one tap; one order is being packed."),
        "friend": _("A friend of the shopper. Has a parcel on its way."),
        "stranger": _("Knows neither of them. Has orders of their own."),
    }
    cast = [Part(each.part, each.name, what.get(each.part, ""), each.email == me) for each in members()]
    guest = Part(GUEST, _("A guest"), _("Nobody is signed in; the cart is empty."), not me)
    staff = [
        Part(STAFF, _("Staff"), _("Works at the desk as %(email)s.") % {"email": email}, email == me)
        for email in settings.STAFF_MAILS[:1]
    ]
    return (*cast, guest, *staff)


def me_in(request: HttpRequest) -> str:
    """The address this browser is signed in with; '' for a guest."""
    person = visitor_of(request).person
    found = queries.person(person) if person is not None else None
    return found.email if found is not None else ""


def become(request: HttpRequest) -> HttpResponse:
    """``part``: who to be from now on. Another person starts with an empty cart."""
    part = request.POST.get("part", "")
    if part == GUEST:
        logout(request)
        sentence = _("You are a guest now, with an empty cart.")
    else:
        sentence = _sign_in(request, part)
    response = back(request, sentence, beside="people")
    now_here = Visitor(person=request.user.pk)  # signed in just now, so no cookie says so yet
    (returning.note if checkout.saved_methods(now_here) else returning.forget)(response)
    response.delete_cookie(CART_COOKIE, samesite="Lax")
    return response


def _sign_in(request: HttpRequest, part: str) -> str:
    found = next((each for each in members() if each.part == part), None)
    if part == STAFF and settings.STAFF_MAILS:
        found = Member(STAFF, "", settings.STAFF_MAILS[0])
    if found is None:
        raise BadInput("part", _("There is no such part. Choose one on the console."))
    now = clock.now()
    try:
        actions.known_person(email=found.email, name=found.name, now=now)
        person = actions.become(email=found.email, now=now)
    except AccountError as error:
        raise BadInput("part", _("%(email)s was shut out of this shop.") % {"email": found.email}) from error
    enter(request, person, strong=person.is_staff)  # `become` has made sure that this is a demo
    if part == STAFF:
        return _("You are staff now. The desk is open to you.")
    return _("You are %(name)s now, with an empty cart.") % {"name": found.name}
