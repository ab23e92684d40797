"""Checkout's codes as sentences, the same for page, mail, API and agent."""

from tacit.checkout.wording.delivery import (
    day,
    days,
    delivery_price,
    never_delivered,
    no_way,
    percent,
    tax_note,
    with_you,
)
from tacit.checkout.wording.errors import explain
from tacit.checkout.wording.orders import decline_sentence, instrument, status_sentence, status_word
from tacit.checkout.wording.parcels import parcel_event, parcel_sentence, parcel_word

__all__ = [
    "day",
    "days",
    "decline_sentence",
    "delivery_price",
    "explain",
    "instrument",
    "never_delivered",
    "no_way",
    "parcel_event",
    "parcel_sentence",
    "parcel_word",
    "percent",
    "status_sentence",
    "status_word",
    "tax_note",
    "with_you",
]
