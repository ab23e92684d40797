"""What the practice payment provider does next."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tacit.checkout.types.payment import ProviderRefused, ProviderUnreachable
from tacit.core import ports
from tacit.web import parsing
from tacit.web.demo.ports import ProviderSwitches
from tacit.web.demo.said import back
from tacit.web.parsing import BadInput

LATE_SECONDS = 20
MOST_REQUESTS = 100
_AS_THE_CARD_SAYS = "card"


@dataclass(frozen=True, slots=True)
class Standing:
    """The provider as it stands. ``armed``: the next payment's outcome, '' as its card says; ``down``: requests
    that get no answer; ``reached``: whether it answered at all."""

    armed: str = ""
    armed_words: str = ""
    down: int = 0
    reached: bool = True
    wired: bool = True


def outcomes() -> dict[str, str]:
    """Outcome → what its button says."""
    return {
        "approves": _("Approve it"),
        "declines": _("Decline it"),
        "needs_action": _("Ask the buyer to act"),
        "late": _("Succeed %(n)s seconds late") % {"n": LATE_SECONDS},
    }


def standing() -> Standing:
    """One call to the provider."""
    try:
        switches = ports.get(ProviderSwitches).switches()
    except ports.PortNotWired:
        return Standing(wired=False, reached=False)
    except (ProviderUnreachable, ProviderRefused):
        return Standing(reached=False)
    armed = str(switches.get("next_payment") or "")
    return Standing(armed, _armed(armed), int(switches.get("down") or 0))


def _armed(outcome: str) -> str:
    return {
        "approves": _("The next payment is approved, whatever the card."),
        "declines": _("The next payment is declined, whatever the card."),
        "needs_action": _("The next payment asks its buyer to act first, whatever the card."),
        "late": _("The next payment succeeds %(n)s seconds late, whatever the card.") % {"n": LATE_SECONDS},
    }.get(outcome, _("The next payment does what its card says."))


def switch(request: HttpRequest) -> HttpResponse:
    """``next``: what the next payment comes to; or ``down``: for how many requests nobody answers."""
    post = request.POST
    changes: dict[str, object] = {}
    if outcome := post.get("outcome", ""):
        if outcome != _AS_THE_CARD_SAYS and outcome not in outcomes():
            raise BadInput("outcome", _("Choose one of the buttons on the console."))
        changes["next_payment"] = "" if outcome == _AS_THE_CARD_SAYS else outcome
        changes["late_seconds"] = LATE_SECONDS
        sentence = _armed(str(changes["next_payment"]))
    else:
        down = parsing.whole(post, "down", least=0, most=MOST_REQUESTS)
        changes["down"] = down
        sentence = (
            _("The provider does not answer the next %(n)s requests. Orders wait; no money is lost.")
            % {"n": down}
            if down
            else _("The provider answers again.")
        )
    try:
        ports.get(ProviderSwitches).switch(**changes)
    except ports.PortNotWired as error:
        raise BadInput("outcome", _("This demo does not use the practice provider."), status=409) from error
    except (ProviderUnreachable, ProviderRefused) as error:
        raise BadInput(
            "outcome", _("The practice provider cannot be reached. It starts again by itself."), status=409
        ) from error
    return back(request, sentence, beside="payments")
