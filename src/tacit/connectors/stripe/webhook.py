"""Where Stripe tells the shop that something happened: POST /hooks/stripe."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tacit.connectors import hooks
from tacit.connectors.stripe import events
from tacit.connectors.stripe.adapter import StripeProvider

HEADER = "Stripe-Signature"
LARGEST_BODY_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """The answers are those of every payment webhook (``hooks.take``); 404 where it is not wired."""
    provider = hooks.wired(StripeProvider, StripeProvider.name)
    if provider is None:
        return hooks.refusal(404, "not_wired", "this shop does not use Stripe")
    read = partial(events.read, header=request.headers.get(HEADER, ""), secrets=provider.webhook_secrets)
    return hooks.take(request, read, largest=LARGEST_BODY_BYTES)
