"""The console, and the page for the first ten minutes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tacit.core import clock as core_clock
from tacit.core import mail
from tacit.web.demo import clock, parcels, payments, people, rooms
from tacit.web.demo.said import said
from tacit.web.demo.scenes import SCENES

MAILS = 3


def console(request: HttpRequest) -> HttpResponse:
    """Everything that can be played, and how it stands."""
    ahead = core_clock.ahead()
    words = {
        "here": "console",
        "said": said(request),
        "parts": people.parts(request),
        "now": core_clock.now(),
        "ahead": clock.ahead_words(ahead),
        "parcels": parcels.under_way(),
        "provider": payments.standing(),
        "outcomes": payments.outcomes().items(),
        "rooms": rooms.rooms(),
        "slow_seconds": rooms.SLOW_MS // 1000,
        "mails": mail.demo_outbox()[:MAILS],
        "scenes": SCENES,
    }
    return render(request, "web/demo/console.html", words)


def first(request: HttpRequest) -> HttpResponse:
    """The scenes, each with its steps."""
    ahead = core_clock.ahead()
    words = {
        "here": "first",
        "said": said(request),
        "scenes": [(scene, scene.steps()) for scene in SCENES],
        "now": core_clock.now(),
        "ahead": clock.ahead_words(ahead),
    }
    return render(request, "web/demo/first.html", words)
