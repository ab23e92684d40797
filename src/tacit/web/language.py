"""The language of a page is in its address: ``/de/…`` is German, no prefix is the shop's first language.

Neither a cookie nor Accept-Language decides, so a page is the same for everybody who asks for its address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation


@dataclass(frozen=True, slots=True)
class Reading:
    """A page in one of the languages; ``name`` in that language itself."""

    code: str
    name: str
    path: str
    active: bool


def of_path(path: str) -> str:
    """``/de/p/kettle`` → ``de``; what has no prefix is in the first language."""
    first = path[1:].partition("/")[0]
    known = {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    return first if first in known and path[1:].startswith(f"{first}/") else settings.LANGUAGE_CODE


def readings(path: str, *, query: str = "") -> list[Reading]:
    """The page at ``path`` in every language, the first language first."""
    active = of_path(path)
    bare = path if active == settings.LANGUAGE_CODE else path[len(active) + 1 :]
    asked = f"?{query}" if query else ""
    return [
        Reading(
            code,
            name,
            (bare if code == settings.LANGUAGE_CODE else f"/{code}{bare}") + asked,
            code == active,
        )
        for code, name in settings.LANGUAGES
    ]


class LanguageMiddleware:
    """Answers in the language of the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        code = of_path(request.path_info)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", code)
            return response
