"""Where a list goes on: signed, so that it can be trusted, and bound to the list it comes from."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from tacit.api.explaining import Refused

_SALT = "tacit.api.cursor"
LONGEST = 400


def cursor(of: list[Any], place: list[Any]) -> str:
    """``of``: all that makes this list what it is; ``place``: where to go on. JSON values."""
    return signing.dumps([of, place], salt=_SALT, compress=False)


def place(of: list[Any], given: str) -> list[Any]:
    """The place of a cursor of this very list. Raises Refused."""
    try:
        listed, found = signing.loads(given, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        listed, found = None, []
    if listed != of:
        raise Refused(
            "cursor",
            "not_a_cursor",
            _("This cursor is damaged or of another list. Begin again without one."),
        )
    return list(found)
