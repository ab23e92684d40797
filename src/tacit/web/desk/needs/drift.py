"""Money on which ledger, payments, orders and providers disagree."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tacit.checkout import queries, wording
from tacit.checkout.types.ledger import DriftRow
from tacit.web.desk.needs.types import Asked, Found

MOST = 50


@dataclass(frozen=True, slots=True)
class DriftShown:
    """One disagreement. ``href``: its order, or '' where there is none."""

    row: DriftRow
    subject: str
    sentence: str
    href: str


def find(asked: Asked) -> Found | None:
    rows = queries.open_drift(asked.visitor, limit=MOST + 1)
    if not rows:
        return None
    count = len(rows)
    return Found(
        name="drift",
        title=ngettext(
            "%(n)s amount on which our books disagree", "%(n)s amounts on which our books disagree", count
        )
        % {"n": f"{MOST}+" if count > MOST else count},
        href=reverse("desk"),
        template="web/desk/drift_rows.html",
        rows=[_shown(row) for row in rows[:MOST]],
        more=count > MOST,
        note=_(
            "Ledger, payments, orders and providers are compared every five minutes. Nothing is corrected by itself."
        ),
    )


def _shown(row: DriftRow) -> DriftShown:
    href = reverse("desk-order", args=[row.order]) if row.order else ""
    return DriftShown(row, wording.drift_subject(row), wording.drift_sentence(row), href)
