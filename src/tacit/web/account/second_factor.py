"""The second factor of staff: showing it, and setting it up."""

from __future__ import annotations

from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe

from tacit.accounts import actions, queries
from tacit.accounts.types import AccountError, NewApp, PersonView, Visitor
from tacit.core import clock
from tacit.web import answering, known_browser
from tacit.web.account.entering import next_of, remember
from tacit.web.account.site import site_of
from tacit.web.buying import see_other
from tacit.web.visitor import make_strong, works_here

_NEW_APP = "new_app"
"""Where the session keeps the sealed secret of an app that is being set up."""


def second_factor(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show a code of the app, a recovery code, or a passkey."""
    on = next_of(request, default="desk")
    person, ways = _who(visitor)
    if not works_here(request) or visitor.staff:
        return see_other(on)
    if not ways.second_factor:
        return see_other(f"{reverse('second-factor-set-up')}?{urlencode({'next': on})}")
    page: dict[str, Any] = {
        "next": on,
        "ways": ways,
        "passkeys": ways.passkeys and site_of(request) is not None,
    }
    if request.method != "POST":
        return render(request, "web/account/second_factor.html", page)
    try:
        actions.show_second_factor(
            person.id,
            code=request.POST.get("code", ""),
            known=known_browser.is_known(request, person.email),
            now=clock.real(),
        )
    except AccountError as error:
        page |= {"why": answering.explain(error), "typed": request.POST.get("code", "")[:20]}
        refused = render(request, "web/account/second_factor.html", page, status=answering.status_of(error))
        return answering.with_wait(refused, error)
    make_strong(request)
    response = see_other(on)
    remember(request, response, person, strong=True)
    return response


def set_up(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Set an authenticator app up, or a passkey. Its recovery codes are shown once, in the answer."""
    on = next_of(request, default="desk")
    person, ways = _who(visitor)
    if not works_here(request):
        return see_other(reverse("account"))
    if ways.second_factor and not visitor.staff:
        return _first_show(reverse("second-factor-set-up"))
    app = _new_app(request, visitor, person)
    page = {
        "next": on,
        "passkeys": site_of(request) is not None,
        "secret": _in_fours(app.secret),
        "picture": _picture(app),
        "ways": ways,
    }
    if request.method != "POST":
        return render(request, "web/account/set_up.html", page)
    try:
        codes = actions.set_up_app(
            visitor, sealed=app.sealed, code=request.POST.get("code", ""), now=clock.real()
        )
    except AccountError as error:
        page |= {"why": answering.explain(error), "typed": request.POST.get("code", "")[:20]}
        return render(request, "web/account/set_up.html", page, status=422)
    del request.session[_NEW_APP]
    make_strong(request)
    response = render(request, "web/account/recovery.html", {"codes": codes, "next": on})
    remember(request, response, person, strong=True)
    return response


def change(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """``do``: make new recovery codes, or remove the app; that also for who worked here once."""
    _person, ways = _who(visitor)
    removes = request.POST.get("do") == "remove"
    if works_here(request):
        if ways.second_factor and not visitor.staff:
            return _first_show(reverse("account-passkeys"))
    elif not removes:
        return see_other(reverse("account-passkeys"))
    if removes:
        actions.remove_app(visitor, now=clock.now())
        return see_other(reverse("account-passkeys"))
    codes = actions.new_recovery_codes(visitor, now=clock.now())
    return render(request, "web/account/recovery.html", {"codes": codes, "next": reverse("account-passkeys")})


def _first_show(on: str) -> HttpResponse:
    return see_other(f"{reverse('second-factor')}?{urlencode({'next': on})}")


def _who(visitor: Visitor) -> tuple[PersonView, Any]:
    assert visitor.person is not None
    person = queries.person(visitor.person)
    assert person is not None
    return person, queries.ways_in(person.id)


def _new_app(request: HttpRequest, visitor: Visitor, person: PersonView) -> NewApp:
    """The app this session is setting up, begun now if it is not."""
    sealed = request.session.get(_NEW_APP, "")
    app = actions.resume_app(visitor, sealed=sealed, account=person.email) if sealed else None
    if app is None:
        app = actions.begin_app(visitor, account=person.email)
        request.session[_NEW_APP] = app.sealed
    return app


def _in_fours(secret: str) -> str:
    """``ABCD EFGH``, to be typed without losing one's place; apps pass over the spaces."""
    return " ".join(secret[begin : begin + 4] for begin in range(0, len(secret), 4))


def _picture(app: NewApp) -> str:
    """The QR code, black on white whatever the page's colours: telephones read nothing else reliably."""
    drawn = segno.make(app.address, micro=False).svg_inline(
        omitsize=True, dark="#000", light="#fff", svgclass="qr"
    )
    return mark_safe(drawn)  # noqa: S308 - segno draws paths and squares; nothing of the text stands in it
