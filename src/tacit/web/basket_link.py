"""What stands in a link that fills a cart, and the note it leaves for the checkout page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

from django.core import signing
from django.utils.translation import gettext as _

from tacit.web import parsing
from tacit.web.parsing import BadInput

MOST_ITEMS = 20
LONGEST_SKU = 64
NOTE_KEPT_SECONDS = 24 * 60 * 60
_QUANTITY = re.compile(r"[1-9][0-9]{0,2}\Z")
_SALT = "tacit.web.left-out"


def written(items: Mapping[str, int]) -> str:
    """``items`` (SKU → quantity) as ``read`` reads them once the address is decoded."""
    return ",".join(f"{quote(sku, safe='')}:{quantity}" for sku, quantity in items.items())


def read(given: str) -> dict[str, int]:
    """``SKU:2,SKU:1`` → quantities by SKU. In a SKU, ``%`` and what parts the items is percent-encoded.

    Raises BadInput (400) naming the piece that cannot be read.
    """
    pieces = given.split(",")
    if len(pieces) > MOST_ITEMS:
        raise BadInput(
            "items",
            _("At most %(most)s different things fit into one link.") % {"most": MOST_ITEMS},
            status=400,
        )
    items: dict[str, int] = {}
    for piece in pieces:
        name, _colon, quantity = piece.rpartition(":")
        sku = unquote(name)
        readable = 0 < len(sku) <= LONGEST_SKU and parsing.is_plain(sku) and ":" not in name
        if not readable or not _QUANTITY.match(quantity) or sku in items:
            shown = piece[:80] if parsing.is_plain(piece) else "…"
            sentence = _(
                "“%(piece)s” should be an article number, a colon and a quantity, each article once."
            )
            raise BadInput("items", sentence % {"piece": shown}, status=400)
        items[sku] = int(quantity)
    return items


def note(left_out: Sequence[tuple[str, str]]) -> str:
    """(SKU, why) of what could not be added, signed: nobody else puts words on our page."""
    return signing.dumps(list(left_out), salt=_SALT, compress=True)


def noted(given: str) -> list[tuple[str, str]]:
    """What ``note`` wrote; nothing if it is not ours or old."""
    try:
        found = signing.loads(given, salt=_SALT, max_age=NOTE_KEPT_SECONDS) if given else []
    except signing.BadSignature:
        return []
    return [(str(sku), str(why)) for sku, why in found]
