"""Finding products by words: two statements, one to understand the words, one to find and read the products.

No more than LOOKED_AT hits are ranked, names before texts, so that a word half the shop has costs no more than
a rare one. Prices and stock are joined as they are now.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import connection

from tacit.catalog.rules import search as rules
from tacit.catalog.rules.search import Known, Meaning
from tacit.catalog.types import Choice, Narrowed, ProductRow, SearchPage, SortBy
from tacit.core.money import Money

LOOKED_AT = 300
PER_PAGE = 24
_CHOICES_FROM = 100
_LAST_CHARACTER = "\U0010ffff"

_WORDS = """
SELECT {place}, 'same', word, shown FROM catalog_searchword WHERE word = ANY(%s)
UNION ALL (SELECT {place}, 'begins', '', '' FROM catalog_searchword WHERE word > %s AND word < %s LIMIT 1)
"""
_PARTS = """
UNION ALL (SELECT {place}, 'holds', word, shown FROM catalog_searchword
  WHERE parts @> %s::text[] AND position(%s IN word) > 0
    AND NOT EXISTS (SELECT 1 FROM catalog_searchword WHERE word = %s) LIMIT 30)
"""
_SLIPS = """
UNION ALL (SELECT {place}, 'near', word, shown FROM catalog_searchword
  WHERE slips && %s::text[] AND NOT EXISTS (SELECT 1 FROM catalog_searchword WHERE word = %s) LIMIT 200)
"""

_HITS = """
WITH ranked AS MATERIALIZED (
  SELECT * FROM catalog_search_hits(%(named)s::tsquery, %(anywhere)s::tsquery, %(wider)s::tsquery,
    %(partly)s::tsquery, %(hardly)s::tsquery, %(close)s::tsquery, %(loose)s::tsquery, %(language)s, %(looked_at)s)
)"""
_OFFER = """
  SELECT (array_agg(pr.minor ORDER BY pr.currency <> %(currency)s, pr.currency <> %(first)s, pr.currency,
      pr.minor))[1] AS minor,
    (array_agg(pr.currency ORDER BY pr.currency <> %(currency)s, pr.currency <> %(first)s, pr.currency,
      pr.minor))[1] AS currency,
    count(DISTINCT pr.minor) FILTER (WHERE pr.currency = %(currency)s) > 1 AS several,
    coalesce(bool_or(s.on_hand > s.claimed), false) AS in_stock,
    coalesce(bool_or(pr.currency = %(currency)s AND pr.minor BETWEEN %(least)s AND %(most)s), false) AS fits
  FROM catalog_variant v
  LEFT JOIN catalog_price pr ON pr.variant_id = v.id AND pr.until IS NULL
  LEFT JOIN catalog_stock s ON s.variant_id = v.id
  WHERE v.product_id = r.product_id AND v.active
"""
_BEST = "tier DESC, score DESC, length(name_order), name_order, product_id"
_NOT_LIVE = """, page AS (
  SELECT * FROM ranked r ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
), shown AS (SELECT r.*, o.* FROM page r CROSS JOIN LATERAL ({offer}) o), counted AS (SELECT count(*) FROM ranked)"""
_LIVE = """, kept AS MATERIALIZED (
  SELECT r.*, o.* FROM ranked r CROSS JOIN LATERAL ({offer}) o WHERE {fits}
), shown AS (
  SELECT * FROM kept ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
), counted AS (SELECT count(*) FROM kept)"""
_ANSWER = """
SELECT (SELECT * FROM counted), (SELECT count(*) FROM ranked), (SELECT max(tier) FROM ranked),
  (SELECT json_agg(json_build_array(p.slug, coalesce(p.translations->%(language)s->>'name', p.name), p.picture,
      s.minor, s.currency, s.several, s.in_stock) ORDER BY {order})
   FROM shown s JOIN catalog_product p ON p.id = s.product_id AND p.active)::text,
  (SELECT json_agg(c ORDER BY many DESC) FROM (
     SELECT json_build_array(c.slug, '', coalesce(c.translations->%(language)s->>'name', c.name)) AS c, count(*) AS many
     FROM (SELECT product_id FROM ranked ORDER BY tier DESC, score DESC LIMIT %(choices)s) r
     JOIN catalog_product p ON p.id = r.product_id JOIN catalog_category c ON c.id = p.category_id
     GROUP BY c.id ORDER BY many DESC LIMIT 8) x)::text,
  (SELECT json_agg(c ORDER BY c->>1, many DESC) FROM (
     SELECT c, count(*) AS many
     FROM (SELECT product_id FROM ranked ORDER BY tier DESC, score DESC LIMIT %(choices)s) r
     JOIN catalog_searchentry e ON e.product_id = r.product_id,
       jsonb_array_elements(coalesce(e.choices->%(language)s, e.choices->'')) c
     GROUP BY c ORDER BY many DESC LIMIT 12) x)::text
