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
from tacit.checkout.wording.drift import drift_sentence, drift_subject
from tacit.checkout.wording.errors import explain
from tacit.checkout.wording.one_tap import made_of, undo_sentence, wait_sentence
from tacit.checkout.wording.orders import decline_sentence, instrument, status_sentence, status_word
from tacit.checkout.wording.parcels import parcel_event, parcel_sentence, parcel_word
from tacit.checkout.wording.shown import time_of_day

__all__ = [
    "day",
    "days",
    "decline_sentence",
    "delivery_price",
    "drift_sentence",
    "drift_subject",
    "explain",
    "instrument",
    "made_of",
    "never_delivered",
    "no_way",
    "parcel_event",
    "parcel_sentence",
    "parcel_word",
    "percent",
    "status_sentence",
    "status_word",
    "tax_note",
    "time_of_day",
    "undo_sentence",
    "wait_sentence",
    "with_you",
]
