"""How a guard of the list is written down."""

from __future__ import annotations

from tests.guards.mutation import Edit, Guard

MATRIX = "tests/authorisation/test_matrix.py::test_each_cell"


STRIPE = "tests/connectors/stripe/test_journey.py::test_forged_changed_and_recorded_webhooks_are_refused"
STRIPE_CHECKS = "stripe.WebhookSignature.verify_header("
CHALLENGE = "tests/accounts/test_passkeys.py::test_a_challenge_works_once_briefly_and_for_its_purpose"
KEY_GONE = "tests/api/test_programs.py::test_a_revoked_or_expired_key_is_none_at_once"
COPY = "tests/web/test_data.py::test_the_link_to_a_copy_is_for_one_person_and_a_day"
KEYS = "revoked_at=None, expires_at__gt=now"


def cell(address: str) -> str:
    """The matrix's test of one address."""
    return f"{MATRIX}[{address}]"


def by_edit(name: str, file: str, old: str, new: str, *tests: str) -> Guard:
    return Guard(name, tests, (Edit(f"src/tacit/{file}", old, new),))


def by_sql(name: str, sql: str, *tests: str) -> Guard:
    return Guard(name, tests, sql=sql)
