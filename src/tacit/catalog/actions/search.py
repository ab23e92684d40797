"""The search index: written with every product that is saved, set by set; and the note of what was looked for."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db import DatabaseError, connection, transaction

from tacit.catalog.rules import search as rules
from tacit.core import journal
from tacit.core.events import Searched

_AT_ONCE = 2_000
_log = logging.getLogger(__name__)

_PRODUCTS = """
SELECT p.id, p.name, p.description, p.translations::text, p.category_id,
  (SELECT jsonb_agg(DISTINCT jsonb_build_array(o.name, ov.value)) FROM catalog_variant v
     JOIN catalog_optionvalue ov ON ov.variant_id = v.id JOIN catalog_option o ON o.id = ov.option_id
     WHERE v.product_id = p.id AND v.active)::text,
  (SELECT jsonb_agg(jsonb_build_array(v.sku, v.label)) FROM catalog_variant v
     WHERE v.product_id = p.id AND v.active)::text,
  (SELECT jsonb_agg(jsonb_build_array(name, value) ORDER BY position, id) FROM catalog_fact
     WHERE product_id = p.id)::text
FROM catalog_product p WHERE p.id = ANY(%s) AND p.active
"""
_WRITE = """
INSERT INTO catalog_searchentry (product_id, vector, names, choices)
SELECT id, vector::tsvector, names::jsonb, choices::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS e(id, vector, names, choices)
ON CONFLICT (product_id) DO UPDATE
  SET vector = excluded.vector, names = excluded.names, choices = excluded.choices
"""
_FORGET = """
DELETE FROM catalog_searchentry e USING catalog_product p
WHERE p.id = e.product_id AND NOT p.active AND p.id = ANY(%s)
"""
_NEW_WORDS = "SELECT unnest(%s::text[]) EXCEPT SELECT word FROM catalog_searchword WHERE word = ANY(%s)"
_WRITE_WORDS = """
INSERT INTO catalog_searchword (word, shown, slips, parts)
SELECT word, shown, string_to_array(slips, ' '), string_to_array(parts, ' ')
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS w(word, shown, slips, parts)
ON CONFLICT DO NOTHING
"""
_BELOW = """
WITH RECURSIVE below AS (
  SELECT id FROM catalog_category WHERE slug = %s
  UNION SELECT c.id FROM catalog_category c JOIN below b ON c.parent_id = b.id
) SELECT p.id FROM catalog_product p WHERE p.category_id IN (SELECT id FROM below) AND p.active
"""
_MISSING = """
SELECT p.id FROM catalog_product p WHERE p.active
  AND NOT EXISTS (SELECT 1 FROM catalog_searchentry e WHERE e.product_id = p.id)
"""


def index_products(products: Collection[int]) -> None:
    """Bring the index up to these products (ids) as they stand in the caller's transaction."""
    rest = iter(products)
    shelves: dict[int, _Shelf] | None = None
    while portion := list(islice(rest, _AT_ONCE)):
        shelves = _shelves() if shelves is None else shelves
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, [portion])
            _write(portion, shelves)


def index_shelf(slug: str) -> None:
    """Bring the index up to the products on a shelf, and below it, whose name or place has changed."""
    index_products(_ids(_BELOW, [slug]))


def fill_search_index() -> int:
    """Index the products that are not in it yet, such as those from before there was one; how many there were."""
    missing = _ids(_MISSING, [])
    index_products(missing)
    return len(missing)


