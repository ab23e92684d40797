"""Saving products, shelves, prices and tax rates."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from tacit.catalog import rules
from tacit.catalog.actions.search import index_products, index_shelf
from tacit.catalog.models import (
    Category,
    Cost,
    Currency,
    Fact,
    Option,
    OptionValue,
    Price,
    Product,
    SparePart,
    Stock,
    TaxClass,
    TaxRate,
    Variant,
)
from tacit.catalog.types import CatalogError, NewProduct, NewVariant, Translations
from tacit.core.money import Money, MoneyError, exponent


def set_tax_rate(*, code: str, name: str, country: str, percent: Decimal) -> None:
    """Tax ``percent`` (0–100) of the class ``code`` in ``country``. Raises CatalogError."""
    if not 0 <= percent <= 100:
        raise CatalogError("percent", "out_of_range", smallest=0, largest=100)
    with transaction.atomic():
        tax_class, _ = TaxClass.objects.get_or_create(code=code, defaults={"name": name})
        TaxRate.objects.update_or_create(tax_class=tax_class, country=country, defaults={"percent": percent})


def set_currency(*, code: str, prices_include_tax: bool) -> None:
    """Whether the shop's prices in this currency include tax. What was ordered stays as it was.

    Raises CatalogError.
    """
    try:
        exponent(code)
    except MoneyError:
        raise CatalogError("currency", "unknown") from None
    Currency.objects.update_or_create(code=code, defaults={"prices_include_tax": prices_include_tax})


def save_category(
    *,
    slug: str,
    name: str,
    position: int = 0,
    parent: str = "",
    sensitive: bool = False,
    translations: Translations | None = None,
) -> None:
    """Make or change the shelf called ``slug``; ``translations``: language → {"name"}.

    Raises CatalogError for an unknown parent.
    """
    rules.check_translations(translations or {})
    above = Category.objects.filter(slug=parent).first() if parent else None
    if parent and above is None:
        raise CatalogError("parent", "unknown")
    with transaction.atomic():
        _, new = Category.objects.update_or_create(
            slug=slug,
            defaults={
                "name": rules.check_text("name", name, longest=120),
                "position": position,
                "parent": above,
                "sensitive": sensitive,
                "translations": _as_json(translations or {}),
            },
        )
        if not new:
            index_shelf(slug)


def save_product(product: NewProduct, *, now: datetime) -> int:
    """Make the product or bring it to this form, found by slug; its id. Stock is set only for new variants.

    Raises CatalogError; then nothing was saved.
    """
    rules.check_product(product)
    with transaction.atomic():
        fields = {
            "name": rules.check_text("name", product.name, longest=200),
            "description": product.description,
            "category": _category(product.category),
            "tax_class": _tax_class(product.tax_class),
            "active": product.active,
            "picture": product.picture,
            "origin": product.origin,
            "external_id": product.external_id,
            "translations": _as_json(product.translations),
        }
        saved, _ = Product.objects.update_or_create(
            slug=product.slug, defaults=fields, create_defaults={**fields, "created_at": now}
        )
        kept = [
            _save_variant(saved, variant, position, origin=product.origin, now=now)
            for position, variant in enumerate(product.variants)
        ]
        Variant.objects.filter(product=saved).exclude(pk__in=kept).update(active=False)
        Fact.objects.filter(product=saved).delete()
        Fact.objects.bulk_create(
            Fact(product=saved, name=name, value=value, position=position)
            for position, (name, value) in enumerate(product.facts)
        )
        _link_parts(saved, product.spare_parts)
        index_products([saved.pk])
        return saved.pk


def _as_json(translations: Translations) -> dict[str, dict[str, object]]:
    """What there is: an empty text is none, so that the first language shows; so is a language without texts."""
    said = {
        language: {field: text for field, text in texts.items() if text}
        for language, texts in translations.items()
    }
    return {language: texts for language, texts in said.items() if texts}


def _category(slug: str) -> Category | None:
    if not slug:
        return None
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise CatalogError("category", "unknown")
    return found


def _tax_class(code: str) -> TaxClass:
    found = TaxClass.objects.filter(code=code).first()
    if found is None:
        raise CatalogError("tax_class", "unknown")
    return found


def _link_parts(product: Product, slugs: tuple[str, ...]) -> None:
    parts = list(Product.objects.filter(slug__in=slugs))
    if len(parts) != len(set(slugs)):
        raise CatalogError("spare_parts", "unknown")
    SparePart.objects.filter(product=product).delete()
    SparePart.objects.bulk_create(SparePart(product=product, part=part) for part in parts)


def _save_variant(product: Product, variant: NewVariant, position: int, *, origin: str, now: datetime) -> int:
    taken = Variant.objects.filter(sku=variant.sku).exclude(product=product).exists()
    if taken:
        raise CatalogError("sku", "taken", sku=variant.sku)
    saved, _ = Variant.objects.update_or_create(
        sku=variant.sku,
        defaults={
            "product": product,
            "label": variant.label,
            "position": position,
            "active": True,
            "origin": origin,
            "external_id": variant.external_id,
            "weight_grams": variant.weight,
        },
    )
    Stock.objects.get_or_create(variant=saved, defaults={"on_hand": variant.stock})
    for price in variant.prices:
        set_price(sku=variant.sku, price=price, now=now)
    for cost in variant.costs:
        Cost.objects.update_or_create(variant=saved, currency=cost.currency, defaults={"minor": cost.minor})
    OptionValue.objects.filter(variant=saved).delete()
    for place, (name, value) in enumerate(variant.options.items()):
        option, _ = Option.objects.get_or_create(product=product, name=name, defaults={"position": place})
        OptionValue.objects.create(variant=saved, option=option, value=value)
    return saved.pk


def set_price(*, sku: str, price: Money, now: datetime) -> bool:
    """Put ``price`` in force from ``now``; the one before it becomes history. False when it is already so.

    Raises CatalogError.
    """
    if price.minor < 0:
        raise CatalogError("price", "negative")
    with transaction.atomic():
        # Locked so that two changes at once leave one price in force and both in the history.
        variant = Variant.objects.select_for_update().filter(sku=sku).first()
        if variant is None:
            raise CatalogError("sku", "unknown")
        current = Price.objects.filter(variant=variant, currency=price.currency, until__isnull=True)
        before = current.first()
        if before is not None and before.minor == price.minor:
            return False
        if before is not None:
            current.update(until=max(now, before.since))
        Price.objects.create(
            variant=variant, currency=price.currency, minor=price.minor, since=now, until=None
        )
        return True
