"""Where you are signed in."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tacit.accounts import actions, queries, wording
from tacit.accounts.types import Visitor
from tacit.core import clock
from tacit.web.buying import see_other
from tacit.web.parsing import BadInput


def sessions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """``do``: end one (``session``), the others, or all."""
    assert visitor.person is not None
    here = request.session.session_key or ""
    if request.method != "POST":
        rows = [
            (row, wording.agent_words(row.agent) or _("A browser"))
            for row in queries.sessions(visitor, here=here)
        ]
        return render(request, "web/account/sessions.html", {"rows": rows, "here": "sessions"})
    match request.POST.get("do", ""):
        case "one":
            actions.end_session(visitor, handle=request.POST.get("session", "")[:32])
        case "others":
            actions.end_other_sessions(visitor, here=here)
        case "all":
            actions.revoke_sessions(visitor.person, now=clock.now())
            logout(request)
            return see_other(reverse("home"))
        case _:
            raise BadInput("do", _("Choose one of the buttons on the page."))
    return see_other(reverse("account-sessions"))
