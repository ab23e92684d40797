"""Placing an order: one transaction that claims the stock and writes the payment's intent row.

No provider is called here; ``buy`` does that once this has committed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, connection, transaction

from tacit.accounts.types import NotAllowed, Visitor
from tacit.catalog import actions as catalog
from tacit.catalog.types import OutOfStock
from tacit.checkout.actions.asking import request_of
from tacit.checkout.actions.close import close_cart
from tacit.checkout.actions.grant import use_limit
from tacit.checkout.actions.replace import make_room
from tacit.checkout.models import Order, OrderLine, Payment, Placing
from tacit.checkout.queries.carts import cart_to_place, language, payment_methods
from tacit.checkout.queries.methods import Means, customer_of, means_of
from tacit.checkout.rules.contact import check_contact, check_key
from tacit.checkout.rules.pricing import delivery_taxes, line_tax
from tacit.checkout.types.methods import SAVED
from tacit.checkout.types.order import (
    CartProblem,
    CartView,
    CheckoutError,
    Contact,
    NotPossible,
    OrderStatus,
    OtherBody,
    StillInFlight,
    TotalChanged,
)
from tacit.checkout.types.payment import PaymentProvider, PaymentRequest
from tacit.core import clock, crash, ids, journal, ports
from tacit.core.events import OrderPaid, OrderPlaced
from tacit.core.money import Money

PAY_WITHIN = timedelta(minutes=30)
"""A buyer who has to act at the bank has this long; then the goods go back on the shelf."""
FIRST_LOOK_AFTER = timedelta(seconds=20)
"""The worker leaves a fresh payment to the request that made it for this long."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A placed order and the payment it waits for; ``payment`` is '' when nothing is to be paid.

    ``ask``: what to ask the provider; None for an order placed earlier under the same key.
    """

    number: str
    payment: str
    provider: str
    total: Money
    ask: PaymentRequest | None = None
    hosted: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the buyer chose, checked. ``cart``: the token of what is ordered. ``keep``: the instrument, for later."""

    cart: str
    contact: Contact
    shipping: str
    means: Means
    total_seen: Money
    keep: bool = False
    undo_until: datetime | None = None


def place(
    visitor: Visitor,
    *,
    contact: Contact,
    shipping: str,
    method: str,
    key: str,
    total_seen: Money,
    return_url: Callable[[str], str],
    now: datetime,
    keep: bool = False,
) -> Placement:
    """Turn the visitor's cart into an order that awaits payment, at the total the buyer saw or not at all.

    ``method``: a code of ``payment_methods``, or of one the signed-in buyer had kept. ``keep`` counts only for who
    is signed in. Raises CheckoutError (bad input, sold out), TotalChanged, StillInFlight, OtherBody, NotPossible
    (the cart was ordered already), NoSuchCart. Then nothing has changed.
    """
    check_key(key)
    contact = check_contact(contact)
    kept = method.startswith(SAVED) and visitor.person is not None
    keep = keep and visitor.person is not None and not kept
    means = None if kept else _way(method)

    def prepare() -> Asked:
        chosen = means or means_of(visitor, method, today=clock.in_shop(now).date())
        if chosen is None:
            raise CheckoutError("method", "unknown")
        return Asked(visitor.cart, contact, shipping, chosen, total_seen, keep)

    body = _hash(contact, shipping, method, total_seen, keep=keep)
    return place_once(
        visitor, visitor.cart, key=key, body=body, prepare=prepare, return_url=return_url, now=now
    )


def place_once(
    visitor: Visitor,
    cart: str,
    *,
    key: str,
    body: str,
    prepare: Callable[[], Asked],
    return_url: Callable[[str], str],
    now: datetime,
) -> Placement:
    """Order what is in ``cart``, the first time this key comes for it; later the first answer, whatever changed.

    ``prepare`` is called inside the transaction, the first time only. Raises what ``place`` raises.
    """
    try:
        with transaction.atomic():
            earlier = _take_key(cart, key, body)
            if earlier is not None:
                return earlier
            asked = prepare()
            placement = _place(
                replace(visitor, cart=cart), asked, key=key, body=body, return_url=return_url, now=now
            )
            crash.point("place.written")
            return placement
    except OutOfStock as short:
        raise _sold_out(short) from short
    except IntegrityError as error:
        if "order_one_live_a_cart" in str(error):
            raise NotPossible("cart", "already_ordered") from error
        if "person_is_here" in str(error) or "the person is gone" in str(error):
            raise NotAllowed from error  # erased while they were ordering
        if "placing_once" in str(error):
            raise StillInFlight("key", "in_flight") from error
        raise


