"""The search page: what was asked, what was found, what it can be narrowed to, and the note of it."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tacit.catalog import actions, queries
from tacit.catalog.types import Choice, Narrowed, SearchPage, SortBy
from tacit.core import clock
from tacit.core.money import Money, MoneyError
from tacit.web import parsing
from tacit.web.currency import currency_of
from tacit.web.parsing import BadInput

SEARCHED_BY = ("q", "category", "option", "stock", "least", "most", "sort", "page")
"""The query parameters of a search."""
SEARCHER = ("User-Agent", "Sec-Purpose")
"""Request headers that tell whether a person searches."""
LONGEST_QUERY = 100
_LONGEST_VALUE = 130
_MOST_OPTIONS = 6
_MACHINE = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor|facebookexternalhit", re.IGNORECASE)
"""What programs that look at pages by themselves call themselves."""


def search_page(request: HttpRequest) -> dict[str, Any] | None:
    """What the search page shows; only a form when nothing is asked, None when there is no such page of it.

    Raises BadInput.
    """
    query = parsing.text(request.GET, "q", longest=LONGEST_QUERY)
    if not query:
        return {}
    page = parsing.page_number(request.GET)
    currency = currency_of(request)
    narrowed, sort = _narrowed(request.GET, currency), _sort(request.GET)
    language = get_language() or settings.LANGUAGE_CODE
    found = queries.search(
        query, language=language, currency=currency, narrowed=narrowed, order=sort, page=page
    )
    if page > 1 and not found.products:
        return None
    first = page == 1 and not narrowed and sort is SortBy.BEST
    if first and request.method == "GET" and not _is_machine(request):
        actions.note_search(
            words=query, language=language, found=found.found, corrected=found.corrected, now=clock.now()
        )
    return {
        "query": query,
        "found": found,
        "products": found.products,
        "narrowed": narrowed,
        "asked": _asked(query, request.GET, narrowed, sort),
        "sorts": [(each.value, name, each is sort) for each, name in _sorts()],
        "category_choices": _with_chosen(found.categories, [narrowed.category]),
        "option_choices": _options(found, narrowed),
        "least": request.GET.get("least", "").strip(),
        "most": request.GET.get("most", "").strip(),
        "page": page,
        "earlier": page - 1,
        "later": page + 1 if found.more else 0,
    }


def _is_machine(request: HttpRequest) -> bool:
    """Whether nobody looked for this: a robot, or a browser that fetches ahead."""
    return bool(
        _MACHINE.search(request.headers.get("User-Agent", ""))
        or "prefetch" in request.headers.get("Sec-Purpose", "")
    )


def _narrowed(given: QueryDict, currency: str) -> Narrowed:
    options = given.getlist("option")
    if len(options) > _MOST_OPTIONS:
        raise BadInput("option", _("At most %(most)s of these at once.") % {"most": _MOST_OPTIONS})
    for each in [*options, given.get("category", "")]:
        if len(each) > _LONGEST_VALUE or not parsing.is_plain(each):
            raise BadInput("option", _("There is no such choice."))
    least, most = _amount(given, "least", currency), _amount(given, "most", currency)
    if least is not None and most is not None and least > most:
        raise BadInput("most", _("The highest price cannot be below the lowest."))
    return Narrowed(
        category=given.get("category", "").strip(),
        options=tuple(dict.fromkeys(each for each in options if each)),
        in_stock=bool(given.get("stock")),
        least=least,
        most=most,
    )


def _amount(given: QueryDict, field: str, currency: str) -> int | None:
    """Minor units of an amount typed with point or comma, None when none is."""
    typed = parsing.text(given, field, longest=20)
    if not typed:
        return None
    try:
        amount = Money.parse(typed.replace(",", "."), currency)
    except MoneyError:
        raise BadInput(field, _("This is not an amount. Write it like 12.50.")) from None
    if amount.minor < 0:
        raise BadInput(field, _("An amount cannot be less than nothing."))
    return amount.minor


def _sort(given: QueryDict) -> SortBy:
    try:
        return SortBy(given.get("sort") or SortBy.BEST)
    except ValueError:
        raise BadInput("sort", _("It cannot be sorted like that. Choose from the list.")) from None


def _sorts() -> list[tuple[SortBy, str]]:
    return [
        (SortBy.BEST, _("closest first")),
        (SortBy.CHEAPEST, _("lowest price first")),
        (SortBy.DEAREST, _("highest price first")),
        (SortBy.NAME, _("by name")),
    ]


def _asked(query: str, given: QueryDict, narrowed: Narrowed, sort: SortBy) -> QueryDict:
    """The address of this search without its page."""
    asked = QueryDict(mutable=True)
    asked["q"] = query
    if narrowed.category:
        asked["category"] = narrowed.category
    if narrowed.options:
        asked.setlist("option", list(narrowed.options))
    if narrowed.in_stock:
        asked["stock"] = "1"
    for field in ("least", "most"):
        if typed := given.get(field, "").strip():
            asked[field] = typed
    if sort is not SortBy.BEST:
        asked["sort"] = sort.value
    return asked


def _with_chosen(choices: tuple[Choice, ...], chosen: list[str]) -> list[tuple[str, str, bool]]:
    """(value, label, chosen) of the choices, those that are chosen among them even when nothing has them."""
    listed = {choice.value: choice.label for choice in choices}
    missing = {value: value.rpartition("=")[2] for value in chosen if value and value not in listed}
    return [(value, label, value in chosen) for value, label in {**listed, **missing}.items()]


def _options(found: SearchPage, narrowed: Narrowed) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Option name → its values; a value is listed once however many languages name it."""
    rest = list(narrowed.options)
    groups = []
    seen: set[str] = set()
    for name, each in groupby(found.options, key=lambda choice: choice.group):
        values = [choice for choice in each if choice.value not in seen]
        seen |= {choice.value for choice in values}
        own = [value for value in rest if value in seen]
        rest = [value for value in rest if value not in seen]
        if len(values) > 1 or own:
            groups.append((name, _with_chosen(tuple(values), own)))
    return [*groups, *((value.partition("=")[0], _with_chosen((), [value])) for value in rest)]
