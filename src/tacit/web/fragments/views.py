"""Addresses of fragments: the bare part, which the page's script puts in its slot, and a page that shows it whole."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from tacit.catalog.types import NoSuchProduct
from tacit.web import errors
from tacit.web.currency import currency_of
from tacit.web.fragments.kinds import Asked, Fragment, Outcome
from tacit.web.fragments.making import kitchen
from tacit.web.fragments.registry import FRAGMENTS
from tacit.web.shelves import shelves


def part(request: HttpRequest, name: str, slug: str) -> HttpResponse:
    """The part alone; 204 when it is absent for whatever reason, 404 when there is no such product."""
    fragment = FRAGMENTS.get(name)
    if fragment is None:
        return HttpResponse(status=404)
    made = kitchen.make(fragment, _asked(request, slug))
    if made.outcome is Outcome.UNKNOWN:
        return HttpResponse(status=404)
    response = HttpResponse(made.html, status=200 if made.html else 204)
    response["X-Robots-Tag"] = "noindex"
    return response


def whole(request: HttpRequest, name: str, slug: str) -> HttpResponse:
    """The same content as a page, for who has no script; 503 when it should be there and is not."""
    fragment = FRAGMENTS.get(name)
    if fragment is None or name in settings.FRAGMENTS_OFF:
        return errors.not_found(request)
    made = kitchen.make(fragment, _asked(request, slug))
    if made.outcome is Outcome.UNKNOWN:
        return errors.not_found(request, NoSuchProduct(slug))
    absent = made.outcome not in {Outcome.SHOWN, Outcome.NOTHING}
    words = {"fragment": fragment, "html": made.html, "absent": absent, "slug": slug, "shelves": shelves()}
    return render(request, "web/fragments/whole.html", words, status=503 if absent else 200)


def slot(name: str) -> Fragment | None:
    """The fragment for a page's slot; None while it is switched off."""
    return None if name in settings.FRAGMENTS_OFF else FRAGMENTS[name]


def _asked(request: HttpRequest, slug: str) -> Asked:
    return Asked(slug, currency_of(request), get_language() or settings.LANGUAGE_CODE)
