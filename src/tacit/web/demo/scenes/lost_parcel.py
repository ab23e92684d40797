"""A parcel goes missing, and nobody has to ask where it is."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tacit.web.demo import parcels
from tacit.web.demo.scene import Go, Press, Scene, Step


def steps() -> Sequence[Step]:
    lost = parcels.newest_lost()
    return (
        Step(
            _("Have the practice carrier lose the next parcel that is on its way."),
            press=Press(_("Lose a parcel"), "demo-parcels", {"do": "lose"}),
        ),
        Step(
            _(
                "See what the buyer sees, by the link in their mail, without signing in: the order page says "
                "what happened and what comes next, before anybody asks."
            ),
            go=Go(_("Open the order of %(name)s") % {"name": lost.row.name}, lost.path) if lost else None,
        ),
        Step(
            _(
                "Become staff. The desk opens on what needs a person now; from the order the money goes back, "
                "and the numbers stand there before you press."
            ),
            press=Press(
                _("Go to the desk as staff"), "demo-become", {"part": "staff", "next": reverse("desk")}
            ),
        ),
    )


LOST_PARCEL = Scene(
    slug="lost-parcel",
    title=gettext_lazy("A parcel is lost, and the shop says so first"),
    why=gettext_lazy(
        "“Where is my order?” is the question shops are asked most. It answers itself when the order page is honest."
    ),
    steps=steps,
)
