"""What machines read of a page: its one address, Open Graph, schema.org.

Made of the same view the page shows, without a further query. ``docs/shortcuts.md`` says what is in it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from html import escape
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tacit.catalog.types import CategoryRow, ProductView, VariantView
from tacit.checkout import queries as checkout
from tacit.web.language import of_path, readings

Data = dict[str, Any]

MEANT = {"home": ("page",), "category": ("page",), "search": ("q", "page")}
"""The parameters that make another page of it, by the page's name. All others only say how somebody came."""

LOCALES = {"en": "en_GB", "de": "de_DE"}
LONGEST_SUMMARY = 155
LONGEST_DESCRIPTION = 500
_UNSAFE = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
"""Characters that could end a script element, or a line where JSON is read as JavaScript."""


def meant_query(request: HttpRequest) -> str:
    """The query string without what does not belong to the page; ``page=1`` is the page itself."""
    names = MEANT.get(request.resolver_match.url_name or "", ()) if request.resolver_match else ()
    kept = [(name, request.GET.get(name, "").strip()) for name in names]
    return urlencode([(name, value) for name, value in kept if value and (name, value) != ("page", "1")])


def alternates(request: HttpRequest) -> str:
    """Links, as HTML, to the page's one address (canonical) and to the page in every language."""
    found = [
        (each, escape(settings.SHOP_URL + each.path))
        for each in readings(request.path, query=meant_query(request))
    ]
    links = [f'<link rel="canonical" href="{url}">' for each, url in found if each.active]
    named = [*((each.code, url) for each, url in found), ("x-default", found[0][1])]
    links += [f'<link rel="alternate" hreflang="{code}" href="{url}">' for code, url in named]
    return "\n".join(links)


def address(request: HttpRequest) -> str:
    """The page's canonical address, absolute."""
    asked = meant_query(request)
    return settings.SHOP_URL + request.path + (f"?{asked}" if asked else "")


def absolute(path: str) -> str:
    """A path of ours with the shop's own address before it; what is absolute stays as it is."""
    return settings.SHOP_URL + path if path.startswith("/") else path


def summary(product: ProductView) -> str:
    """The first words of a product's description, on one line."""
    return shortened(" ".join(product.description.split()), LONGEST_SUMMARY)


