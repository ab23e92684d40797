"""A guest buys in one page, and the bank takes its time."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tacit.web.demo.payments import LATE_SECONDS
from tacit.web.demo.scene import Go, Press, Scene, Step

BASKET = "NW-MUG-FOR:2"


def steps() -> Sequence[Step]:
    return (
        Step(
            _("Let the bank be slow: the next payment succeeds, but %(n)s seconds late.")
            % {"n": LATE_SECONDS},
            press=Press(_("Make the next payment late"), "demo-payments", {"outcome": "late"}),
        ),
        Step(
            _(
                "Buy two mugs as a guest. One page, six fields, no account; type any address and order. The "
                "order page says that the payment is being confirmed, and that nothing is lost if you close it."
            ),
            go=Go(_("Open the basket"), reverse("go", args=[BASKET])),
        ),
        Step(
            _(
                "Close the page if you like. When the bank answers, the order is paid once, whoever hears of it "
                "first: the page, the bank's message or the worker. The confirmation is in the post box."
            ),
            go=Go(_("Open the post box"), reverse("demo-outbox")),
        ),
    )


LATE_PAYMENT = Scene(
    slug="late-payment",
    title=gettext_lazy("The bank answers late, and nothing is lost"),
    why=gettext_lazy(
        "Closed tabs and slow banks lose orders elsewhere, or charge twice. Here an order is written down before "
        "any bank is asked."
    ),
    steps=steps,
)
