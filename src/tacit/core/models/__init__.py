"""Tables every room shares: the journal, its readers, what is sent out; and what a demo does to itself."""

from tacit.core.models.demo import DemoClock, RoomTrouble
from tacit.core.models.journal import JournalEntry, JournalReader
from tacit.core.models.mail import OutboxMail
from tacit.core.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "DemoClock",
    "JournalEntry",
    "JournalReader",
    "OutboxMail",
    "RoomTrouble",
    "WebhookDelivery",
    "WebhookEndpoint",
]
