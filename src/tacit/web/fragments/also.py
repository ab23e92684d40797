"""Also in this category: up to four other products of the same shelf that are in stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tacit.catalog import queries as catalog
from tacit.web.fragments.kinds import Asked, Budget, Fragment

MOST = 4


def load(asked: Asked) -> Mapping[str, Any] | None:
    found = catalog.also_in_category(asked.slug, currency=asked.currency, language=asked.language, most=MOST)
    return {"products": found} if found else None


ALSO = Fragment(
    name="also",
    room="catalog",
    title=_("Also in this category"),
    template="web/fragments/also.html",
    load=load,
    budget=Budget(bytes=4_096, milliseconds=150, statements=1),
)
