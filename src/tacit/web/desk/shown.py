"""An order as the desk's lists show it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tacit.checkout import queries
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.carrier import MONEY_WENT_BACK, ParcelState
from tacit.checkout.types.desk import StaffRow
from tacit.checkout.types.order import OrderStatus
from tacit.core import clock, ids
from tacit.web import words
from tacit.web.desk import parcels

NEAR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OrderShown:
    """One row. ``id``: unique on its page. ``place``: which list of the page it stands in. ``wait``: why it is not sent
    yet.

    ``late``: late, near or ''. ``did``: what was just done. ``doing``: the act that was refused, with ``why``,
    ``why_field`` and what was ``typed``. ``back``: the list it stands in, '' on its own page.
    """

    id: str
    row: StaffRow
    word: str
    kind: str
    goods: str
    placed: str
    promise: str
    late: str
    troubles: tuple[str, ...]
    place: str
    key: str
    carrier: str
    wait: str = ""
    back: str = ""
    did: str = ""
    doing: str = ""
    why: str = ""
    why_field: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def can_send(self) -> bool:
        return self.row.can_ship and not self.wait


def order_shown(
    row: StaffRow, *, now: datetime, back: str = "", did: str = "", place: str = "all"
) -> OrderShown:
    """``row`` in words. ``place``: the list on the page it stands in."""
    today = clock.in_shop(now).date()
    promise, late = _promise(row, today)
    return OrderShown(
        id=f"{place}-{row.number}",
        row=row,
        word=checkout_wording.status_word(row.status),
        kind=words.kind(row),
        goods=_goods(row),
        placed=_placed(row, today),
        promise=promise,
        late=late,
        troubles=tuple(_troubles(row)),
        place=place,
        key=ids.token(),
        carrier=queries.carrier_label(),
        wait=_wait(row, now),
        back=back,
        did=did,
    )


def short_day(day: date) -> str:
    """``Tue 24 Nov``."""
    language = (get_language() or "en").replace("-", "_")
    return str(format_date(day, {"de": "EEE, d. MMM"}.get(language, "EEE d MMM"), locale=language))


def _promise(row: StaffRow, today: date) -> tuple[str, str]:
    if row.arrives_until is None or row.status is not OrderStatus.PAID or not row.unsent:
        return "", ""
    sentence = _("promised by %(day)s") % {"day": short_day(row.arrives_until)}
    if row.arrives_until < today:
        return sentence, "late"
    return sentence, "near" if row.arrives_until - today <= NEAR else ""


def _wait(row: StaffRow, now: datetime) -> str:
    if not row.can_ship or row.undo_until is None or now >= row.undo_until:
        return ""
    return checkout_wording.wait_sentence(row.undo_until)


def _placed(row: StaffRow, today: date) -> str:
    day = clock.in_shop(row.placed_at).date()
    shown = short_day(day) if day.year == today.year else f"{short_day(day)} {day.year}"
    return _("placed %(day)s") % {"day": shown}


def _goods(row: StaffRow) -> str:
    shown = [f"{quantity} × {name}{f', {label}' if label else ''}" for quantity, name, label in row.goods]
    left = row.lines - len(row.goods)
    if left > 0:
        shown.append(ngettext("%(n)s more line", "%(n)s more lines", left) % {"n": left})
    return " · ".join(shown)


def _troubles(row: StaffRow) -> list[str]:
    found = []
    for kind, error in row.refused:
        sentence = {
            "capture": _("The provider refused to hand the money over"),
            "refund": _("The provider refused to give the money back"),
            "void": _("The provider refused to release what is set aside"),
        }[kind]
        found.append(f"{sentence} ({error})" if error else sentence)
    if row.lapsed:
        found.append(
            _("What was set aside has lapsed and can no longer be taken. Cancel, or ask for it by mail.")
        )
    match row.parcel:
        case ParcelState.LOST:
            found.append(_("The carrier has lost the parcel. Send the same again, or give the money back."))
        case ParcelState.REFUSED if row.parcel_error == MONEY_WENT_BACK:
            found.append(_("The parcel is not handed over: the money went back. Take it back."))
        case ParcelState.REFUSED:
            found.append(
                _("The parcel is not handed over: %(why)s. Send it another way, or take it back.")
                % {"why": row.parcel_error}
            )
        case ParcelState.DELAYED if row.parcel_expected:
            found.append(
                _("The parcel is delayed; the carrier expects it on %(day)s.")
                % {"day": short_day(row.parcel_expected)}
            )
        case ParcelState.DELAYED:
            found.append(_("The parcel is delayed; the carrier names no day."))
        case ParcelState.WAITING:
            found.append(
                _("The carrier has not taken the parcel yet: %(why)s. We go on trying.")
                % {"why": row.parcel_error}
            )
    return found


def done_sentence(did: str, number: str) -> str:
    """What was done to an order; '' for what the desk does not do."""
    sentences = {
        "ship": _("%(order)s is sent."),
        "refund": _("%(order)s: the money is on its way back."),
        "cancel": _("%(order)s is cancelled."),
        "collect": _("%(order)s: the provider is asked again."),
    }
    sentence = sentences.get(did) or parcels.sentence(did)
    return sentence % {"order": number[:20]} if sentence else ""
