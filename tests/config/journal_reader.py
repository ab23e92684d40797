"""What the journal's readers get in the database DATABASE_URL names, as JSON: `python -m tests.config.journal_reader`.

Every reader reads to the end, then a row is written, and every reader reads again.
"""

import json
from datetime import UTC, datetime

import django

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def main() -> None:
    django.setup()
    from tacit.core import journal
    from tacit.core.events import OrderFailed
    from tacit.core.models import JournalReader

    def read(name: str) -> list[int]:
        seen: list[int] = []
        while journal.read(name, lambda rows: seen.extend(row.id for row in rows), now=NOW, limit=3):
            pass
        return seen

    names = [*JournalReader.objects.values_list("name", flat=True), "newcomer"]
    rest = {name: read(name) for name in names}
    journal.record(OrderFailed(order="afterwards", person=None, reason="declined"), at=NOW)
    print(json.dumps({"rest": rest, "then": {name: len(read(name)) for name in names}}))


if __name__ == "__main__":
    main()
