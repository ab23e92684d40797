"""The shop's categories, which nearly every page lists."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language

from tacit.catalog import queries as catalog
from tacit.catalog.types import CategoryRow

KEPT_SECONDS = 30


def shelves() -> Sequence[CategoryRow]:
    """The categories, for the head of the page; asked for anew only now and then."""
    language = get_language() or settings.LANGUAGE_CODE
    found: Sequence[CategoryRow] | None = cache.get(f"web.shelves.{language}")
    if found is None:
        found = catalog.categories(language)
        cache.set(f"web.shelves.{language}", found, KEPT_SECONDS)
    return found
