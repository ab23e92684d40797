"""Changes to a placed order: cancelling, sending elsewhere, giving money back, lowering a price."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tacit.accounts.types import Visitor
from tacit.checkout.actions.astray import settle_refunded
from tacit.checkout.actions.close import give_back_goods
from tacit.checkout.actions.gate import live_payment, locked_order, may_change, once, staff_only
from tacit.checkout.actions.money import give_money_back, refund_above, want_capture, want_refund
from tacit.checkout.models import Order, OrderLine
from tacit.checkout.rules.contact import check_contact
from tacit.checkout.rules.moves import may_move
from tacit.checkout.types.order import CheckoutError, Contact, NotPossible, OrderStatus
from tacit.core import journal, tax
from tacit.core.address import Address
from tacit.core.events import OrderCancelled, OrderChanged, PriceLowered
from tacit.core.money import Money


def cancel(visitor: Visitor, number: str, *, key: str, now: datetime) -> None:
    """Staff, or a program, cancel an order nothing of which was sent. Raises NotAllowed, NoSuchOrder, NotPossible."""
    may_change(visitor)
    cancel_order(number, by=visitor.by, key=key, now=now)


def cancel_order(number: str, *, by: str, key: str, now: datetime) -> None:
    """Goods back on the shelf, money on its way back. The caller has passed the gate."""
    with transaction.atomic():
        order = locked_order(number)
        if not once(order, key, "cancel", by=by, at=now):
            return
        if not may_move(OrderStatus(order.status), OrderStatus.CANCELLED):
            raise NotPossible("order", "cannot_cancel", status=order.status)
        if OrderLine.objects.filter(order=order, shipped__gt=0).exists():
            raise NotPossible("order", "already_sent")
        order.status = OrderStatus.CANCELLED
        order.save(update_fields=["status"])
        give_back_goods(order.pk)
        payment = live_payment(order)
        if payment is not None:
            give_money_back(payment, reason="cancelled", now=now)
        settle_refunded(order, now=now)
        journal.record(OrderCancelled(order.number, _person(order), by), at=now)


def change_address(number: str, *, address: Address, by: str, key: str, now: datetime) -> None:
    """Send it elsewhere in the same country while nothing was sent. The caller has passed the gate."""
    with transaction.atomic():
        order = locked_order(number)
        clean = check_contact(Contact(order.email, address)).address
        if not once(order, key, "address", by=by, at=now, body=repr(clean)):
            return
        if order.status not in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID}:
            raise NotPossible("order", "cannot_change", status=order.status)
        if OrderLine.objects.filter(order=order, shipped__gt=0).exists():
            raise NotPossible("order", "already_sent")
        if clean.country != order.country:
            # Another country is another tax; that is a new price, not a new address.
            raise NotPossible("country", "other_country")
        Order.objects.filter(pk=order.pk).update(
            name=clean.name,
            line1=clean.line1,
            line2=clean.line2,
            postcode=clean.postcode,
            city=clean.city,
        )
        journal.record(OrderChanged(order.number, _person(order), ["address"]), at=now)


def collect(visitor: Visitor, number: str, *, key: str, now: datetime) -> None:
    """Staff ask the provider once more for what it refused: to hand money over, or to give it back or release it
    when the order came to nothing. Raises NotAllowed, NoSuchOrder, NotPossible."""
    staff_only(visitor)
    with transaction.atomic():
        order = locked_order(number)
        if not once(order, key, "collect", by=f"staff:{visitor.person}", at=now):
            return
        payment = live_payment(order)
        if payment is not None and order.status in {OrderStatus.CANCELLED, OrderStatus.FAILED}:
            give_money_back(payment, reason=str(order.status), now=now, by_hand=True)
            return
        if payment is None or order.status not in {OrderStatus.PAID, OrderStatus.SHIPPED}:
            raise NotPossible("order", "cannot_change", status=order.status)
        left = order.total_minor - payment.captured_minor - payment.capturing_minor
        want_capture(payment, left, now=now, by_hand=True)


def refund(visitor: Visitor, number: str, *, amount: Money, reason: str, key: str, now: datetime) -> None:
    """Staff, or a program, give ``amount`` back. Raises NotAllowed, NoSuchOrder, NotPossible, CheckoutError."""
    may_change(visitor)
    refund_order(number, amount=amount, reason=reason, by=visitor.by, key=key, now=now)


def refund_order(number: str, *, amount: Money, reason: str, by: str, key: str, now: datetime) -> None:
    """At most what was captured and is not yet on its way back. The caller has passed the gate."""
    if amount.minor <= 0:
        raise CheckoutError("amount", "not_positive")
    with transaction.atomic():
        order = locked_order(number)
        if amount.currency != order.currency:
            raise CheckoutError("amount", "other_currency", currency=order.currency)
        if not once(order, key, "refund", by=by, at=now, body=f"{amount.minor} {reason}"):
            return
        payment = live_payment(order)
        if payment is None or not payment.captured_minor:
            raise NotPossible("amount", "nothing_captured")
        left = payment.captured_minor - payment.refunded_minor - payment.refunding_minor
        if amount.minor > left:
            raise NotPossible("amount", "above_captured", left=Money(left, order.currency))
        want_refund(payment, amount.minor, key=f"{order.number}:refund:{key}", reason=reason, now=now)
        if amount.minor == left:
            settle_refunded(order, now=now)


def lower_price(*, line: int, unit: Money, key: str, now: datetime) -> bool:
    """Charge ``unit`` for each piece of a placed order's line instead of more; False when ``key`` did already.

    ``unit`` is with or without tax, as the order's prices are. Tax on delivery stays what it was.

    Less will be captured, or the difference goes back; later refunds and invoices start from the new price.
    Raises NotPossible, CheckoutError.
    """
    with transaction.atomic():
        found = OrderLine.objects.filter(pk=line).select_related("order").first()
        if found is None:
            raise CheckoutError("line", "unknown")
        order = locked_order(found.order.number)
        found.refresh_from_db()
        if unit.currency != order.currency:
            raise CheckoutError("unit", "other_currency", currency=order.currency)
        if not once(order, key, "lower_price", by="room", at=now, body=f"{line} {unit.minor}"):
            return False
        if order.status not in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.SHIPPED}:
            raise NotPossible("order", "cannot_change", status=order.status)
        if not 0 <= unit.minor < found.unit_minor:
            raise NotPossible("unit", "not_lower")
        goods = (found.unit_minor - unit.minor) * (found.quantity - found.cancelled)
        # Rounded anew it may be a cent above its share of what was rounded together; tax never rises here.
        taxed = tax.of(unit * found.quantity, found.tax_percent, is_included=order.tax_included).minor
        taxed = min(taxed, found.tax_minor)
        difference = goods if order.tax_included else goods + found.tax_minor - taxed
        order.goods_minor -= goods
        order.total_minor -= difference
        order.tax_minor -= found.tax_minor - taxed
        order.save(update_fields=["goods_minor", "total_minor", "tax_minor"])
        found.unit_minor, found.tax_minor = unit.minor, taxed
        found.save(update_fields=["unit_minor", "tax_minor"])
        payment = live_payment(order)
        if payment is not None:
            refund_above(payment, order.total_minor, now=now)
        journal.record(PriceLowered(order.number, _person(order), difference, order.currency), at=now)
        return True


def _person(order: Order) -> str | None:
    return str(order.person_id) if order.person_id else None
