"""Serves the pictures that were fetched. Their names tell what is in them, so a copy may be kept for ever."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tacit.connectors.product_files.images import FOLDER
from tacit.connectors.product_files.pictures import SUFFIXES

_NAME = re.compile(rf"[0-9a-f]{{64}}\.({'|'.join(SUFFIXES)})")
_TYPES = {"jpg": "image/jpeg"}
_A_YEAR = 365 * 24 * 60 * 60


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """The picture called ``name``; 404 for anything that was not put there by an import."""
    del request
    if not _NAME.fullmatch(name):
        raise Http404
    try:
        opened = (Path(settings.HOME) / FOLDER / name).open("rb")
    except OSError:
        raise Http404 from None
    suffix = name.rpartition(".")[2]
    response = FileResponse(opened, content_type=_TYPES.get(suffix, f"image/{suffix}"))
    response["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
