"""Acting from a list: the row alone is answered where a script asks for it, else the page that was left."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.urls import reverse

from tacit.web import parsing
from tacit.web.buying import see_other


def asks_for_part(request: HttpRequest) -> bool:
    """Whether htmx asks, which puts the answer into the page in place of what was acted on."""
    return request.headers.get("HX-Request") == "true"


def back(request: HttpRequest, *, default: str, **told: str) -> HttpResponseRedirect:
    """To the page of the desk that the form names in ``back``, with ``told`` about what was done."""
    address = parsing.same_site_path(request.POST.get("back", ""), default=default)
    parts = urlsplit(address)
    if not f"{parts.path}/".startswith(f"{reverse('desk')}/"):
        parts = urlsplit(default)
    query = QueryDict(parts.query, mutable=True)
    for name, value in told.items():
        query[name] = value
    return see_other(f"{parts.path}?{query.urlencode()}" if query else parts.path)
