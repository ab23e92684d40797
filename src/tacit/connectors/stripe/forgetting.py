"""Letting go of kept cards, and of the customers they were kept for."""

from __future__ import annotations

import stripe

from tacit.checkout.types.payment import ProviderRefused, ProviderUnreachable
from tacit.connectors.stripe import calls
from tacit.connectors.stripe.answers import REFERENCE
from tacit.connectors.stripe.calls import asking

_UNDER_WAY = ("requires_action", "processing", "requires_capture")


def forget(client: stripe.StripeClient, token: str, customer: str) -> None:
    """Take the instrument off its customer, then delete the customer, unless something else is left on it.

    What is gone already is no error. Raises ProviderUnreachable, also while a payment of theirs is under way.
    """
    methods = client.v1.payment_methods
    try:
        with asking():
            holder = methods.retrieve(token).customer
            if holder is not None:
                customer = holder if isinstance(holder, str) else holder.id
                methods.detach(token, options={"idempotency_key": f"{token}:forget"})
    except ProviderRefused as refusal:
        if refusal.code != calls.MISSING:
            raise
    if customer:
        try:
            with asking():
                _delete(client, customer)
        except ProviderRefused as refusal:
            if refusal.code != calls.MISSING:
                raise


def _delete(client: stripe.StripeClient, customer: str) -> None:
    """Deleting prevents every further operation, so what is under way is waited for."""
    customers = client.v1.customers
    if getattr(customers.retrieve(customer), "deleted", False):
        return
    if customers.payment_methods.list(customer, {"limit": 1}).data:
        return
    intents = client.v1.payment_intents.list({"customer": customer, "limit": 100})
    told = [one.to_dict() for one in intents.auto_paging_iter()]
    if not all((one["metadata"] or {}).get(REFERENCE) for one in told):
        return  # the merchant uses this customer for something else
    pages = client.v1.checkout.sessions.list({"customer": customer, "status": "open", "limit": 1})
    if pages.data or any(one["status"] in _UNDER_WAY for one in told):
        raise ProviderUnreachable("a payment of this customer is still under way")
    customers.delete(customer)
