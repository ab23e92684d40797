"""Every route the shop has, read from Django's resolver: pages, files, hooks and the API alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern


@dataclass(frozen=True, slots=True)
class Route:
    """``address`` with its parameters in angle brackets, without language. ``translated``: also under /de/."""

    address: str
    name: str
    parameters: tuple[str, ...]
    translated: bool


def every_route(resolver: URLResolver | None = None) -> dict[str, Route]:
    """By address. Two patterns of one address are one route: Django answers with the first."""
    found: dict[str, Route] = {}
    for route in _walk(resolver or get_resolver(), "", (), False):
        found.setdefault(route.address, route)
    return found


def _walk(
    resolver: URLResolver, before: str, parameters: tuple[str, ...], translated: bool
) -> Iterator[Route]:
    for each in resolver.url_patterns:
        prefix = isinstance(each.pattern, LocalePrefixPattern)
        address = before if prefix else before + str(each.pattern)
        known = (*parameters, *each.pattern.converters)
        if isinstance(each, URLPattern):
            yield Route(address, each.name or "", known, translated)
        else:
            yield from _walk(each, address, known, translated or prefix)