def shortened(text: str, longest: int) -> str:
    """``text`` of at most ``longest`` characters, the last of them … when something is missing."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def shown_first(product: ProductView) -> VariantView | None:
    """The variant whose price stands on the page: the first to be had, else the first with a price."""
    priced = [variant for variant in product.variants if variant.price is not None]
    return next((variant for variant in priced if variant.available > 0), next(iter(priced), None))


def open_graph(
    request: HttpRequest, *, product: ProductView | None = None, picture: str = "", title: str = ""
) -> list[tuple[str, str]]:
    """(property, content) for link previews. ``picture``: the product's, as an address of ours.

    Readers of Open Graph take no SVG; in place of such a picture and of none stands the shop's own preview.
    """
    language = of_path(request.path)
    found = [
        ("og:site_name", settings.SHOP_NAME),
        ("og:type", "product" if product else "website"),
        ("og:title", product.name if product else title or settings.SHOP_NAME),
        ("og:url", address(request)),
        ("og:locale", LOCALES.get(language, language)),
    ]
    found += [
        ("og:locale:alternate", LOCALES.get(code, code))
        for code, _name in settings.LANGUAGES
        if code != language
    ]
    if product is not None and picture and not picture.endswith(".svg"):
        found += [("og:image", absolute(picture)), ("og:image:alt", product.name)]
    elif settings.SHOP_PREVIEW is not None:
        found += [("og:image", absolute(settings.SHOP_PREVIEW.path)), ("og:image:alt", settings.SHOP_NAME)]
    if product is None:
        return found
    if product.description:
        found.append(("og:description", summary(product)))
    first = shown_first(product)
    if first is not None and first.price is not None:
        found += [
            ("product:price:amount", f"{first.price.amount():f}"),
            ("product:price:currency", first.price.currency),
            ("product:availability", "in stock" if first.available > 0 else "out of stock"),
        ]
    return found


def product_data(
    product: ProductView, *, url: str, picture: str = "", plus_tax: Collection[str] = ()
) -> Data:
    """schema.org Product with an Offer for each variant that has a price.

    ``picture``: the product's, as an address of ours. ``plus_tax``: currencies whose prices do not include tax;
    an offer that says nothing about tax includes it.
    """
    found: Data = {"@type": "Product", "name": product.name, "url": url}
    if product.description:
        found["description"] = shortened(product.description, LONGEST_DESCRIPTION)
    if picture:
        found["image"] = absolute(picture)
    if product.category:
        found["category"] = " > ".join(name for _slug, name in product.category)
    if len(product.variants) == 1:
        found["sku"] = product.variants[0].sku
    if product.facts:
        found["additionalProperty"] = [
            {"@type": "PropertyValue", "name": name, "value": value} for name, value in product.facts
        ]
    offers = [_offer(variant, url, plus_tax) for variant in product.variants if variant.price is not None]
    if offers:
        found["offers"] = offers
    return found


def _offer(variant: VariantView, url: str, plus_tax: Collection[str]) -> Data:
    assert variant.price is not None
    stock = "InStock" if variant.available > 0 else "OutOfStock"
    found: Data = {"@type": "Offer", "sku": variant.sku}
    if variant.label:
        found["name"] = variant.label
    price = {"price": f"{variant.price.amount():f}", "priceCurrency": variant.price.currency}
    if variant.price.currency in plus_tax:
        found["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            **price,
            "valueAddedTaxIncluded": False,
        }
    return found | {
        "url": url,
        **price,
        "availability": f"https://schema.org/{stock}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@type": "Organization", "name": settings.SHOP_NAME},
    }


def breadcrumbs(steps: Iterable[tuple[str, str]]) -> Data:
    """schema.org BreadcrumbList. ``steps``: (name, path), the shop's entrance first."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": settings.SHOP_URL + path}
            for place, (name, path) in enumerate(steps, start=1)
        ],
    }


def shop_data(language: str) -> list[Data]:
    """schema.org Organization, and WebSite with how it is searched."""
    home = settings.SHOP_URL + reverse("home")
    searched = settings.SHOP_URL + reverse("search") + "?q={words}"
    return [
        {"@type": "Organization", "name": settings.SHOP_NAME, "url": home, "email": settings.SHOP_MAIL},
        {
            "@type": "WebSite",
            "name": settings.SHOP_NAME,
            "url": home,
            "inLanguage": language,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": searched},
                "query-input": "required name=words",
            },
        },
    ]


def graph(
    request: HttpRequest,
    *,
    product: ProductView | None = None,
    shelf: CategoryRow | None = None,
    picture: str = "",
) -> list[Data]:
    """The schema.org data of a page that shows a product, a shelf or neither; nothing for pages about no thing."""
    home = (_("Home"), reverse("home"))
    if product is not None:
        above = [(name, reverse("category", args=[slug])) for slug, name in product.category]
        steps = [home, *above, (product.name, request.path)]
        url, plus_tax = address(request), _plus_tax(product)
        data = product_data(product, url=url, picture=picture, plus_tax=plus_tax)
        return [data, breadcrumbs(steps)]
    if shelf is not None:
        return [breadcrumbs([home, (shelf.name, request.path)])]
    if request.resolver_match and request.resolver_match.url_name == "home" and not meant_query(request):
        return shop_data(of_path(request.path))
    return []


def _plus_tax(product: ProductView) -> set[str]:
    """The product's currencies whose prices do not include tax: no statement while the terms are kept, which
    the note beside the price reads too."""
    found = {variant.price.currency for variant in product.variants if variant.price is not None}
    return {
        each
        for each in found
        if not checkout.terms(country=settings.SHOP_COUNTRY, currency=each).tax_included
    }


def script(data: list[Data]) -> SafeString:
    """A script element with JSON-LD that no text in it can end; '' for no data."""
    if not data:
        return SafeString("")
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": data}, ensure_ascii=False, separators=(",", ":")
    ).translate(_UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped just above
