"""Where a parcel is, as people read it."""

from __future__ import annotations

from django import template

from tacit.checkout import wording
from tacit.checkout.types.carrier import ParcelEvent
from tacit.checkout.types.order import ShipmentView

register = template.Library()


@register.filter
def whereabouts(parcel: ShipmentView) -> str:
    """``Delivered on Tuesday 24 November.``; '' when its carrier tells nothing."""
    return wording.parcel_sentence(parcel)


@register.filter
def event_word(event: ParcelEvent) -> str:
    """``The parcel is on its way``."""
    return wording.parcel_event(event.state)
