"""The part of a page's head that machines read."""

from __future__ import annotations

from html import escape

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from tacit.catalog.types import CategoryRow, ProductView
from tacit.web import structured
from tacit.web.templatetags.shown import static_file

register = template.Library()


@register.simple_tag(takes_context=True)
def machine_head(context: Context) -> SafeString:
    """Canonical address, other languages, Open Graph and JSON-LD of the page being rendered."""
    request = context.request  # type: ignore[attr-defined]  # pages are rendered for a request
    product, shelf = context.get("product"), context.get("shelf")
    product = product if isinstance(product, ProductView) else None
    shelf = shelf if isinstance(shelf, CategoryRow) else None
    picture = static_file(product.picture) if product else ""
    title = shelf.name if shelf else str(context.get("text_title", ""))
    preview = structured.open_graph(request, product=product, picture=picture, title=title)
    parts = [
        structured.alternates(request),
        *(f'<meta property="{name}" content="{escape(content)}">' for name, content in preview),
        structured.script(structured.graph(request, product=product, shelf=shelf, picture=picture)),
    ]
    return mark_safe("\n".join(part for part in parts if part))  # noqa: S308 - each part is escaped


@register.filter
def summary(product: ProductView) -> str:
    """The first words of its description."""
    return structured.summary(product)
