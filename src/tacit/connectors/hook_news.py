"""What a payment provider's webhook has to say. Pure: adapters read their messages with it without Django."""

from __future__ import annotations

from dataclasses import dataclass

from tacit.checkout.types.payment import PaymentAnswer


class NotGenuine(Exception):
    """Not from the provider, not whole, not fresh or not to be read; the text says which, for logs."""


@dataclass(frozen=True, slots=True)
class News:
    """What a genuine webhook is about. ``told``: what it says of the payment, if that can be told from it alone."""

    reference: str
    told: PaymentAnswer | None
