"""Carts, orders and payments. What must never happen is refused here, not only in code."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tacit.checkout.types.order import OrderKind, OrderStatus
from tacit.checkout.types.payment import OperationKind, PaymentState

LARGEST_QUANTITY = 999
LIVE = [OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.SHIPPED]
_CURRENCY = r"^[A-Z]{3}$"


class Cart(models.Model):
    """What somebody is about to buy. The token is 128 random bits in their cookie: holding it is owning it."""

    token = models.CharField(max_length=32, primary_key=True)
    currency = models.CharField(max_length=3)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="cart_currency", condition=Q(currency__regex=_CURRENCY))]


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_variant_once"),
            models.CheckConstraint(
                name="cart_quantity", condition=Q(quantity__gte=1, quantity__lte=LARGEST_QUANTITY)
            ),
        ]


class PriceLimit(models.Model):
    """How many units may be sold in all by grants that share this ``key``."""

    key = models.CharField(max_length=120, primary_key=True)
    allowed = models.IntegerField()
    used = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="price_limit_kept", condition=Q(used__gte=0, used__lte=F("allowed")))
        ]


class PriceGrant(models.Model):
    """Another room's permission to sell up to ``quantity`` units of a cart line at ``unit_minor``.

    Checkout never asks why; ``reason`` is kept for people. Lapsed at ``expires_at``.
    """

    key = models.CharField(max_length=120, unique=True)
    cart_line = models.ForeignKey(CartLine, on_delete=models.CASCADE, related_name="grants")
    unit_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quantity = models.IntegerField()
    expires_at = models.DateTimeField()
    limit = models.ForeignKey(PriceLimit, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(name="grant_unit", condition=Q(unit_minor__gte=0)),
            models.CheckConstraint(name="grant_quantity", condition=Q(quantity__gte=1)),
        ]


class ShippingMethod(models.Model):
    """A way of sending: ``price_minor`` flat, nothing once the goods reach ``free_over_minor``."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    translations = models.JSONField(default=dict, blank=True)
    """Language → name; the column holds the shop's first language."""
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField()
    free_over_minor = models.BigIntegerField(null=True)
    position = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "currency"], name="shipping_method_once"),
            models.CheckConstraint(
                name="shipping_price",
                condition=Q(price_minor__gte=0)
                & (Q(free_over_minor__isnull=True) | Q(free_over_minor__gte=0)),
            ),
        ]


class Order(models.Model):
    """A purchase, or a piece of imported history (``historic``), which is kept as it was.

    ``number`` is unguessable. A cart has at most one live order; once paid, an order lets go of its cart.
    Amounts are in minor units, tax included.
    """

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=[(k, k) for k in OrderKind], default=OrderKind.SALE)
    status = models.CharField(max_length=20, choices=[(s, s) for s in OrderStatus])
    historic = models.BooleanField(default=False)
    origin = models.CharField(max_length=40, default="tacit")
    external_id = models.CharField(max_length=120, null=True)  # noqa: DJ001 - null: it has none elsewhere
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    customer = models.CharField(max_length=60, blank=True, default="")
    """The customer's id at ``origin``, for imported history."""
    cart = models.CharField(max_length=32, null=True)  # noqa: DJ001 - null: imported, never had one
    email = models.EmailField(max_length=254, blank=True)
    name = models.CharField(max_length=100, blank=True)
    line1 = models.CharField(max_length=120, blank=True)
    line2 = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, default="en", db_default="en")
    """What the buyer read while ordering; letters about the order are in it."""
    currency = models.CharField(max_length=3)
    goods_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    shipping_code = models.CharField(max_length=40, blank=True)
    shipping_name = models.CharField(max_length=80, blank=True)
    placed_at = models.DateTimeField()
    pay_by = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-placed_at"], name="order_newest"),
            models.Index(fields=["person", "-placed_at"], name="order_of_person"),
            models.Index(fields=["cart", "-id"], name="order_of_cart", condition=Q(cart__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["origin", "external_id"], name="order_external"),
            models.UniqueConstraint(
                fields=["cart"], condition=Q(status__in=LIVE), name="order_one_live_a_cart"
            ),
            models.CheckConstraint(name="order_status", condition=Q(status__in=list(OrderStatus))),
            models.CheckConstraint(name="order_kind", condition=Q(kind__in=list(OrderKind))),
            models.CheckConstraint(
                name="order_adds_up", condition=Q(total_minor=F("goods_minor") + F("shipping_minor"))
            ),
            models.CheckConstraint(
                name="order_amounts",
                condition=Q(historic=True)
                | Q(
                    goods_minor__gte=0,
                    shipping_minor__gte=0,
                    tax_minor__gte=0,
                    tax_minor__lte=F("total_minor"),
                ),
            ),
            models.CheckConstraint(
                name="order_only_history_is_no_sale", condition=Q(historic=True) | Q(kind=OrderKind.SALE)
            ),
            models.CheckConstraint(name="order_currency", condition=Q(currency__regex=_CURRENCY)),
        ]


