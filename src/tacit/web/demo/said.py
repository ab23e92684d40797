"""After a button: back to a page of the demo that says what happened."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from tacit.web.buying import see_other
from tacit.web.parsing import same_site_path

_SALT = "what a demo button did"
_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Said:
    """What happened, and beside which part of the page it is shown: its id, '' at the top."""

    sentence: str = ""
    beside: str = ""


def back(request: HttpRequest, sentence: str, *, beside: str) -> HttpResponseRedirect:
    """To where the form wants (``next``, with what happened in a page of the demo), else to the console.

    ``beside`` is the part of the console that the button stands in; a form elsewhere names its own (``beside``).
    """
    default = reverse("demo")
    on = same_site_path(request.POST.get("next", ""), default=default).partition("#")[0].partition("?")[0]
    if on not in {default, reverse("demo-first")}:
        return see_other(on)
    part = request.POST.get("beside", "") if on != default else beside
    part = part if part.replace("-", "").isalnum() and len(part) <= 40 else ""
    told = signing.dumps([sentence, part], salt=_SALT, compress=True)
    return see_other(f"{on}?{urlencode({'said': told})}" + (f"#{part}" if part else ""))


def said(request: HttpRequest) -> Said:
    """What the address says that happened; nothing unless we wrote it ourselves, within the last hour."""
    try:
        sentence, beside = signing.loads(request.GET.get("said", ""), salt=_SALT, max_age=_KEPT_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return Said()
    return Said(str(sentence), str(beside))
