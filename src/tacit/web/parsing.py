"""Reading what came over the wire, before anything is done with it."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from django.http import QueryDict
from django.utils.translation import gettext as _

_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WHOLE = re.compile(r"-?[0-9]{1,18}\Z")
_KEY = re.compile(r"[A-Za-z0-9_\-]{8,80}\Z")
_SAME_SITE = re.compile(r"/(?![/\\])[!-~]*\Z")
LARGEST_PAGE = 1000


class BadInput(Exception):
    """A value that cannot be read. ``reason`` is a sentence for people; ``status`` 400 or 422."""

    def __init__(self, field: str, reason: str, *, status: int = 422) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.status = status


def is_plain(text: str) -> bool:
    """Whether every character can be seen or is a space: nothing that controls, breaks or turns the line."""
    return not any(unicodedata.category(each) in _UNSEEN or each in _TURNING for each in text)


def text(given: QueryDict, field: str, *, longest: int, required: bool = False) -> str:
    """One line of text, trimmed. Raises BadInput."""
    value = given.get(field, "").strip()
    if len(value) > longest:
        raise BadInput(field, _("At most %(longest)s characters fit here.") % {"longest": longest})
    if not is_plain(value):
        raise BadInput(
            field, _("This contains a character that cannot be seen. Type it instead of pasting it.")
        )
    if required and not value:
        raise BadInput(field, _("This is needed."))
    return value


def whole(given: QueryDict, field: str, *, least: int, most: int, default: int | None = None) -> int:
    """A whole number within bounds. Raises BadInput."""
    value = given.get(field, "").strip()
    if not value and default is not None:
        return default
    if not _WHOLE.match(value):
        raise BadInput(field, _("This is not a whole number."))
    number = int(value)
    if not least <= number <= most:
        raise BadInput(
            field, _("Choose a number from %(least)s to %(most)s.") % {"least": least, "most": most}
        )
    return number


def form_key(given: QueryDict) -> str:
    """What makes a form sent twice one act. Raises BadInput."""
    key = given.get("key", "")
    if not _KEY.match(key):
        raise BadInput("key", _("This page is damaged or too old. Open it anew and do it again."))
    return key


def page_number(given: QueryDict) -> int:
    """Which page of a list is asked for, from 1. Raises BadInput."""
    return whole(given, "page", least=1, most=LARGEST_PAGE, default=1)


def same_site_path(address: str, *, default: str) -> str:
    """``address`` if it leads to a page of ours, else ``default``: nobody is sent to another site from here."""
    if len(address) > 500 or not _SAME_SITE.match(address):
        return default
    parts = urlsplit(address)
    return default if parts.scheme or parts.netloc else address
