"""What is for sale, what it costs, and how much of it there is."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tacit.core.fields import TextArrayField, TextSearchField

OURS = "tacit"
"""``origin`` of what was made here; anything else names the shop or file it came from."""


class Category(models.Model):
    """A shelf. What stands on a ``sensitive`` one is left out of everything social."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField(default=0)
    sensitive = models.BooleanField(default=False)
    translations = models.JSONField(default=dict, blank=True)
    """Language → {"name"}; the columns hold the shop's first language."""
    origin = models.CharField(max_length=40, default=OURS)
    external_id = models.CharField(max_length=120, null=True)  # noqa: DJ001 - null: it has none elsewhere

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "external_id"], name="category_external"),
            models.CheckConstraint(name="category_not_own_parent", condition=~Q(parent=F("id"))),
        ]


class TaxClass(models.Model):
    """Goods taxed alike, such as standard or reduced."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)


class TaxRate(models.Model):
    """``percent`` of tax on a class in a country (ISO 3166-1 alpha-2)."""

    tax_class = models.ForeignKey(TaxClass, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(max_length=2)
    percent = models.DecimalField(max_digits=6, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tax_class", "country"], name="tax_rate_one"),
            models.CheckConstraint(name="tax_percent", condition=Q(percent__gte=0, percent__lte=100)),
            models.CheckConstraint(name="tax_country", condition=Q(country__regex=r"^[A-Z]{2}$")),
        ]


class Product(models.Model):
    """Something with a page of its own; what is bought is one of its variants."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    tax_class = models.ForeignKey(TaxClass, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    picture = models.CharField(max_length=200, blank=True, default="")
    translations = models.JSONField(default=dict, blank=True)
    """Language → {"name", "description", "facts": [[name, value]], "words": {option name or value: translated}}."""
    created_at = models.DateTimeField()
    origin = models.CharField(max_length=40, default=OURS)
    external_id = models.CharField(max_length=120, null=True)  # noqa: DJ001 - null: it has none elsewhere

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "external_id"], name="product_external")]
        indexes = [models.Index(fields=["category"], name="product_shelf", condition=Q(active=True))]


class Option(models.Model):
    """A way in which a product's variants differ, such as Colour."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    position = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="option_once")]


class Variant(models.Model):
    """What is bought: one SKU. ``label`` is its option values in words; '' for an only variant."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    sku = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, blank=True, default="")
    position = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    weight_grams = models.IntegerField(null=True)
    """Packed for sending; null: not known, counts as nothing."""
    origin = models.CharField(max_length=40, default=OURS)
    external_id = models.CharField(max_length=120, null=True)  # noqa: DJ001 - null: it has none elsewhere

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "label"], name="variant_label_once"),
            models.UniqueConstraint(fields=["origin", "external_id"], name="variant_external"),
            models.CheckConstraint(
                name="variant_weight", condition=Q(weight_grams__isnull=True) | Q(weight_grams__gte=0)
            ),
        ]


class OptionValue(models.Model):
    """The value one variant has for one of its product's options."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "option"], name="option_value_once")]


class Currency(models.Model):
    """What the shop decides about its prices in a currency; without a row they include tax."""

    code = models.CharField(max_length=3, primary_key=True)
    prices_include_tax = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="currency_code", condition=Q(code__regex=r"^[A-Z]{3}$")),
        ]


class Price(models.Model):
    """A list price from ``since`` until ``until``, null: the one in force. Its currency says if tax is in it."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "currency"], condition=Q(until__isnull=True), name="price_one_in_force"
            ),
            models.CheckConstraint(name="price_not_negative", condition=Q(minor__gte=0, minor__lte=10**12)),
            models.CheckConstraint(
                name="price_span", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(name="price_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        ]


class Cost(models.Model):
    """What a variant costs the shop. Never shown to a shopper."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="cost_one"),
            models.CheckConstraint(name="cost_not_negative", condition=Q(minor__gte=0)),
        ]


class Fact(models.Model):
    """One checkable statement about a product: ``name`` "Works on induction", ``value`` "yes"."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    value = models.CharField(max_length=300)
    position = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="fact_once")]


class SparePart(models.Model):
    """``part`` replaces a piece of ``product``."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    part = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "part"], name="spare_part_once"),
            models.CheckConstraint(name="spare_part_not_itself", condition=~Q(product=F("part"))),
        ]


class Stock(models.Model):
    """``on_hand`` pieces in the house, ``claimed`` of them promised to orders not yet sent."""

    variant = models.OneToOneField(Variant, primary_key=True, on_delete=models.CASCADE, related_name="+")
    on_hand = models.IntegerField(default=0)
    claimed = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="stock_claimed_not_negative", condition=Q(claimed__gte=0)),
            models.CheckConstraint(name="stock_claimed_in_house", condition=Q(claimed__lte=F("on_hand"))),
        ]


class SearchEntry(models.Model):
    """What an active product is found by, in all its languages; prices and stock are read where they live."""

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE, related_name="+")
    vector = TextSearchField()
    """Folded words by weight (name A, options and shelves B, facts C, texts D); ``n:`` those of the name, ``c:``
    and ``o:`` the shelves and option values to filter by."""
    names = models.JSONField()
    """Language ('' for the first) → key to sort the name by."""
    choices = models.JSONField()
    """Language ('' for the first) → [[option value as a filter names it, option, value]]."""


class SearchWord(models.Model):
    """A word some product has or had, folded and as written, and what finds it when it is mistyped or a part."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    shown = models.CharField(max_length=40)
    slips = TextArrayField()
    """The word and its forms with one letter left out."""
    parts = TextArrayField()
    """Its runs of three letters."""
