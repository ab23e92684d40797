"""The import from end to end, in one transaction: every product is checked, then saved, or nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.db import transaction

from tacit.accounts.types import Visitor
from tacit.catalog import wording
from tacit.catalog.actions import save_product, set_stock
from tacit.catalog.actions.importing import offer_tax_rate, one_at_a_time
from tacit.catalog.queries import whole
from tacit.catalog.types import CatalogError, NewProduct, WholeProduct
from tacit.connectors.files import reader
from tacit.connectors.files.bad import Aside, BadRow, aside
from tacit.connectors.files.reader import UnusableFile
from tacit.connectors.product_files.cells import Unusable
from tacit.connectors.product_files.drafts import Draft, Spoiled
from tacit.connectors.product_files.merging import differences, label_conflict, made_sku, merged
from tacit.connectors.product_files.oddities import Counts
from tacit.connectors.product_files.plain import PlainFile
from tacit.connectors.product_files.shelves import Shelves
from tacit.connectors.product_files.shopify import ShopifyFile
from tacit.connectors.product_files.table import Table

FORMATS = ("plain", "shopify")
CHANGES_SHOWN = 20
_AT_ONCE = 200
_STAFF = Visitor(staff=True)


@dataclass(slots=True)
class Summary:
    """What an import did, or would do. ``changes``: (slug, what) of the first few."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    variants_created: int = 0
    variants_retired: int = 0
    prices_changed: int = 0
    stocks_changed: int = 0
    categories_created: int = 0
    categories_changed: int = 0
    images_left: int = 0
    bad: int = 0
    counts: Counts = field(default_factory=Counts)
    changes: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, slug: str, what: str) -> None:
        if len(self.changes) < CHANGES_SHOWN:
            self.changes.append((slug, what))


def import_products(
    path: Path,
    *,
    form: str,
    currency: str,
    tax_class: str,
    now: datetime,
    rates: Iterable[tuple[str, str, str]] = (),
    stock: bool = False,
    images: Mapping[str, str] | None = None,
    skip_bad: Path | None = None,
    dry_run: bool = False,
    unpacked_limit: int = reader.UNPACKED_LIMIT,
    reading: Callable[[int], None] = lambda _bytes: None,
) -> Summary:
    """Bring the catalogue to what the file says, all of it or nothing; with ``dry_run`` only say what would change.

    ``form``: one of FORMATS. ``currency``: of Shopify's prices. ``tax_class``: of new products that name none.
    ``rates``: (tax class, country, percent) to make where there is none.
    ``stock``: set it for existing variants too. ``images``: address → path of the picture that was fetched from it.
    Raises UnusableFile or BadRows; products with bad rows only stay out when ``skip_bad`` names a file for them.
    """
    with aside(skip_bad, source=path) as bad, transaction.atomic():
        one_at_a_time()
        for code, country, percent in rates:
            offer_tax_rate(code=code, name=code.capitalize(), country=country, percent=Decimal(percent))
        run = _Import(bad, images or {}, tax_class=tax_class, stock=stock, now=now)
        table = Table(path, unpacked_limit=unpacked_limit, progress=reading)
        drafts = _drafts(table, form, currency, run.summary.counts)
        while portion := list(islice(drafts, _AT_ONCE)):
            run.take(portion)
        run.link_parts()
        bad.complain()
        summary = run.summary
        if not summary.created + summary.changed + summary.unchanged:
            raise UnusableFile(f"{path} has no usable row below its header.")
        summary.categories_created, summary.categories_changed = run.shelves.created, run.shelves.changed
        summary.bad = bad.total
        if dry_run:
            transaction.set_rollback(True)
    return summary


def addresses(path: Path, *, form: str, unpacked_limit: int = reader.UNPACKED_LIMIT) -> Iterator[str]:
    """The pictures the file names by address, each once. Raises UnusableFile."""
    found: set[str] = set()
    for draft in _drafts(Table(path, unpacked_limit=unpacked_limit), form, "EUR", Counts()):
        if isinstance(draft, Draft) and draft.image and draft.image not in found:
            found.add(draft.image)
            yield draft.image


def _drafts(table: Table, form: str, currency: str, counts: Counts) -> Iterator[Draft | Spoiled]:
    if form == "plain":
        return PlainFile(table, slug_of=whole.slug_of).products()
    return ShopifyFile(table, slug_of=whole.slug_of, currency=currency, counts=counts).products()


