"""Django's ``url`` tag with a memory; every template has it (settings, TEMPLATES).

Finding an address anew costs about 12 µs, and a page has dozens.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.template import Context
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language

register = template.Library()


@lru_cache(maxsize=8192)
def _address(name: str, given: tuple[object, ...], language: str | None, addresses: str) -> str:
    del language, addresses  # part of what is remembered: the same name leads elsewhere with others
    return reverse(name, args=given)


class QuickURL(URLNode):
    """Remembers addresses made of a name and plain values; leaves all others to Django."""

    def render(self, context: Context) -> str:
        if self.kwargs or self.asvar:
            return super().render(context)
        given = tuple(each.resolve(context) for each in self.args)
        if not all(type(each) in {str, int} for each in given):
            return super().render(context)
        found = _address(self.view_name.resolve(context), given, get_language(), settings.ROOT_URLCONF)
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    node = parse_url(parser, token)
    return QuickURL(node.view_name, node.args, node.kwargs, node.asvar)
