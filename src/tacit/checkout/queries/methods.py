"""Kept ways to pay of whoever asks. Every one is reached through the person asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tacit.accounts.types import Visitor
from tacit.checkout.models import SavedMethod
from tacit.checkout.types.methods import SAVED, SavedMethodView
from tacit.checkout.types.payment import PaymentMethod, PaymentProvider
from tacit.core import ports


@dataclass(frozen=True, slots=True)
class Means:
    """What an order is paid with: a way of the provider's, or a kept instrument (``saved`` is its row's id)."""

    method: PaymentMethod
    saved: int | None = None
    token: str = ""
    customer: str = ""


def saved_methods(visitor: Visitor) -> tuple[SavedMethodView, ...]:
    """The signed-in person's, the default first, then by last use; also those that no longer serve."""
    if visitor.person is None:
        return ()
    mine = SavedMethod.objects.filter(person_id=visitor.person, removed_at__isnull=True)
    return tuple(
        SavedMethodView(each.reference, each.label, each.expires, each.is_default, each.used_at)
        for each in mine.order_by("-is_default", "-used_at", "-id")
    )


def may_keep(visitor: Visitor) -> bool:
    """Whether this person could have an instrument kept. No statement."""
    if visitor.person is None:
        return False
    try:
        return ports.get(PaymentProvider).keeps
    except ports.PortNotWired:
        return False


def usable_methods(visitor: Visitor, *, today: date) -> tuple[SavedMethodView, ...]:
    """Those that can pay now, with the provider that is wired."""
    if visitor.person is None:
        return ()
    here = SavedMethod.objects.filter(
        person_id=visitor.person, removed_at__isnull=True, provider=_provider()
    ).order_by("-is_default", "-used_at", "-id")
    views = (
        SavedMethodView(each.reference, each.label, each.expires, each.is_default, each.used_at)
        for each in here
    )
    return tuple(each for each in views if each.serves(today))


def means_of(visitor: Visitor, code: str, *, today: date) -> Means | None:
    """The kept instrument a payment method's code names, if it is this person's and serves."""
    if visitor.person is None:
        return None
    found = SavedMethod.objects.filter(
        reference=code.removeprefix(SAVED),
        person_id=visitor.person,
        removed_at__isnull=True,
        provider=_provider(),
    ).first()
    if found is None or (found.expires is not None and found.expires < today):
        return None
    method = PaymentMethod(SAVED + found.reference, found.label)
    return Means(method, found.pk, found.token, found.customer)


def customer_of(visitor: Visitor, provider: str) -> str:
    """The provider's own id for this person, as far as anything of theirs is kept; ''."""
    if visitor.person is None:
        return ""
    # The provider may be forgetting whose methods were removed.
    mine = SavedMethod.objects.filter(person_id=visitor.person, removed_at__isnull=True, provider=provider)
    known = mine.exclude(customer="")
    return known.order_by("-id").values_list("customer", flat=True).first() or ""


def _provider() -> str:
    try:
        return ports.get(PaymentProvider).name
    except ports.PortNotWired:
        return ""
