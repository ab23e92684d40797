"""Your data: what you said yes to, a copy, and being erased."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tacit.accounts import actions, queries, wording
from tacit.accounts.types import AccountError, NotAllowed, Source, Visitor
from tacit.core import clock
from tacit.web import data_copy, data_links, rights
from tacit.web.buying import see_other
from tacit.web.visitor import visitor_of


def data(request: HttpRequest) -> HttpResponse:
    """Every purpose with its switch, the history, and the ways to a copy and out."""
    visitor = visitor_of(request)
    if visitor.person is None:
        return _sign_in("account-data")
    return _page(request, visitor)


def _page(request: HttpRequest, visitor: Visitor, *, sent_to: str = "") -> HttpResponse:
    purposes = [
        (each, wording.consent_name(each.purpose), wording.consent_text(each.purpose))
        for each in queries.consents(visitor)
    ]
    history = [
        (answer, wording.consent_name(answer.purpose), wording.consented_text(answer.purpose, answer.version))
        for answer in queries.consent_answers(visitor)
    ]
    return render(
        request, "web/account/data.html", {"purposes": purposes, "history": history, "sent_to": sent_to}
    )


def consent(request: HttpRequest) -> HttpResponse:
    """One answer to one purpose."""
    visitor = visitor_of(request)
    if visitor.person is None:
        return _sign_in("account-data")
    actions.set_consent(
        visitor,
        purpose=request.POST.get("purpose", ""),
        granted=request.POST.get("granted") == "1",
        source=Source.PAGE,
        version=request.POST.get("version", ""),
        now=clock.now(),
    )
    return see_other(f"{reverse('account-data')}#{request.POST.get('purpose', '')}")


def ask_for_copy(request: HttpRequest) -> HttpResponse:
    """Mail the link to the copy to the proven address."""
    visitor = visitor_of(request)
    person = queries.person(visitor.person) if visitor.person else None
    if person is None:
        return _sign_in("account-data")
    now = clock.now()
    link = data_links.of_person(person.id, now=now, works=actions.LINK_WORKS)
    actions.ask_for_data(to=person.email, key=str(person.id), link=link, now=now)
    return _page(request, visitor, sent_to=person.email)


def copy(request: HttpRequest, token: str) -> HttpResponse:
    """The copy, for the person it is of and nobody else. Raises NotAllowed."""
    now = clock.now()
    owner = data_links.person_in(token, now=now)
    if owner is None:
        return rights.link_is_over(request)
    visitor = visitor_of(request)
    if visitor.person is None:
        return see_other(f"{reverse('sign-in')}?{urlencode({'next': reverse('account-copy', args=[token])})}")
    if visitor.person != owner:
        raise NotAllowed
    return data_copy.answer(actions.subject_of(visitor), now=now)


def erase(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; then once more; then it is done."""
    visitor = visitor_of(request)
    if visitor.person is None:
        return _sign_in("account-erase")
    now = clock.now()
    if request.method == "POST" and request.POST.get("step") == "erase":
        actions.erase_person(visitor, now=now)
        logout(request)
        return rights.gone(request, member=True)
    subject = actions.subject_of(visitor)
    page = {
        **rights.shown(actions.before_erasing(subject, now=now)),
        "to": reverse("account-erase"),
        "back": reverse("account-data"),
        "sure": request.method == "POST" and request.POST.get("step") == "sure",
        "whose": _("your account"),
        "refused": _refused(visitor),
    }
    return render(request, "web/data/erase.html", page)


def _refused(visitor: Visitor) -> str:
    """Why they cannot be erased now; '' when they can."""
    person = queries.person(visitor.person) if visitor.person else None
    return wording.explain(AccountError("person", "staff")) if person and person.is_staff else ""


def _sign_in(name: str) -> HttpResponse:
    return see_other(f"{reverse('sign-in')}?{urlencode({'next': reverse(name)})}")