def _way(method: str) -> Means:
    chosen = next((one for one in payment_methods() if one.code == method), None)
    if chosen is None:
        raise CheckoutError("method", "unknown" if payment_methods() else "none")
    return Means(chosen)


def _hash(contact: Contact, shipping: str, method: str, total: Money, *, keep: bool) -> str:
    address = contact.address
    parts = [contact.email, *astuple(address), shipping, method, total.minor, total.currency, keep]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _take_key(cart: str, key: str, body: str) -> Placement | None:
    """The first answer under this key, or None after taking it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)), p.body_hash, o.number, o.total_minor,"
            " o.currency, (SELECT reference FROM checkout_payment WHERE order_id = o.id ORDER BY id DESC LIMIT 1)"
            " FROM (SELECT 1) one LEFT JOIN checkout_placing p ON p.cart = %s AND p.key = %s"
            " LEFT JOIN checkout_order o ON o.id = p.order_id",
            [f"{cart}:{key}", cart, key],
        )
        taken, first_body, number, total, currency, payment = cursor.fetchone()
    if not taken:
        raise StillInFlight("key", "in_flight")
    if first_body is None:
        return None
    if first_body != body:
        raise OtherBody("key", "other_body")
    return Placement(number, payment or "", "", Money(total, currency), replayed=True)


def _place(
    visitor: Visitor,
    asked: Asked,
    *,
    key: str,
    body: str,
    return_url: Callable[[str], str],
    now: datetime,
) -> Placement:
    country, shipping = asked.contact.address.country, asked.shipping
    cart = cart_to_place(visitor, country=country, shipping=shipping, now=now)
    if make_room(cart.token, now=now):
        cart = cart_to_place(visitor, country=country, shipping=shipping, now=now)
    _check(cart, shipping, asked.total_seen)
    return _write(visitor, cart, asked, key=key, body=body, return_url=return_url, now=now)


def _check(cart: CartView, shipping: str, total_seen: Money) -> None:
    if not cart.lines:
        raise CheckoutError("cart", "empty")
    for line in cart.lines:
        if line.problem in {CartProblem.SOLD_OUT, CartProblem.TOO_FEW}:
            raise NotPossible("stock", line.problem, name=line.name, label=line.label, left=line.available)
        if line.problem == CartProblem.NOT_SENT_THERE:
            raise CheckoutError("country", line.problem, name=line.name)
        if line.problem:
            raise CheckoutError("cart", line.problem, name=line.name)
    if cart.no_way is not None:
        raise CheckoutError(
            "shipping",
            cart.no_way,
            country=cart.country,
            currency=cart.currency,
            weight=cart.weight,
            heaviest=cart.heaviest,
        )
    if cart.chosen != shipping:
        raise CheckoutError("shipping", "unknown")
    if cart.total != total_seen:
        raise TotalChanged("total", "changed", total=cart.total, seen=total_seen)


def _sold_out(short: OutOfStock) -> NotPossible:
    left = next(iter(short.missing.values()))
    return NotPossible(
        "stock", CartProblem.TOO_FEW if left else CartProblem.SOLD_OUT, name="", label="", left=left
    )


def _write(
    visitor: Visitor,
    cart: CartView,
    asked: Asked,
    *,
    key: str,
    body: str,
    return_url: Callable[[str], str],
    now: datetime,
) -> Placement:
    catalog.claim_stock({line.variant: line.quantity for line in cart.lines})
    free = not cart.total
    order = _order(visitor, cart, asked, now, free=free)
    _take_limits(cart)
    OrderLine.objects.bulk_create(_lines(order, cart))
    Placing.objects.create(cart=cart.token, key=key, body_hash=body, order=order, placed_at=now)
    person = str(visitor.person) if visitor.person else None
    journal.record(
        OrderPlaced(
            order.number,
            person,
            cart.total.minor,
            cart.currency,
            [[line.variant, line.quantity] for line in cart.lines],
        ),
        at=now,
    )
    if free:
        Order.objects.filter(pk=order.pk).update(cart=None)
        close_cart(cart.token, order.pk)
        journal.record(OrderPaid(order.number, person, 0, cart.currency), at=now)
        return Placement(order.number, "", "", cart.total)
    means = asked.means
    payment = Payment.objects.create(
        order=order,
        reference=ids.token(),
        provider=ports.get(PaymentProvider).name,
        method=means.method.code,
        hosted=means.method.hosted,
        keep=asked.keep,
        saved_id=means.saved,
        return_url=return_url(order.number),
        currency=cart.currency,
        amount_minor=cart.total.minor,
        created_at=now,
        look_at=now + FIRST_LOOK_AFTER,
    )
    customer = customer_of(visitor, payment.provider) if asked.keep else means.customer
    return Placement(
        order.number,
        payment.reference,
        payment.provider,
        cart.total,
        ask=request_of(payment, token=means.token, customer=customer),
        hosted=payment.hosted,
    )


def _order(visitor: Visitor, cart: CartView, asked: Asked, now: datetime, *, free: bool) -> Order:
    address = asked.contact.address
    choice = next(choice for choice in cart.choices if choice.code == cart.chosen)
    return Order.objects.create(
        number=ids.order_number(),
        status=OrderStatus.PAID if free else OrderStatus.AWAITING_PAYMENT,
        person_id=visitor.person,
        cart=cart.token,
        email=asked.contact.email,
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
        language=language(),
        currency=cart.currency,
        goods_minor=cart.goods.minor,
        shipping_minor=cart.shipping.minor,
        tax_minor=cart.tax.minor,
        tax_included=cart.tax_included,
        total_minor=cart.total.minor,
        shipping_code=cart.chosen,
        shipping_name=choice.name,
        arrives_from=choice.arrival.first,
        arrives_until=choice.arrival.last,
        placed_at=now,
        pay_by=now + PAY_WITHIN,
        undo_until=asked.undo_until,
    )


def _lines(order: Order, cart: CartView) -> list[OrderLine]:
    """One order line a cart line, or two when a grant covers only some of its units."""
    lines: list[OrderLine] = []
    of_delivery = delivery_taxes(cart.lines, cart.shipping, is_included=cart.tax_included)
    for line, delivery_tax in zip(cart.lines, of_delivery, strict=True):
        parts = [(line.granted, line.unit, True), (line.quantity - line.granted, line.list_unit, False)]
        parts = [part for part in parts if part[0]]
        worth = [(unit * quantity).minor for quantity, unit, _ in parts]
        taxes = _split(line_tax(line, is_included=cart.tax_included), worth)
        shares = _split(delivery_tax, worth)
        for (quantity, unit, granted), line_share, delivery_share in zip(parts, taxes, shares, strict=True):
            lines.append(
                OrderLine(
                    order=order,
                    position=len(lines) + 1,
                    variant_id=line.variant,
                    sku=line.sku,
                    name=line.name,
                    label=line.label,
                    quantity=quantity,
                    unit_minor=unit.minor,
                    tax_percent=line.percent or Decimal(0),
                    tax_minor=line_share.minor,
                    delivery_tax_minor=delivery_share.minor,
                    limit_id=line.limit if granted else None,
                )
            )
    return lines


def _split(tax: Money, weights: list[int]) -> list[Money]:
    return tax.allocate(weights if any(weights) else [1 for _ in weights])


def _take_limits(cart: CartView) -> None:
    """Count the granted units against their shared limits, in the order of their keys."""
    units: Counter[str] = Counter()
    for line in cart.lines:
        if line.limit is not None:
            units[line.limit] += line.granted
    for key in sorted(units):
        if not use_limit(key, units[key]):
            # Somebody else took the last of them since the cart was priced.
            raise TotalChanged("total", "changed", total=None, seen=None)
