"""Letting time pass."""

from __future__ import annotations

from datetime import timedelta
from itertools import repeat

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tacit.checkout import actions
from tacit.checkout.types.payment import ProviderRefused, ProviderUnreachable
from tacit.core import clock, ports
from tacit.core.clock import ClockRefusal
from tacit.web.demo.ports import ProviderSwitches
from tacit.web.demo.said import back
from tacit.web.parsing import BadInput
from tacit.web.templatetags.shown import moment

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
AT_ONCE = actions.CAPTURE_BEFORE / 2
"""No more passes unobserved: held money must be taken in the time between the sweep's margin and its lapse."""
MOST_ROUNDS = 20


def move(request: HttpRequest) -> HttpResponse:
    """``by``: hour, day, week, or back to the present."""
    by = request.POST.get("by", "")
    if by == "back":
        clock.back_to_present()
        sentence = _("The shop's clock is the world's again. What happened meanwhile keeps its later times.")
    elif by in STEPS:
        try:
            _let_pass(STEPS[by])
        except ClockRefusal as refusal:
            days = refusal.parameters.get("days")
            raise BadInput(
                "by",
                _("The clock goes %(days)s days ahead at most. Go back first.") % {"days": days},
                status=409,
            ) from refusal
        sentence = _("It is %(moment)s in the shop now. The worker does what is due within ten seconds.") % {
            "moment": moment(clock.now())
        }
    else:
        raise BadInput("by", _("Choose one of the buttons on the console."))
    _tell_the_provider()
    return back(request, sentence, beside="clock")


def _let_pass(by: timedelta) -> None:
    """Time passes as in the world: what becomes due on the way is done on the way. Raises ClockRefusal."""
    if clock.ahead() + by > clock.FARTHEST:
        raise ClockRefusal("clock", "too_far", days=clock.FARTHEST.days)
    whole, rest = divmod(by, AT_ONCE)
    for step in (*repeat(AT_ONCE, whole), *([rest] if rest else [])):
        clock.move(by=step)
        _do_what_is_due()
        _tell_the_provider()


def _do_what_is_due() -> None:
    """What the worker would have done meanwhile about money and parcels; letters follow when it reads on."""
    now = clock.now()
    for look in (actions.sweep, actions.sweep_parcels):
        for _round in range(MOST_ROUNDS):
            if not look(now=now):
                break


def _tell_the_provider() -> None:
    """So that what it does by itself (late payments, lapsing money) happens now; else it hears at the next call."""
    try:
        ports.get(ProviderSwitches).switch()
    except (ports.PortNotWired, ProviderUnreachable, ProviderRefused):
        return


def ahead_words(ahead: timedelta) -> str:
    """``3 days and 1 hour ahead``; '' when the clock is not moved."""
    hours = round(ahead / timedelta(hours=1))
    if not hours:
        return ""
    days, hours = divmod(hours, 24)
    in_days = ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days else ""
    in_hours = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours} if hours else ""
    both = _("%(days)s and %(hours)s") % {"days": in_days, "hours": in_hours}
    return _("%(time)s ahead of the world") % {"time": both if days and hours else in_days or in_hours}
