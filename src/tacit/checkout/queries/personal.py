"""Everything checkout holds about one buyer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from tacit.checkout.models import Cart, CartLine, Order, SavedMethod
from tacit.core.personal import Subject

_ADDRESS = ("name", "line1", "line2", "postcode", "city", "country")


def numbers_of(subject: Subject) -> tuple[str, ...]:
    """Their orders: the person's own, and those guests placed with a proven address of theirs.

    An order somebody was erased from is joined to nobody by its address.
    """
    wanted = Q(number__in=subject.orders)
    if subject.person is not None:
        wanted |= Q(person=subject.person)
    if addresses := [each for each in subject.addresses if each]:
        wanted |= Q(person__isnull=True, erased_at__isnull=True, address__in=addresses)
    orders = Order.objects.annotate(address=Lower("email")).filter(wanted).order_by("pk")
    return tuple(orders.values_list("number", flat=True))


def address_of(number: str) -> str:
    """The e-mail address a guest gave for this order, lower case; '' when it belongs to a person or was erased."""
    found = Order.objects.filter(number=number, person__isnull=True, erased_at__isnull=True)
    return (found.values_list(Lower("email"), flat=True).first() or "").strip()


def was_erased(number: str) -> bool:
    """Whether whoever bought this had themselves erased."""
    return Order.objects.filter(number=number, erased_at__isnull=False).exists()


def held_about(subject: Subject) -> dict[str, Any]:
    """By the codes of the retention map, as JSON values."""
    orders = list(Order.objects.filter(number__in=subject.orders).order_by("placed_at"))
    found: dict[str, Any] = {
        "order_address": [
            _order(order) for order in orders if any(getattr(order, each) for each in _ADDRESS[:5])
        ],
        "order_email": [{"order": order.number, "email": order.email} for order in orders if order.email],
        "order_customer": [{"order": o.number, "customer": o.customer} for o in orders if o.customer],
        "orders": [_whole(order) for order in orders],
        "payment_means": [
            {"order": order.number, "paid_with": payment.instrument}
            for order in orders
            for payment in order.payments.all()
            if payment.instrument
        ],
        "parcel_numbers": [
            {"order": order.number, "carrier": parcel.carrier, "tracking": parcel.tracking}
            for order in orders
            for parcel in order.shipments.all()
        ],
        "order_notes": [
            {"order": order.number, "note": intent.reason}
            for order in orders
            for payment in order.payments.all()
            for intent in payment.intents.all()
            if intent.reason
        ],
    }
    if subject.person is not None:
        found["cart"] = [
            {"sku": line.variant.sku, "quantity": line.quantity}
            for line in CartLine.objects.filter(cart__in=Cart.objects.filter(person=subject.person))
        ]
        found["methods"] = [
            {"name": kept.label, "expires": kept.expires.isoformat() if kept.expires else None}
            for kept in SavedMethod.objects.filter(person=subject.person, removed_at__isnull=True)
        ]
    return found


def _order(order: Order) -> dict[str, Any]:
    return {"order": order.number, **{field: getattr(order, field) for field in _ADDRESS}}


def _whole(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "status": order.status,
        "placed_at": order.placed_at.isoformat(),
        "currency": order.currency,
        "goods_minor": order.goods_minor,
        "shipping_minor": order.shipping_minor,
        "tax_minor": order.tax_minor,
        "total_minor": order.total_minor,
        "way_of_sending": order.shipping_name,
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "label": line.label,
                "quantity": line.quantity,
                "unit_minor": line.unit_minor,
            }
            for line in order.lines.order_by("position")
        ],
        "payments": [
            {
                "provider": payment.provider,
                "state": payment.state,
                "authorised_minor": payment.authorised_minor,
                "captured_minor": payment.captured_minor,
                "refunded_minor": payment.refunded_minor,
                "at": payment.created_at.isoformat(),
            }
            for payment in order.payments.order_by("pk")
        ],
        "parcels": [
            {
                "carrier": parcel.carrier,
                "tracking": parcel.tracking,
                "state": parcel.state,
                "handed_over_at": parcel.shipped_at.isoformat(),
            }
            for parcel in order.shipments.order_by("pk")
        ],
    }