class OrderLine(models.Model):
    """One position of an order; name and price as they were. Lines without goods in the catalogue have no variant.

    Of a historic line ``quantity`` may be negative and ``unit_minor`` anything; then nothing of it was shipped.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.IntegerField()
    variant = models.ForeignKey("catalog.Variant", null=True, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    label = models.CharField(max_length=120, blank=True, default="")
    quantity = models.IntegerField()
    unit_minor = models.BigIntegerField()
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)
    tax_minor = models.BigIntegerField()
    limit = models.ForeignKey(PriceLimit, null=True, on_delete=models.PROTECT, related_name="+")
    shipped = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    cancelled = models.IntegerField(default=0)
    historic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(
                name="line_sold",
                condition=Q(historic=True) | Q(quantity__gte=1, unit_minor__gte=0, tax_minor__gte=0),
            ),
            models.CheckConstraint(
                name="line_not_negative", condition=Q(shipped__gte=0, returned__gte=0, cancelled__gte=0)
            ),
            models.CheckConstraint(
                name="line_shipped_within_ordered",
                condition=Q(quantity__lt=0, shipped=0, cancelled=0)
                | Q(quantity__gte=F("shipped") + F("cancelled")),
            ),
            models.CheckConstraint(
                name="line_returned_within_shipped", condition=Q(returned__lte=F("shipped"))
            ),
        ]


class Shipment(models.Model):
    """One parcel handed over. ``key`` makes handing it over twice impossible."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    key = models.CharField(max_length=80, unique=True)
    carrier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    shipped_at = models.DateTimeField()


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
            models.CheckConstraint(name="shipment_quantity", condition=Q(quantity__gte=1)),
        ]


class Payment(models.Model):
    """One attempt to be paid: an intent row written before the provider is asked, with all it takes to ask.

    ``reference`` is ours, stable, and what the provider is asked by. ``capturing_minor`` and
    ``refunding_minor`` are promised to operations on their way, so that two can never exceed the money.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    reference = models.CharField(max_length=40, unique=True)
    provider = models.CharField(max_length=40)
    method = models.CharField(max_length=60)
    hosted = models.BooleanField(default=False)
    return_url = models.CharField(max_length=300)
    provider_reference = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(
        max_length=20, choices=[(s, s) for s in PaymentState], default=PaymentState.CREATED
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    authorised_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    capturing_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refunding_minor = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=120, blank=True, default="")
    instrument = models.CharField(max_length=60, blank=True, default="")
    capture_by = models.DateTimeField(null=True)
    action_url = models.CharField(max_length=500, blank=True, default="")
    decline_code = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    look_at = models.DateTimeField()
    """When the worker looks at it next, while its order awaits payment."""

    class Meta:
        indexes = [
            models.Index(
                fields=["look_at"],
                name="payment_open",
                condition=Q(state__in=["created", "needs_action", "processing"]),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state__in=["declined", "voided"]),
                name="payment_one_live_an_order",
            ),
            models.CheckConstraint(name="payment_state", condition=Q(state__in=list(PaymentState))),
            models.CheckConstraint(
                name="payment_not_negative",
                condition=Q(
                    authorised_minor__gte=0,
                    captured_minor__gte=0,
                    capturing_minor__gte=0,
                    refunded_minor__gte=0,
                    refunding_minor__gte=0,
                    amount_minor__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="payment_authorised_within_amount", condition=Q(authorised_minor__lte=F("amount_minor"))
            ),
            models.CheckConstraint(
                name="payment_captured_within_authorised",
                condition=Q(authorised_minor__gte=F("captured_minor") + F("capturing_minor")),
            ),
            models.CheckConstraint(
                name="payment_refunded_within_captured",
                condition=Q(captured_minor__gte=F("refunded_minor") + F("refunding_minor")),
            ),
        ]


class MoneyIntent(models.Model):
    """A capture, void or refund to be done exactly once: row first, then the provider by ``key``, then the record."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        REFUSED = "refused"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="intents")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=[(k, k) for k in OperationKind])
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="intent_due", condition=Q(state="pending"))]
        constraints = [
            models.CheckConstraint(name="intent_amount", condition=Q(kind="void") | Q(amount_minor__gt=0)),
            models.CheckConstraint(name="intent_kind", condition=Q(kind__in=list(OperationKind))),
            models.CheckConstraint(
                name="intent_state", condition=Q(state__in=["pending", "done", "refused"])
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="void") & ~Q(state="refused"), name="intent_one_void"
            ),
        ]


class Placing(models.Model):
    """An idempotency key somebody placed an order with, and the order it led to."""

    cart = models.CharField(max_length=32)
    key = models.CharField(max_length=80)
    body_hash = models.CharField(max_length=64)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    placed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cart", "key"], name="placing_once")]


class OrderChange(models.Model):
    """A change made to an order under a key, so that the same key changes nothing twice."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    what = models.CharField(max_length=40)
    body = models.CharField(max_length=64)
    """Hash of what was asked, so that the key cannot be used for something else."""
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="order_change_once")]
