"""Where the practice provider tells the shop that something happened: POST /hooks/practice."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tacit.connectors import hooks
from tacit.connectors.hook_news import News, NotGenuine
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.connectors.practice_provider.signature import HEADER, BadSignature
from tacit.core import clock

LARGEST_BODY_BYTES = 64 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """The answers are those of every payment webhook (``hooks.take``); 404 where it is not wired."""
    provider = hooks.wired(PracticeProvider, PracticeProvider.name)
    if provider is None:
        return hooks.refusal(404, "not_wired", "this shop does not use the practice provider")

    def read(body: bytes) -> News:
        try:
            provider.verify(request.headers.get(HEADER, ""), body, now=clock.real())
            return News(_reference(body), provider.told(body))
        except (BadSignature, ValueError) as error:
            raise NotGenuine(str(error)) from error

    return hooks.take(request, read, largest=LARGEST_BODY_BYTES)


def _reference(body: bytes) -> str:
    try:
        reference = json.loads(body)["payment"]["reference"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("the body names no payment") from error
    if not isinstance(reference, str) or not reference:
        raise ValueError("the body names no payment")
    return reference
