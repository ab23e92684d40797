"""Slowing a room down or killing it, to see what the shop does without it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tacit.core import demo as core
from tacit.core.demo import Trouble, trouble_of
from tacit.web.demo.said import back
from tacit.web.fragments.registry import FRAGMENTS
from tacit.web.parsing import BadInput

__all__ = ["change", "rooms"]

SLOW_MS = 2_000


@dataclass(frozen=True, slots=True)
class Room:
    """A room whose fragments can be missed. ``shows``: their titles."""

    name: str
    shows: tuple[str, ...]
    trouble: Trouble


def rooms() -> tuple[Room, ...]:
    """Every room that fragments come from."""
    shown: dict[str, list[str]] = {}
    for fragment in FRAGMENTS.values():
        shown.setdefault(fragment.room, []).append(str(fragment.title))
    return tuple(Room(name, tuple(titles), trouble_of(name)) for name, titles in sorted(shown.items()))


def change(request: HttpRequest) -> HttpResponse:
    """``do``: slow, kill or heal the room."""
    names = {room.name: room for room in rooms()}
    room, what = request.POST.get("room", ""), request.POST.get("do", "")
    if room not in names:
        raise BadInput("room", _("There is no such room. Choose one on the console."))
    shows = _("“%(title)s”") % {"title": ", ".join(names[room].shows)}
    match what:
        case "slow":
            core.make_trouble(room=room, slow_ms=SLOW_MS)
            sentence = _("%(shows)s now takes %(seconds)s seconds longer to answer.") % {
                "shows": shows,
                "seconds": SLOW_MS // 1000,
            }
        case "kill":
            core.make_trouble(room=room, dead=True)
            sentence = _("%(shows)s is dead. Every page sells as before.") % {"shows": shows}
        case "heal":
            core.make_trouble(room=room)
            sentence = _("%(shows)s is well again. After failures it may rest for a moment longer.") % {
                "shows": shows
            }
        case _:
            raise BadInput("do", _("Choose one of the buttons on the console."))
    return back(request, sentence, beside="rooms")
