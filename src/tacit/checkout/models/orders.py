"""Orders, their lines, and the keys that keep anything from being done twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from tacit.checkout.models.carts import PriceLimit
from tacit.checkout.types.order import OrderKind, OrderStatus

LIVE = [OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.SHIPPED]
_CURRENCY = r"^[A-Z]{3}$"


class Order(models.Model):
    """A purchase, or a piece of imported history (``historic``), which is kept as it was.

    ``number`` is unguessable. A cart has at most one live order; once paid, an order lets go of its cart.
    Amounts are in minor units. ``tax_included``: in goods and delivery; else the total adds it to them.
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
    tax_included = models.BooleanField(default=True, db_default=True)
    total_minor = models.BigIntegerField()
    shipping_code = models.CharField(max_length=40, blank=True)
    shipping_name = models.CharField(max_length=80, blank=True)
    arrives_from = models.DateField(null=True)
    arrives_until = models.DateField(null=True)
    """The days it was promised for when it was ordered."""
    placed_at = models.DateTimeField()
    pay_by = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)
    """Bought in one tap: its buyer may undo it until then, so nothing is sent before."""

    erased_at = models.DateTimeField(null=True)
    """When its buyer asked to be erased; nobody joins it to an account any more."""
    erase_on = models.DateField(null=True)
    """The day on which what is still kept of an erased buyer is looked at next; null: nothing is."""

    class Meta:
        indexes = [
            models.Index(fields=["erase_on"], name="order_to_erase", condition=Q(erase_on__isnull=False)),
            models.Index(fields=["placed_at", "id"], name="order_in_time"),
            models.Index(fields=["person", "-placed_at"], name="order_of_person"),
            models.Index(
                Lower("email"),
                name="order_of_nobody_by_email",
                condition=Q(person__isnull=True) & ~Q(email=""),
            ),
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
                name="order_adds_up",
                condition=Q(tax_included=True, total_minor=F("goods_minor") + F("shipping_minor"))
                | Q(
                    tax_included=False,
                    total_minor=F("goods_minor") + F("shipping_minor") + F("tax_minor"),
                ),
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
            models.CheckConstraint(
                name="order_erased_first", condition=Q(erase_on__isnull=True) | Q(erased_at__isnull=False)
            ),
            models.CheckConstraint(
                name="order_arrival",
                condition=Q(arrives_from__isnull=True, arrives_until__isnull=True)
                | Q(
                    arrives_from__isnull=False,
                    arrives_until__isnull=False,
                    arrives_until__gte=F("arrives_from"),
                ),
            ),
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
    delivery_tax_minor = models.BigIntegerField(default=0, db_default=0)
    """Its share of the tax on delivery, at its own rate."""
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
                condition=Q(historic=True)
                | Q(quantity__gte=1, unit_minor__gte=0, tax_minor__gte=0, delivery_tax_minor__gte=0),
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
