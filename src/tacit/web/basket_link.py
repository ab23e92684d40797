"""What stands in a link that fills a cart, and the note it leaves for the checkout page.

Items are written as the permalink capability of the Universal Commerce Protocol writes them; docs/shortcuts.md.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core import signing
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from tacit.web import parsing
from tacit.web.parsing import BadInput

MOST_ITEMS = 20
LONGEST_SKU = 64
LONGEST_DESTINATION = 500
NOTE_KEPT_SECONDS = 24 * 60 * 60
ENCODED = "~"
"""Before a SKU in base64url, for one that holds more than an address's plain characters."""
_PLAIN = re.compile(r"[A-Za-z0-9._-]+\Z")
_QUANTITY = re.compile(r"[1-9][0-9]{0,2}\Z")
_LOCAL = re.compile(r"/(?!/)[^\\\s]*\Z")
_SALT = "tacit.web.left-out"


def written(items: Mapping[str, int]) -> str:
    """``items`` (SKU → quantity) as ``read`` reads them: ``KETTLE:2,~Qi8x:1``."""
    return ",".join(f"{_token(sku)}:{quantity}" for sku, quantity in items.items())


def _token(sku: str) -> str:
    if _PLAIN.match(sku):
        return sku
    return ENCODED + urlsafe_b64encode(sku.encode()).rstrip(b"=").decode("ascii")


def read(given: str) -> dict[str, int]:
    """``SKU:2,SKU:1`` → quantities by SKU; ``~`` begins a SKU in base64url without padding.

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
        token, _colon, quantity = piece.rpartition(":")
        sku = _sku(token)
        if not sku or not _QUANTITY.match(quantity) or sku in items:
            shown = piece[:80] if parsing.is_plain(piece) else "…"
            sentence = _(
                "“%(piece)s” should be an article number, a colon and a quantity, each article once."
            )
            raise BadInput("items", sentence % {"piece": shown}, status=400)
        items[sku] = int(quantity)
    return items


def _sku(token: str) -> str:
    """The SKU a token stands for; '' when it stands for none."""
    sku = "" if ":" in token else token
    if token.startswith(ENCODED):
        try:
            sku = urlsafe_b64decode(token[1:] + "=" * (-len(token[1:]) % 4)).decode()
        except ValueError:
            return ""
        if urlsafe_b64encode(sku.encode()).rstrip(b"=").decode("ascii") != token[1:]:
            return ""  # one SKU, one way of writing it
    return sku if len(sku) <= LONGEST_SKU and parsing.is_plain(sku) else ""


def destination(wished: Sequence[str], *, default: str) -> str:
    """Where a link leads on to: the one ``continue_to`` it names if that is a page of ours, else ``default``.

    ``wished`` is percent-decoded, and so is not repeated as it came: dots are resolved, the rest encoded anew.
    """
    if len(wished) != 1 or len(wished[0]) > LONGEST_DESTINATION or not parsing.is_plain(wished[0]):
        return default
    if not _LOCAL.match(wished[0]):
        return default
    ours = urlsplit(settings.SHOP_URL)
    found = urlsplit(urljoin(f"{settings.SHOP_URL}/", wished[0]))
    if (found.scheme, found.netloc) != (ours.scheme, ours.netloc) or found.path.startswith("//"):
        return default
    return iri_to_uri(found._replace(scheme="", netloc="").geturl())


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
