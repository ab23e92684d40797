"""Stories of orders and their money. Each has one right end, whoever is killed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from benchmarks.harness import forks
from benchmarks.harness.teller import AIMS, STAFF, Teller
from django.conf import settings
from django.urls import resolve

from tacit.accounts.models import Person
from tacit.checkout import actions
from tacit.checkout.models import MoneyIntent, SavedMethod
from tacit.core import clock, ports
from tacit.core.money import Money


@dataclass
class Due:
    """How a story must end: the order's status (several where both are right) and what the provider then has."""

    status: tuple[str, ...]
    captured: int = 0
    refunded: int = 0
    held: int = 0


@dataclass
class Told:
    """One story that was told: ``reference`` is '' when no payment came of it."""

    name: str
    number: str
    reference: str
    due: Due
    errors: list[str] = field(default_factory=list)


class Stories(Teller):
    """A teller who knows them all."""

    def warm(self) -> None:
        """Load here what every process would otherwise load anew: one order, told without any fork."""
        resolve("/hooks/practice")
        forks.warming = True
        adapters, real, middleware = dict(ports._adapters), clock.now, settings.MIDDLEWARE
        settings.MIDDLEWARE = [name for name in middleware if "whitenoise" not in name]
        try:
            number, _, _ = self.story_refunded()
            self.comes_back(number)
            self.step("reconcile", lambda: actions.reconcile(now=self.now))
        finally:
            forks.warming = False
            ports._adapters.clear()
            ports._adapters.update(adapters)
            clock.now = real
            settings.MIDDLEWARE = middleware
            self.kills.clear()
            self.processes = 0

    def missing(self, name: str = "") -> set[str]:
        """Points that were not hit yet: all, or those this story comes by."""
        kinds = STEPS[name] if name else AIMS
        return {point for kind in kinds for point in AIMS[kind] if not self.kills[point]}

    def tell(self, name: str) -> Told:
        """One story, to its end or until its worst is over; ``settle`` does the rest."""
        number, reference, due = getattr(self, f"story_{name}")()
        told = Told(name, number, reference, due, self.errors)
        self.errors = []
        return told

    def story_card(self) -> tuple[str, str, Due]:
        number, reference, total = self.buys("card-4242")
        self.sweeps()
        self.is_told(self.webhook(reference))
        return number, reference, Due(("paid",), held=total)

    def story_hosted(self) -> tuple[str, str, Due]:
        number, reference, total = self.buys("page")
        early = self.webhook(reference)
        if early is None:  # killed before the provider was asked: the buyer never saw its page
            self._too_late()
            return number, reference, Due(("failed",))
        self.pays_on_the_page(reference)
        self.comes_back(number)
        self.is_told(self.webhook(reference), early)
        return number, reference, Due(("paid",), held=total)

    def story_kept(self) -> tuple[str, str, Due]:
        """The buyer asked to keep the card, and removes it: the provider forgets it, and then we do."""
        person = Person.objects.create(created_at=self.now)
        number, reference, total = self.buys("page", person=person.pk)
        if self.webhook(reference) is None:
            self._too_late()
            return number, reference, Due(("failed",))
        self.pays_on_the_page(reference)
        self.comes_back(number)
        self.calm()
        methods = list(SavedMethod.objects.filter(person=person).values_list("pk", flat=True))
        if len(methods) != 1:
            self.errors.append(f"{number}: {len(methods)} methods kept")
        actions.remove_methods_of(person.pk, now=self.now)
        for method in methods:
            self.step("forget", lambda method=method: actions.forget_method(method, now=self.now))
        if SavedMethod.objects.filter(pk__in=methods).exists():
            self.errors.append(f"{number}: the method is not forgotten")
        return number, reference, Due(("paid",), held=total)

    def story_late(self) -> tuple[str, str, Due]:
        self.tell_provider(late_seconds=5)
        number, reference, total = self.buys("card-7777")
        early = self.webhook(reference)
        self.sweeps()
        self.is_told(early, self.webhook(reference))
        self.sweeps()
        return number, reference, Due(("paid",), held=total)

    def story_revived(self) -> tuple[str, str, Due]:
        """Late money, after the shop gave up waiting: goods or money, not neither and not both."""
        self.tell_provider(late_seconds=3000)
        number, reference, total = self.buys("card-7777")
        self.sweeps()
        self._too_late()
        self.carry_out(reference, "intent refused")
        self.now += timedelta(hours=1)
        self.is_told(self.webhook(reference))
        self.carry_out(reference)
        self.tell_provider(late_seconds=5)
        return number, reference, Due(("paid", "failed"), held=total)

    def story_timed_out(self) -> tuple[str, str, Due]:
        number, reference, _ = self.buys("page")
        self._too_late()
        self.carry_out(reference)
        self.is_told(self.webhook(reference))
        return number, reference, Due(("failed",))

    def _too_late(self) -> None:
        self.now += timedelta(minutes=31)
        self.sweeps("time out", times=4)

    def story_refused(self) -> tuple[str, str, Due]:
        number, reference, _ = self.buys("card-4242", refused=True)
        self._too_late()
        return number, reference, Due(("failed",))

    def _bought(self) -> tuple[str, str, int]:
        number, reference, total = self.buys("card-4242")
        self.sweeps(times=2)
        self.calm()
        return number, reference, total

    def _sent(self) -> tuple[str, str, int]:
        number, reference, total = self._bought()
        self.acts(lambda key: actions.ship(STAFF, number, carrier="DHL", tracking="1", key=key, now=self.now))
        return number, reference, total

    def story_sent(self) -> tuple[str, str, Due]:
        number, reference, total = self._sent()
        early = self.webhook(reference)
        self.carry_out(reference)
        self.is_told(self.webhook(reference), early)
        return number, reference, Due(("shipped",), captured=total)

    def story_unheard(self) -> tuple[str, str, Due]:
        number, reference, total = self._sent()
        self.carry_out(reference, "intent unheard")
        self.carry_out(reference)
        return number, reference, Due(("shipped",), captured=total)

    def story_again(self) -> tuple[str, str, Due]:
        """A worker died with the intent in its hands; the next one looks first."""
        number, reference, total = self._sent()
        intent = MoneyIntent.objects.filter(payment__reference=reference, state="pending").first()
        if intent is not None:
            dies = (
                "intent.claimed" if self.is_calm else self.chance.choice(("intent.claimed", "intent.asked"))
            )
            self.step("intent", lambda: actions.run_intent(intent.pk, now=self.now), first=dies, times=1)
        self.carry_out(reference)
        return number, reference, Due(("shipped",), captured=total)

    def story_gone(self) -> tuple[str, str, Due]:
        """The shop died before it could ask, and the buyer never came back: the worker asks."""
        number, reference, total = self.buys("card-4242", first="buy.placed", times=1)
        self.sweeps()
        return number, reference, Due(("paid",), held=total)

    def story_captured_elsewhere(self) -> tuple[str, str, Due]:
        """Somebody captured it in the provider's own console: ours is refused."""
        number, reference, total = self._sent()
        found = self.call("GET", f"/v1/payments?reference={reference}")["payments"][0]
        if found["state"] == "authorised":
            self.tell_provider(drop_answers=0)
            money = {"amount_minor": total, "currency": "EUR"}
            self.call("POST", f"/v1/payments/{found['id']}/capture", money)
        self.carry_out(reference, "intent refused")
        return number, reference, Due(("shipped",), captured=total)

    def story_refunded(self) -> tuple[str, str, Due]:
        number, reference, total = self._sent()
        self.carry_out(reference)
        self.calm()
        for amount in (100, 250):
            self.acts(
                lambda key, amount=amount: actions.refund(
                    STAFF, number, amount=Money(amount, "EUR"), reason="a story", key=key, now=self.now
                )
            )
            self.carry_out(reference)
        self.is_told(self.webhook(reference))
        return number, reference, Due(("shipped",), captured=total, refunded=350)

    def story_refund_again(self) -> tuple[str, str, Due]:
        """A worker died when the provider had given money back; the next one looks first."""
        number, reference, total = self._sent()
        self.carry_out(reference)
        self.calm()
        self.acts(
            lambda key: actions.refund(
                STAFF, number, amount=Money(100, "EUR"), reason="a story", key=key, now=self.now
            )
        )
        intent = MoneyIntent.objects.filter(payment__reference=reference, state="pending").first()
        if intent is not None:
            self.step(
                "intent", lambda: actions.run_intent(intent.pk, now=self.now), first="intent.asked", times=2
            )
        self.carry_out(reference)
        return number, reference, Due(("shipped",), captured=total, refunded=100)

    def story_cancelled(self) -> tuple[str, str, Due]:
        number, reference, _ = self._bought()
        self.acts(lambda key: actions.cancel(STAFF, number, key=key, now=self.now))
        self.carry_out(reference)
        self.is_told(self.webhook(reference))
        return number, reference, Due(("cancelled",))

    def story_at_once(self) -> tuple[str, str, Due]:
        with self.at_once():
            number, reference, total = self.buys("card-4242")
            self.sweeps()
            self.carry_out(reference)
        return number, reference, Due(("paid",), captured=total)

    def story_at_once_cancelled(self) -> tuple[str, str, Due]:
        with self.at_once():
            number, reference, total = self._bought()
            self.carry_out(reference)
            self.calm()
        self.acts(lambda key: actions.cancel(STAFF, number, key=key, now=self.now))
        self.carry_out(reference)
        return number, reference, Due(("cancelled",), captured=total, refunded=total)

    def story_deadline(self) -> tuple[str, str, Due]:
        number, reference, total = self._bought()
        self.now += timedelta(days=6, hours=1)
        self.sweeps("deadline")
        self.carry_out(reference)
        self.calm()  # the money of other stories is near its deadline, too
        return number, reference, Due(("paid",), captured=total)

    def story_compared(self) -> tuple[str, str, Due]:
        number, reference, total = self._sent()
        self.carry_out(reference)
        self.now += timedelta(minutes=5)
        self.step("reconcile", lambda: actions.reconcile(now=self.now))
        return number, reference, Due(("shipped",), captured=total)


_SENT = ("buy", "ask", "intent")
STEPS: dict[str, tuple[str, ...]] = {
    "card": ("buy", "sweep", "webhook"),
    "hosted": ("buy", "return", "webhook"),
    "kept": ("buy", "return", "forget"),
    "late": ("buy", "sweep", "webhook"),
    "revived": ("buy", "sweep", "time out", "intent refused", "webhook"),
    "timed_out": ("buy", "time out", "intent"),
    "refused": ("buy refused", "time out"),
    "sent": (*_SENT, "webhook"),
    "again": ("buy", "ask", "intent", "intent again"),
    "gone": ("sweep",),
    "unheard": (*_SENT, "intent unheard"),
    "captured_elsewhere": ("buy", "ask", "intent refused"),
    "refunded": _SENT,
    "refund_again": (*_SENT, "intent again"),
    "cancelled": _SENT,
    "at_once": ("buy", "sweep"),
    "at_once_cancelled": _SENT,
    "compared": (*_SENT, "reconcile"),
    "deadline": ("buy", "deadline", "intent"),
}
"""The steps each story comes by."""
DEADLINE = "deadline"
STORIES = tuple(name for name in STEPS if name != DEADLINE)
"""Told apart from the others: the days that pass in it let also their money near its deadline."""
