"""Programs elsewhere are told what happens here: signed after Standard Webhooks, at least once.

A reader of the journal writes a delivery in the transaction in which it moves on; a job posts it afterwards.
"""

from tacit.core.webhooks.address import LONGEST_URL, BadUrl
from tacit.core.webhooks.manage import (
    WebhookRefusal,
    add,
    all_off,
    change,
    forget_failed,
    remove,
    remove_old,
    rotate,
    secret,
    send_again,
    send_failed_again,
    send_test,
    switch_off,
    switch_on,
)
from tacit.core.webhooks.queries import deliveries, delivery, endpoint, endpoints, troubled
from tacit.core.webhooks.rules import OFFERED
from tacit.core.webhooks.send import send_due
from tacit.core.webhooks.types import DeliveryRow, EndpointRow
from tacit.core.webhooks.write import write_due

__all__ = [
    "LONGEST_URL",
    "OFFERED",
    "BadUrl",
    "DeliveryRow",
    "EndpointRow",
    "WebhookRefusal",
    "add",
    "all_off",
    "change",
    "deliveries",
    "delivery",
    "endpoint",
    "endpoints",
    "forget_failed",
    "remove",
    "remove_old",
    "rotate",
    "secret",
    "send_again",
    "send_due",
    "send_failed_again",
    "send_test",
    "switch_off",
    "switch_on",
    "troubled",
    "write_due",
]
