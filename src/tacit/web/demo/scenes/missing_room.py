"""A part of the shop dies, and the rest sells."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tacit.web.demo.scene import Go, Press, Scene, Step
from tacit.web.fragments.also import ALSO

PRODUCT = "enamel-kettle"


def steps() -> Sequence[Step]:
    page = reverse("product", args=[PRODUCT])
    return (
        Step(
            _("Look at the kettle first. Below the buy button, “%(title)s” arrives after the page.")
            % {"title": ALSO.title},
            go=Go(_("Open the kettle"), page),
        ),
        Step(
            _(
                "Kill that part. The kettle's page comes as fast as before, nothing on it moves, and where the "
                "suggestions were there is a plain link. Buy it to be sure."
            ),
            press=Press(_("Kill it and look"), "demo-rooms", {"room": ALSO.room, "do": "kill", "next": page}),
        ),
        Step(
            _("Make it well again. The shop tries it anew by itself after a short rest."),
            press=Press(_("Make it well again"), "demo-rooms", {"room": ALSO.room, "do": "heal"}),
        ),
    )


MISSING_ROOM = Scene(
    slug="missing-room",
    title=gettext_lazy("A part of the shop dies, and the shop sells"),
    why=gettext_lazy(
        "Suggestions are nice to have; selling is not. What is nice to have can never slow down or move what sells."
    ),
    steps=steps,
)