"""
_ORDERS = {
    SortBy.BEST: _BEST,
    SortBy.NAME: "name_order, product_id",
    SortBy.CHEAPEST: f"currency IS DISTINCT FROM %(currency)s, minor, {_BEST}",
    SortBy.DEAREST: f"currency IS DISTINCT FROM %(currency)s, minor DESC, {_BEST}",
}


def search(
    text: str,
    *,
    language: str,
    currency: str,
    narrowed: Narrowed = Narrowed(),  # noqa: B008 - frozen
    order: SortBy = SortBy.BEST,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> SearchPage:
    """One page (from 1) of the products ``text`` finds in any language, shown in ``language``."""
    asked = rules.asked_words(text)
    if not asked:
        return SearchPage()
    known = _known(asked)
    meanings: list[Meaning] = []
    without, corrected = [], []
    for (word, shown), found in zip(asked, known, strict=True):
        meant = rules.meaning(word, found, typed=shown)
        if meant is None:
            without.append(shown)
            continue
        meanings.append(meant)
        if meant.instead:
            corrected.append((shown, meant.instead))
    if not meanings:
        return SearchPage(without=tuple(without))
    answer = _ask(
        meanings,
        narrowed,
        order,
        language=language,
        currency=currency,
        limit=per_page + 1,
        offset=(max(page, 1) - 1) * per_page,
    )
    found, looked_at, tier, products, categories, options = answer
    rows = json.loads(products or "[]")
    return SearchPage(
        products=tuple(
            ProductRow(slug, name, picture, Money(minor, money) if money else None, several, in_stock)
            for slug, name, picture, minor, money, several, in_stock in rows[:per_page]
        ),
        found=found,
        cut=looked_at == LOOKED_AT,
        more=len(rows) > per_page,
        corrected=tuple(corrected),
        without=tuple(without),
        partly=tier in {0, 1},
        categories=tuple(Choice(*each) for each in json.loads(categories or "[]")),
        options=tuple(Choice(*each) for each in json.loads(options or "[]")),
    )


def _known(words: tuple[tuple[str, str], ...]) -> list[Known]:
    """What the vocabulary has for each word. One statement."""
    statements: list[str] = []
    parameters: list[str | list[str]] = []
    for place, (word, typed) in enumerate(words):
        statement = _WORDS
        parameters += [[word, *rules.endings(word), *rules.inner(word)], word, word + _LAST_CHARACTER]
        if rules.is_text(word) and len(word) >= rules.SHORTEST_PART:
            statement += _PARTS
            parameters += [list(rules.parts(word)), word, word]
        if slips := rules.slips_of(word, typed):
            statement += _SLIPS
            parameters += [list(slips), word]
        statements.append(statement.format(place=place))
    found: list[dict[str, dict[str, str]]] = [{} for _ in words]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        for place, kind, word, shown in cursor.fetchall():
            found[place].setdefault(kind, {})[word] = shown
    return [
        Known(
            same=each.get("same", {}),
            begins="begins" in each,
            holds={held: shown for held, shown in each.get("holds", {}).items() if held != word},
            near=each.get("near", {}),
        )
        for (word, _), each in zip(words, found, strict=True)
    ]


def _ask(
    meanings: list[Meaning],
    narrowed: Narrowed,
    order: SortBy,
    *,
    language: str,
    currency: str,
    limit: int,
    offset: int,
) -> tuple[Any, ...]:
    marks = [f"o:{option}" for option in narrowed.options]
    if narrowed.category:
        marks.append(f"c:{narrowed.category}")
    queries = rules.queries(meanings, marks)
    priced = narrowed.least is not None or narrowed.most is not None
    fits = ["true", *(["fits"] if priced else []), *(["in_stock"] if narrowed.in_stock else [])]
    live = len(fits) > 1 or order in {SortBy.CHEAPEST, SortBy.DEAREST}
    statement = _HITS + (_LIVE if live else _NOT_LIVE).format(
        order=_ORDERS[order], offer=_OFFER, fits=" AND ".join(fits)
    )
    statement += _ANSWER.format(order=_ORDERS[order])
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "named": queries.named,
                "anywhere": queries.anywhere,
                "wider": queries.wider,
                "partly": queries.partly,
                "hardly": queries.hardly,
                "close": queries.close,
                "loose": queries.loose,
                "looked_at": LOOKED_AT,
                "choices": _CHOICES_FROM,
                "language": language,
                "currency": currency,
                "first": settings.SHOP_CURRENCY,
                "least": narrowed.least or 0,
                "most": 10**12 if narrowed.most is None else narrowed.most,
                "limit": limit,
                "offset": offset,
            },
        )
        row: tuple[Any, ...] = cursor.fetchone()
        return row
