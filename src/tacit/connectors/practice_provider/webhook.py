"""Where the practice provider tells the shop that something happened: POST /hooks/practice."""

from __future__ import annotations

import json
import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tacit.checkout import actions
from tacit.checkout.types.order import CheckoutError
from tacit.checkout.types.payment import PaymentProvider, ProviderRefused, ProviderUnreachable
from tacit.connectors.practice_provider.adapter import PracticeProvider
from tacit.connectors.practice_provider.signature import HEADER, BadSignature
from tacit.core import clock, ports

LARGEST_BODY_BYTES = 64 * 1024

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """200: recorded, or none of ours. 503: the provider could not be asked, send it again. 4xx: no webhook.

    The message is only a hint that a payment changed. Unless it says what is recorded already, the payment is
    looked up at the provider, so doubled, late and reordered webhooks do no harm.
    """
    provider = _provider()
    if provider is None:
        return _refused(404, "not_wired", "this shop does not use the practice provider")
    body = request.read(LARGEST_BODY_BYTES + 1)
    if len(body) > LARGEST_BODY_BYTES:
        return _refused(413, "too_large", f"the body is larger than {LARGEST_BODY_BYTES} bytes")
    try:
        provider.verify(request.headers.get(HEADER, ""), body, now=clock.real())
        reference = _reference(body)
    except (BadSignature, ValueError) as error:
        log.warning("webhook refused: %s", error)
        return _refused(400, "bad_webhook", str(error))
    try:
        actions.complete_payment(reference=reference, told=provider.told(body), now=clock.now())
    except (ProviderUnreachable, ProviderRefused):
        return _refused(503, "not_looked_up", "the payment could not be looked up; send this again")
    except CheckoutError:
        # Not a payment of this shop; sending it again will not make it one.
        return JsonResponse({"recorded": False})
    return JsonResponse({"recorded": True})


def _provider() -> PracticeProvider | None:
    try:
        provider = ports.get(PaymentProvider, PracticeProvider.name)
    except ports.PortNotWired:
        return None
    return provider if isinstance(provider, PracticeProvider) else None


def _reference(body: bytes) -> str:
    try:
        reference = json.loads(body)["payment"]["reference"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("the body names no payment") from error
    if not isinstance(reference, str) or not reference:
        raise ValueError("the body names no payment")
    return reference


def _refused(status: int, code: str, message: str) -> HttpResponse:
    return JsonResponse({"error": {"code": code, "field": "", "message": message}}, status=status)
