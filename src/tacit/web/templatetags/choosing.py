"""Long lists to choose from: written by hand, for a page of search results has well over a hundred options."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def options(choices: Iterable[tuple[str, str, bool]]) -> SafeString:
    """The options of a ``select``, of (value, label, chosen)."""
    return mark_safe(  # noqa: S308 - both texts are escaped
        "".join(
            f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(label)}</option>'
            for value, label, chosen in choices
        )
    )
