"""What every payment provider's webhook has in common.

The message is only a hint that a payment changed. Unless it says what is recorded already, the payment is looked
up at the provider, so doubled, late and reordered webhooks do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse

from tacit.checkout import actions
from tacit.checkout.types.order import CheckoutError
from tacit.checkout.types.payment import PaymentProvider, ProviderRefused, ProviderUnreachable
from tacit.connectors.hook_news import News, NotGenuine
from tacit.core import clock, crash, ports

log = logging.getLogger(__name__)

Adapter = TypeVar("Adapter")


def wired(kind: type[Adapter], name: str) -> Adapter | None:
    """The adapter called ``name``, if the shop uses it."""
    try:
        provider = ports.get(PaymentProvider, name)
    except ports.PortNotWired:
        return None
    return provider if isinstance(provider, kind) else None


def take(request: HttpRequest, read: Callable[[bytes], News | None], *, largest: int) -> HttpResponse:
    """200: recorded, or none of ours. 503: the provider could not be asked, send it again. 4xx: no webhook.

    ``read`` gets the body as it came, at most ``largest`` bytes, and raises NotGenuine; None: nothing to do.
    """
    body = request.read(largest + 1)
    if len(body) > largest:
        return refusal(413, "too_large", f"the body is larger than {largest} bytes")
    try:
        news = read(body)
    except NotGenuine as error:
        log.warning("webhook refused: %s", error)
        return refusal(400, "bad_webhook", str(error))
    if news is None:
        return JsonResponse({"recorded": False})
    crash.point("webhook.verified")
    try:
        actions.complete_payment(reference=news.reference, told=news.told, now=clock.now())
    except (ProviderUnreachable, ProviderRefused):
        return refusal(503, "not_looked_up", "the payment could not be looked up; send this again")
    except CheckoutError:
        # Not a payment of this shop; sending it again will not make it one.
        return JsonResponse({"recorded": False})
    crash.point("webhook.recorded")
    return JsonResponse({"recorded": True})


def refusal(status: int, code: str, message: str) -> HttpResponse:
    """The answer to what is no webhook."""
    return JsonResponse({"error": {"code": code, "field": "", "message": message}}, status=status)
