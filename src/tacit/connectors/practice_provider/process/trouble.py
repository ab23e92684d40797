"""Trouble on purpose: what a real provider does on a bad day, switched on by name."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from tacit.connectors.practice_provider.cards import Outcome
from tacit.connectors.practice_provider.process.fields import Fields
from tacit.connectors.practice_provider.process.rules import Refusal

UNTIL_TOLD = -1

_WHOLE = {
    "down": (UNTIL_TOLD, 1_000_000),
    "drop_answers": (UNTIL_TOLD, 1_000_000),
    "delay_ms": (0, 60_000),
    "late_seconds": (0, 3600),
    "skipped_seconds": (0, 366 * 24 * 3600),
    "webhook_copies": (1, 5),
    "webhook_delay_ms": (0, 60_000),
}
_CHOICES = {"down_by": ("503", "close"), "next_payment": ("", *Outcome)}


@dataclass(slots=True)
class Trouble:
    """The switches, as they stand. Counts fall with every request they spoil; -1 means until told.

    ``down``: requests that get no service, ``down_by`` 503 or a closed connection. ``drop_answers``:
    requests whose work is done and whose connection is then closed. ``delay_ms``: before the work.
    ``next_payment``: the outcome of the next payment, whatever the card. ``skipped_seconds``: how far the
    provider's clock is ahead; a demo's shop says so with every request (``Practice-Ahead``). Webhooks are sent
    twice (``webhook_copies``), and every third is overtaken by later ones (``webhook_shuffle``); without that
    they are sent one by one, in order.
    """

    down: int = 0
    down_by: str = "503"
    drop_answers: int = 0
    delay_ms: int = 0
    next_payment: str = ""
    late_seconds: int = 3
    skipped_seconds: int = 0
    webhooks: bool = True
    webhook_url: str = ""
    webhook_copies: int = 2
    webhook_shuffle: bool = True
    webhook_delay_ms: int = 0

    def is_down(self) -> bool:
        """Whether this request gets no service; counts it."""
        return self._used_up("down")

    def drops_answer(self) -> bool:
        """Whether the answer to this request is lost; counts it."""
        return self._used_up("drop_answers")

    def outcome(self, of_card: Outcome) -> Outcome:
        """What the next payment comes to; a switched-on outcome is used once."""
        chosen, self.next_payment = self.next_payment, ""
        return Outcome(chosen) if chosen else of_card

    def _used_up(self, name: str) -> bool:
        left = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return bool(left)

    def as_json(self) -> dict[str, Any]:
        """The switches by name."""
        return asdict(self)

    def change(self, raw: bytes) -> bool:
        """Set the switches named in ``raw``, all or none. True when keys are to be forgotten now.

        ``skip_seconds`` moves the clock on from where it is; ``down`` also takes true and false.
        """
        names = frozenset(field.name for field in fields(self))
        given = Fields(raw, names | {"forget_keys", "skip_seconds"})
        changes: dict[str, Any] = {name: self._read(given, name) for name in given.values.keys() & names}
        forget = given.flag("forget_keys")
        if "skip_seconds" in given.values:
            skip = given.whole("skip_seconds", low=0, high=366 * 24 * 3600)
            changes["skipped_seconds"] = self.skipped_seconds + skip
        for name, value in changes.items():
            setattr(self, name, value)
        return forget

    def _read(self, given: Fields, name: str) -> Any:
        if name == "down" and isinstance(given.values[name], bool):
            return UNTIL_TOLD if given.values[name] else 0
        if name in _WHOLE:
            low, high = _WHOLE[name]
            return given.whole(name, low=low, high=high)
        if name in _CHOICES:
            return _one_of(given, name, _CHOICES[name])
        if name == "webhook_url":
            return given.web_address(name, optional=True)
        return given.flag(name)


def _one_of(given: Fields, name: str, choices: tuple[str, ...]) -> str:
    value = given.text(name, longest=50, optional=True)
    if value not in choices:
        listed = ", ".join(repr(str(choice)) for choice in choices)
        raise Refusal(400, "invalid_field", f"{name} must be one of {listed}", name)
    return value
