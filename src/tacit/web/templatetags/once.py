"""What the box for one tap shows in a line each."""

from __future__ import annotations

from datetime import date

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from tacit.checkout import wording
from tacit.checkout.types.order import CartView
from tacit.core.address import Address
from tacit.web.templatetags.shown import country

register = template.Library()


@register.filter
def one_line(address: Address) -> str:
    """``To Ana Berg, Hafenweg 3, 20457 Hamburg``; the country where it is another than the shop's."""
    rows = list(address.lines())
    rows[-1:] = [] if address.country == settings.SHOP_COUNTRY else [country(address.country)]
    return _("To %(address)s") % {"address": ", ".join(rows)}


@register.filter
def promised_days(cart: CartView) -> str:
    """``with you Tue 24 – Wed 25 Nov`` by the chosen way; '' when nothing is sent."""
    chosen = next((each for each in cart.choices if each.code == cart.chosen), None)
    return _("with you %(arrival)s") % {"arrival": wording.days(chosen.arrival)} if chosen else ""


@register.filter
def made_of(cart: CartView) -> str:
    """What its total is made of."""
    return wording.made_of(cart)


@register.filter
def month(value: date) -> str:
    """``11/2027``, as it is printed on cards."""
    return f"{value.month:02}/{value.year}"