class _Import:
    """One run. A product is saved as soon as it is read; after the first bad row nothing more is."""

    def __init__(
        self, bad: Aside, images: Mapping[str, str], *, tax_class: str, stock: bool, now: datetime
    ) -> None:
        self.summary = Summary()
        self.shelves = Shelves(_STAFF)
        self._bad = bad
        self._images = images
        self._tax_classes = whole.tax_classes()
        self._tax_class = tax_class
        self._stock = stock
        self._now = now
        self._slugs: set[str] = set()
        self._skus: set[str] = set()
        self._waiting: list[tuple[Draft, NewProduct]] = []

    def take(self, portion: list[Draft | Spoiled]) -> None:
        """Check and save these products."""
        drafts = [each for each in portion if isinstance(each, Draft)]
        there = whole.whole_products(_STAFF, slugs=[draft.slug for draft in drafts])
        given = [variant.sku for draft in drafts for variant in draft.variants if variant.sku]
        owners = whole.slugs_of_skus(_STAFF, skus=given)
        for each in portion:
            if isinstance(each, Draft):
                self._take(each, there.get(each.slug), owners)
            else:
                self._refuse(each)

    def _refuse(self, spoiled: Spoiled) -> None:
        for bad in spoiled.every_row() if self._bad.skipping else spoiled.found:
            self._bad.add(bad)

    def _take(self, draft: Draft, there: WholeProduct | None, owners: Mapping[str, str]) -> None:
        skus = self._named(draft)
        found = list(self._check(draft, there, skus, owners))
        self._slugs.add(draft.slug)
        self._skus.update(skus)
        if found:
            self._refuse(Spoiled(draft.records, tuple(found)))
        elif self._bad.skipping or not self._bad.total:
            category = self.shelves.put(draft)
            try:
                with transaction.atomic():
                    self._save(draft, there, skus, category)
            except CatalogError as error:
                reason = wording.explain(error).rstrip(".")
                self._refuse(Spoiled(draft.records, (draft.bad(error.field, reason, draft.slug),)))

    def _named(self, draft: Draft) -> list[str]:
        """The SKU of each variant; made where the file has none."""
        skus: list[str] = []

        def is_taken(sku: str) -> bool:
            owner = whole.slugs_of_skus(_STAFF, skus=[sku]).get(sku, draft.slug)
            return sku in self._skus or sku in skus or owner != draft.slug

        for variant in draft.variants:
            made = variant.sku or made_sku(*variant.made_from, slug_of=whole.slug_of, is_taken=is_taken)
            skus.append(made)
        return skus

    def _check(
        self, draft: Draft, there: WholeProduct | None, skus: list[str], owners: Mapping[str, str]
    ) -> Iterator[BadRow]:
        if draft.slug in self._slugs:
            reason = "its product came before; all rows of a product follow one another"
            yield draft.bad("slug", reason, draft.slug)
        if not draft.name and there is None:
            yield draft.bad("name", "it is empty", "")
        tax_class = draft.tax_class or (there.product.tax_class if there else self._tax_class)
        if tax_class not in self._tax_classes:
            known = ", ".join(self._tax_classes) or "none; --tax-rate makes one"
            yield draft.bad("tax class", f"there is no such tax class; there is {known}", tax_class)
        try:
            self.shelves.check(draft.path or ())
        except Unusable as why:
            yield draft.bad("category", str(why), "")
        for number, (sku, variant) in enumerate(zip(skus, draft.variants, strict=True)):
            if sku in self._skus or sku in skus[:number]:
                yield draft.bad("sku", "another row has the same", sku, variant.record)
            elif owners.get(sku, draft.slug) != draft.slug:
                yield draft.bad("sku", f"it belongs to the product {owners[sku]}", sku, variant.record)
        wanted = merged(draft, there, skus=skus, category="", tax_class=self._tax_class)
        if conflict := label_conflict(wanted, there):
            sku, owner = conflict
            record = draft.variants[skus.index(sku)].record
            yield draft.bad("label", f"{owner} of the same product has the same", sku, record)
        elif long := next((each for each in wanted.variants if len(each.label) > 120), None):
            record = draft.variants[skus.index(long.sku)].record
            yield draft.bad("label", "the option values together are longer than 120 characters", "", record)

    def _save(self, draft: Draft, there: WholeProduct | None, skus: list[str], category: str) -> None:
        if draft.image and draft.image in self._images:
            draft = replace(draft, picture=self._images[draft.image])
        elif draft.image:
            self.summary.images_left += 1
        product = merged(draft, there, skus=skus, category=category, tax_class=self._tax_class)
        before = there.product if there else None
        what = list(differences(product, before)) if before else []
        if before is None or what:
            parts = self._parts(draft, product)
            save_product(replace(product, spare_parts=parts), now=self._now)
        what += self._set_stock(draft, there, skus)
        self._count(product, before, what)

    def _parts(self, draft: Draft, product: NewProduct) -> tuple[str, ...]:
        """Its spare parts that exist by now; the product waits for the others."""
        if not product.spare_parts:
            return ()
        known = whole.known_slugs(product.spare_parts)
        if known != set(product.spare_parts):
            self._waiting.append((draft, product))
        return tuple(part for part in product.spare_parts if part in known)

    def link_parts(self) -> None:
        """Add spare parts that came later in the file."""
        for draft, product in self._waiting:
            known = whole.known_slugs(product.spare_parts)
            for missing in sorted({*product.spare_parts} - known):
                self._bad.add(draft.bad("spare parts", "there is no such product", missing))
            if self._bad.skipping or not self._bad.total:
                save_product(replace(product, spare_parts=tuple(sorted(known))), now=self._now)

    def _set_stock(self, draft: Draft, there: WholeProduct | None, skus: list[str]) -> list[str]:
        if not self._stock or there is None:
            return []
        known = {each.sku: each.stock for each in (*there.product.variants, *there.retired)}
        changed = []
        for sku, variant in zip(skus, draft.variants, strict=True):
            if variant.stock is not None and known.get(sku, variant.stock) != variant.stock:
                set_stock(_STAFF, sku=sku, on_hand=variant.stock, now=self._now)
                changed.append(f"{sku} stock {known[sku]} → {variant.stock}")
        self.summary.stocks_changed += len(changed)
        return changed

    def _count(self, product: NewProduct, before: NewProduct | None, what: Iterable[str]) -> None:
        summary, said = self.summary, list(what)
        if before is None:
            summary.created += 1
            summary.variants_created += len(product.variants)
            summary.tell(product.slug, "new")
        elif said:
            summary.changed += 1
            summary.variants_created += sum(each.endswith(" new") for each in said)
            summary.variants_retired += sum(each.endswith(" no longer sold") for each in said)
            summary.prices_changed += sum(" price " in each for each in said)
            summary.tell(product.slug, "; ".join(said))
        else:
            summary.unchanged += 1
