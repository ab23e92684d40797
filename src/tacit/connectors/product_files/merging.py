"""What a product becomes when a file tells of it. No Django, no I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tacit.catalog.types import NewProduct, NewVariant, Translations, WholeProduct
from tacit.connectors.product_files.drafts import Draft, DraftVariant
from tacit.connectors.product_files.shopify import SEPARATOR
from tacit.core.money import Money

LONGEST_SKU = 64
LONGEST_LABEL = 120
_PLAIN = re.compile(r"[\s,./()'\"·–-]")


def merged(
    draft: Draft, there: WholeProduct | None, *, skus: list[str], category: str, tax_class: str
) -> NewProduct:
    """The product as it should stand; what the file does not say stays as it is ``there``.

    ``skus``: of its variants, in their order. ``category`` counts when the file tells of one, ``tax_class``
    for a new product of which the file does not. A price that the file leaves empty stays.
    """
    base = there.product if there else _empty(draft, tax_class)
    known = {each.sku: each for each in (*there.product.variants, *there.retired)} if there else {}
    variants = tuple(
        _variant(variant, sku, known.get(sku)) for sku, variant in zip(skus, draft.variants, strict=True)
    )
    return replace(
        base,
        name=draft.name or base.name,
        variants=variants,
        description=_told(draft.description, base.description),
        category=category if draft.path is not None else base.category,
        tax_class=draft.tax_class or base.tax_class,
        picture=_told(draft.picture, base.picture),
        facts=_facts(draft, base.facts),
        spare_parts=tuple(sorted(_told(draft.spare_parts, base.spare_parts))),
        active=_told(draft.active, base.active),
        translations=_translations(draft, base),
    )


def _empty(draft: Draft, tax_class: str) -> NewProduct:
    return NewProduct(
        slug=draft.slug,
        name="",
        variants=(),
        tax_class=tax_class,
        origin=draft.origin,
        external_id=draft.external_id,
    )


def _told(told: Any, there: Any) -> Any:
    return there if told is None else told


def _facts(draft: Draft, there: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if draft.facts is None:
        return there
    if not draft.only_facts:
        return draft.facts
    told = dict(draft.facts)
    kept = [
        (name, told.pop(name, value)) for name, value in there if name in told or name not in draft.only_facts
    ]
    return (*kept, *told.items())


def _variant(draft: DraftVariant, sku: str, there: NewVariant | None) -> NewVariant:
    base = there or NewVariant(sku=sku)
    options = dict(base.options if draft.options is None else draft.options)
    if draft.label is not None:
        label = draft.label
    elif there is not None and options == dict(there.options):
        label = there.label
    else:
        label = SEPARATOR.join(options.values())
    return replace(
        base,
        label=label,
        options=options,
        prices=_amounts(base.prices, draft.prices),
        costs=_amounts(base.costs, draft.costs),
        stock=base.stock if there is not None else draft.stock or 0,
        weight=_told(draft.weight, base.weight),
    )


def _amounts(there: tuple[Money, ...], told: tuple[Money, ...]) -> tuple[Money, ...]:
    found = {money.currency: money for money in (*there, *told)}
    return tuple(found[currency] for currency in sorted(found))


def _translations(draft: Draft, base: NewProduct) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        language: dict(texts) for language, texts in base.translations.items()
    }
    for language, texts in draft.translations.items():
        of_language = found.setdefault(language, {})
        for field, text in texts.items():
            if text:
                of_language[field] = text
            else:
                of_language.pop(field, None)
    return {language: texts for language, texts in found.items() if texts}


def made_sku(slug: str, label: str, *, slug_of: Callable[[str], str], is_taken: Callable[[str], bool]) -> str:
    """A SKU from the product's address and the variant's option values, the same for the same file.

    With a fingerprint where letters alone would not tell two values apart, or do not fit.
    """
    wanted = "-".join(part for part in (slug, slug_of(label)) if part).upper()
    lost = any(not _PLAIN.match(c) and slug_of(f"x{c}x") in {"x-x", "xx"} for c in set(label))
    if not lost and len(wanted) <= LONGEST_SKU and not is_taken(wanted):
        return wanted
    fingerprint = hashlib.sha256(f"{slug}\n{label}".encode()).hexdigest()[:8].upper()
    return f"{wanted[: LONGEST_SKU - 9].rstrip('-')}-{fingerprint}"


def label_conflict(product: NewProduct, there: WholeProduct | None) -> tuple[str, str] | None:
    """(SKU, SKU that has its label), when a variant's label belongs to another of the same product."""
    labels: dict[str, str] = {}
    if there:
        labels = {each.sku: each.label for each in (*there.product.variants, *there.retired)}
    for variant in product.variants:
        owner = next(
            (sku for sku, label in labels.items() if label == variant.label and sku != variant.sku), None
        )
        if owner:
            return variant.sku, owner
        labels[variant.sku] = variant.label
    return None


def differences(product: NewProduct, there: NewProduct) -> Iterator[str]:
    """What changes, in words; nothing when they are alike."""
    for field in (
        "name",
        "description",
        "category",
        "tax_class",
        "active",
        "picture",
        "facts",
    ):
        if getattr(product, field) != getattr(there, field):
            yield field.replace("_", " ")
    if _said(product.translations) != _said(there.translations):
        yield "translations"
    if set(product.spare_parts) != set(there.spare_parts):
        yield "spare parts"
    before = {each.sku: each for each in there.variants}
    for variant in product.variants:
        yield from _variant_differences(variant, before.get(variant.sku))
    for sku in before.keys() - {each.sku for each in product.variants}:
        yield f"{sku} no longer sold"
    kept = [each.sku for each in product.variants if each.sku in before]
    if kept != [each.sku for each in there.variants if each.sku in set(kept)]:
        yield "order of variants"


def _said(translations: Translations) -> dict[tuple[str, str], Any]:
    """Texts by language and field; an empty one says nothing."""
    return {
        (language, field): text
        for language, texts in translations.items()
        for field, text in texts.items()
        if text
    }


def _variant_differences(variant: NewVariant, there: NewVariant | None) -> Iterator[str]:
    if there is None:
        yield f"{variant.sku} new"
        return
    if variant.label != there.label or dict(variant.options) != dict(there.options):
        yield f"{variant.sku} options"
    prices = {money.currency: money for money in there.prices}
    for money in variant.prices:
        old = prices.get(money.currency)
        if old != money:
            yield f"{variant.sku} price {old.amount() if old else 'none'} → {money.amount()} {money.currency}"
    if _amounts(variant.costs, ()) != _amounts(there.costs, ()):
        yield f"{variant.sku} cost"
    if variant.weight != there.weight:
        yield f"{variant.sku} weight"
