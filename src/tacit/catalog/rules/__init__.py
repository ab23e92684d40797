"""Pure decisions about products: what may be saved, how names become addresses and sort keys."""

from __future__ import annotations

import re
import unicodedata

from tacit.catalog.types import CatalogError, NewProduct, NewVariant, Translations

LONGEST_SLUG = 100
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "ł": "l"})
_LARGEST_STOCK = 10_000_000
LARGEST_WEIGHT = 10_000_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})?\Z")
TRANSLATED = frozenset({"name", "description", "facts", "words"})


def slugify(text: str) -> str:
    """``"Enamel kettle, 1.4 l"`` → ``"enamel-kettle-1-4-l"``; '' when nothing readable is left."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_GERMAN))
    words = _NOT_WORD.sub("-", plain.encode("ascii", "ignore").decode()).strip("-")
    return words[:LONGEST_SLUG].rstrip("-")


def check_text(field: str, text: str, *, longest: int, required: bool = True) -> str:
    """``text`` with its white space folded. Raises CatalogError: required, too_long, control_character."""
    folded = " ".join(text.split())
    if required and not folded:
        raise CatalogError(field, "required")
    if len(folded) > longest:
        raise CatalogError(field, "too_long", longest=longest)
    if any(unicodedata.category(character) == "Cc" for character in folded):
        raise CatalogError(field, "control_character")
    return folded


def check_stock(on_hand: object) -> int:
    """A number of pieces, 0 to ten million. Raises CatalogError."""
    if isinstance(on_hand, bool) or not isinstance(on_hand, int):
        raise CatalogError("on_hand", "not_a_number")
    if not 0 <= on_hand <= _LARGEST_STOCK:
        raise CatalogError("on_hand", "out_of_range", smallest=0, largest=_LARGEST_STOCK)
    return on_hand


def check_weight(grams: object) -> int | None:
    """Grams, 0 to ten tonnes; None when it is not known. Raises CatalogError."""
    if grams is None:
        return None
    if isinstance(grams, bool) or not isinstance(grams, int):
        raise CatalogError("weight", "not_a_number")
    if not 0 <= grams <= LARGEST_WEIGHT:
        raise CatalogError("weight", "out_of_range", smallest=0, largest=LARGEST_WEIGHT)
    return grams


def check_product(product: NewProduct) -> None:
    """Raises CatalogError at the first thing that cannot be saved."""
    check_text("name", product.name, longest=200)
    if slugify(product.slug) != product.slug or not product.slug:
        raise CatalogError("slug", "not_a_slug")
    if not product.variants:
        raise CatalogError("variants", "required")
    if product.slug in product.spare_parts:
        raise CatalogError("spare_parts", "own_part")
    labels = [variant.label for variant in product.variants]
    if len(set(labels)) != len(labels):
        raise CatalogError("variants", "same_label")
    check_translations(product.translations)
    for variant in product.variants:
        _check_variant(variant)


def check_translations(given: Translations) -> None:
    """Texts in other languages have the bounds of the first. Raises CatalogError."""
    for language, texts in given.items():
        if not _LANGUAGE.match(language):
            raise CatalogError("translations", "not_a_language")
        if set(texts) - TRANSLATED:
            raise CatalogError("translations", "unknown")
        check_text("translations", texts.get("name", ""), longest=200, required=False)
        if not isinstance(texts.get("description", ""), str):
            raise CatalogError("translations", "not_text")
        for pair in texts.get("facts", ()):
            if len(pair) != 2 or not all(isinstance(each, str) for each in pair):
                raise CatalogError("translations", "not_text")
        for each in texts.get("words", {}).items():
            if not all(isinstance(word, str) for word in each):
                raise CatalogError("translations", "not_text")


def _check_variant(variant: NewVariant) -> None:
    check_text("sku", variant.sku, longest=64)
    check_text("label", variant.label, longest=120, required=False)
    check_stock(variant.stock)
    check_weight(variant.weight)
    for field, amounts in (("prices", variant.prices), ("costs", variant.costs)):
        currencies = [amount.currency for amount in amounts]
        if len(set(currencies)) != len(currencies):
            raise CatalogError(field, "currency_twice")
        if any(amount.minor < 0 for amount in amounts):
            raise CatalogError(field, "negative")