def rebuild_search_index() -> int:
    """Make the whole index anew, without words no product has any more; how many products it holds.

    Searches go on with the old one until it is done; saving products waits.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_searchword, catalog_searchentry IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM catalog_searchword")
        cursor.execute("DELETE FROM catalog_searchentry")
        products = _ids("SELECT id FROM catalog_product WHERE active", [])
        index_products(products)
    return len(products)


def note_search(
    *, words: str, language: str, found: int, corrected: Sequence[tuple[str, str]], now: datetime
) -> bool:
    """Write down what was looked for, without what could tell who did; whether it was written.

    One statement, and never an error: a search is worth more than the note of it.
    """
    kept = rules.noted_words(words)
    if not kept:
        return False
    pairs = [[typed, instead] for typed, instead in corrected if typed in kept]
    try:
        # Alone it is one statement; inside a transaction a failure must not take that along.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            journal.record(Searched(kept, language, found, pairs), at=now)
    except DatabaseError:
        _log.warning("a search could not be noted", exc_info=True)
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Shelf:
    slug: str
    parent: int | None
    names: tuple[str, ...]


def _ids(statement: str, parameters: list[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement + " ORDER BY 1", parameters)
        return [row[0] for row in cursor.fetchall()]


def _shelves() -> dict[int, _Shelf]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, slug, parent_id, name, translations::text FROM catalog_category")
        return {
            id_: _Shelf(slug, parent, (name, *_each(json.loads(translations), "name")))
            for id_, slug, parent, name, translations in cursor.fetchall()
        }


def _each(translations: Mapping[str, Mapping[str, Any]], field: str) -> Iterator[str]:
    """A text in all the languages that have it."""
    return (texts[field] for texts in translations.values() if texts.get(field))


def _write(products: list[int], shelves: Mapping[int, _Shelf]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [products])
        rows = cursor.fetchall()
        if not rows:
            return
        entries = []
        words: dict[str, str] = {}
        for row in rows:
            vector, shown, names, choices = _entry(row, shelves)
            entries.append((row[0], vector, rules.as_json(names), rules.as_json(choices)))
            words |= shown
        cursor.execute(_WRITE, [list(column) for column in zip(*entries, strict=True)])
        _write_words(words)


def _write_words(words: Mapping[str, str]) -> None:
    """Add the words that are not known yet, in one order, so that two who save at once cannot deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW_WORDS, [list(words), list(words)])
        new = sorted(row[0] for row in cursor.fetchall())
        if new:
            slips = [" ".join(rules.slips(word)) for word in new]
            parts = [" ".join(rules.parts(word)) for word in new]
            cursor.execute(_WRITE_WORDS, [new, [words[word] for word in new], slips, parts])


def _entry(
    row: tuple[Any, ...], shelves: Mapping[int, _Shelf]
) -> tuple[str, dict[str, str], dict[str, str], dict[str, list[list[str]]]]:
    """The index row of a product: its vector, its words, its names' sort keys, its option values."""
    _, name, description, translations, category, options, variants, facts = row
    languages: dict[str, dict[str, Any]] = json.loads(translations or "{}")
    pairs: list[list[str]] = json.loads(options or "[]")
    path = list(_path(category, shelves))
    translated = {language: texts.get("words", {}) for language, texts in languages.items()}
    labels = [label for _, label in json.loads(variants or "[]")]
    own = list(dict.fromkeys([*chain.from_iterable(pairs), *labels]))
    choices = {"": [[rules.choice(*pair), *pair] for pair in pairs]}
    for language, words in translated.items():
        if words:
            choices[language] = [[key, words.get(a, a), words.get(b, b)] for key, a, b in choices[""]]
    texts = rules.Texts(
        names=(name, *_each(languages, "name")),
        options=(*own, *(words[each] for words in translated.values() for each in own if each in words)),
        shelves=tuple(chain.from_iterable(shelf.names for shelf in path)),
        facts=(
            *(" ".join(pair) for pair in json.loads(facts or "[]")),
            *(" ".join(pair) for pairs in _each(languages, "facts") for pair in pairs),
            *(sku for sku, _ in json.loads(variants or "[]")),
        ),
        texts=(description, *_each(languages, "description")),
        marks=frozenset([f"c:{shelf.slug}" for shelf in path] + [f"o:{key}" for key, _, _ in choices[""]]),
    )
    vector, shown = rules.vector(texts)
    names = {"": rules.sort_key(name)} | {
        language: rules.sort_key(text["name"]) for language, text in languages.items() if text.get("name")
    }
    return vector, shown, names, choices


def _path(category: int | None, shelves: Mapping[int, _Shelf]) -> Iterator[_Shelf]:
    """A shelf and those above it, as far as there are any."""
    for _ in range(10):
        shelf = shelves.get(category) if category is not None else None
        if shelf is None:
            return
        yield shelf
        category = shelf.parent
