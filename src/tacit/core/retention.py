"""What core's tables, and those of the libraries it runs, hold about people. Docs: docs/privacy.md."""

from __future__ import annotations

from tacit.core.personal import NOT_PERSONAL, OPAQUE, How, Reason, RetentionMap, columns, kept

MAP: RetentionMap = {
    "core_journalentry": {
        "kind": NOT_PERSONAL,
        # People appear as opaque ids only; search words stand there without anybody.
        "data": OPAQUE,
    },
    "core_journalreader": columns(NOT_PERSONAL, "name"),
    # Those written already go at once; of an order on its way more may follow, until it is over.
    "core_outboxmail": columns(
        kept("letters", Reason.ON_ITS_WAY, How.ROW), "dedupe message_id to subject text html status error"
    ),
    "core_roomtrouble": columns(NOT_PERSONAL, "room"),
    # Of deliveries only the journal entry's number is kept; its data are read when they are sent.
    "core_webhookdelivery": columns(NOT_PERSONAL, "kind message_id status error"),
    "core_webhookendpoint": columns(NOT_PERSONAL, "url description kinds seed off_reason"),
    "django_content_type": columns(NOT_PERSONAL, "app_label model"),
    "django_migrations": columns(NOT_PERSONAL, "app name"),
    # Jobs are told ids, never a name, an address or a letter.
    "procrastinate_jobs": columns(NOT_PERSONAL, "queue_name task_name status")
    | columns(OPAQUE, "lock queueing_lock args"),
    "procrastinate_events": columns(NOT_PERSONAL, "type"),
    "procrastinate_periodic_defers": columns(NOT_PERSONAL, "task_name periodic_id"),
}
