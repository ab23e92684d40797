"""Answers as JSON, with a tag of what they say, so that nobody is sent or overwrites what changed unseen."""

from __future__ import annotations

import hashlib
import re

from django.http import HttpRequest, HttpResponse

from tacit.api.explaining import Changed
from tacit.api.shapes.money import Shown

MEDIA_TYPE = "application/json"
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def tag_of(shown: Shown) -> str:
    """The tag of what ``shown`` says: equal for equal content."""
    return _tag(shown.model_dump_json().encode())


def _tag(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def answer(shown: Shown, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """What a change came to: kept by nobody."""
    response = HttpResponse(shown.model_dump_json(), status=status, content_type=MEDIA_TYPE, headers=headers)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def read(request: HttpRequest, shown: Shown, *, everybody: bool = False) -> HttpResponse:
    """What a GET found, or 304 when the asker has it. ``everybody``: the same for all who read its language."""
    body = shown.model_dump_json().encode()
    tag = _tag(body)
    asked = request.headers.get("If-None-Match")
    same = asked is not None and (asked.strip() == "*" or tag in _TAG.findall(asked))
    response = HttpResponse(b"" if same else body, status=304 if same else 200, content_type=MEDIA_TYPE)
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = "no-cache" if everybody else "private, no-cache"
    return response


def unchanged(request: HttpRequest, shown: Shown | None) -> bool:
    """Whether the asker named, with ``If-Match``, what it read before; False when it named nothing.

    ``shown``: how it is now, None when it is not there. Raises Changed when that is something else.
    """
    asked = request.headers.get("If-Match")
    if asked is None:
        return False
    if shown is None or (asked.strip() != "*" and tag_of(shown) not in _TAG.findall(asked)):
        raise Changed
    return asked.strip() != "*"
