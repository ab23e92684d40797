"""A copy of somebody's data to take away: a ZIP with one file for machines and one to read."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from tacit.accounts import actions
from tacit.core import ports
from tacit.core.personal import PersonalData, Subject


def answer(subject: Subject, *, now: datetime) -> HttpResponse:
    """The ZIP as a download."""
    response = HttpResponse(packed(subject, now=now), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="data-{now:%Y-%m-%d}.zip"'
    return response


def packed(subject: Subject, *, now: datetime) -> bytes:
    """data.json and data.html, which say the same."""
    held = actions.everything(subject)
    whole = {"shop": settings.SHOP_NAME, "made_at": now.isoformat(timespec="seconds"), **held}
    page = {
        "language": get_language() or settings.LANGUAGE_CODE,
        "shop": settings.SHOP_NAME,
        "day": now,
        "sections": _sections(held),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("data.json", json.dumps(whole, indent=1, ensure_ascii=False))
        box.writestr("data.html", render_to_string("web/data/copy.html", page))
    return file.getvalue()


def _sections(held: dict[str, dict[str, Any]]) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """(name, things); a thing is a list of (field, value)."""
    rooms = ports.every(PersonalData)
    found = []
    for room, kinds in held.items():
        for what, things in kinds.items():
            each = things if isinstance(things, list) else [things]
            found.append((rooms[room].name(what), [list(_flat(thing)) for thing in each if thing]))
    return found


def _flat(thing: Any, path: str = "") -> list[tuple[str, str]]:
    """Every value with the path to it."""
    if isinstance(thing, dict):
        return [pair for key, value in thing.items() for pair in _flat(value, f"{path} {key}".strip())]
    if isinstance(thing, list):
        return [pair for number, value in enumerate(thing, 1) for pair in _flat(value, f"{path} {number}")]
    return [(path.replace("_", " "), "–" if thing is None or thing == "" else str(thing))]
