"""The merchant's mark: one SVG or PNG file, checked when it is read, beside the name and as the browser's icon."""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from html import escape
from pathlib import Path
from xml.etree import ElementTree

LARGEST_SVG = 64 * 1024
LARGEST_PNG = 256 * 1024
LARGEST_SIDE = 2048  # pixels
HEIGHT = 28  # CSS pixels in the head of a page
WIDEST = 8
"""Times its height: wider than this it would not fit a telephone."""

SVG, PNG = "image/svg+xml", "image/png"
_PNG_BEGIN = b"\x89PNG\r\n\x1a\n"
_ACTIVE = frozenset(
    {"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "image", "handler"}
)
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*")


class BadMark(ValueError):
    """The file cannot be the mark; the message is a clause after its name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """``kind``: its media type; ``width``: CSS pixels at ``HEIGHT``; ``digest`` changes with the content."""

    content: bytes
    kind: str
    width: int
    digest: str


def read(path: Path) -> Mark:
    """The mark in a file. Raises BadMark, which names the reason and the way out."""
    try:
        if not path.is_file():
            raise BadMark("is no file; name an SVG or PNG file")
        with path.open("rb") as file:
            content = file.read(LARGEST_PNG + 1)
    except OSError as error:
        raise BadMark(f"cannot be read: {error.strerror}") from None
    return of(content)


def of(content: bytes) -> Mark:
    """The mark with this content. Raises BadMark."""
    if content.startswith(_PNG_BEGIN):
        return _made(content, PNG, _png_ratio(content))
    if b"<svg" in content[:4096]:
        return _made(content, SVG, _svg_ratio(content))
    raise BadMark("is neither SVG nor PNG; save it as one of them")


def initial(name: str, *, ground: str, text: str) -> Mark:
    """A mark for a shop without one: the first letter of its name on its colour."""
    letter = escape(next((each for each in name if each.isalnum()), "·").upper())
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{ground}"/><text x="16" y="23" text-anchor="middle" '
        f'font-family="system-ui, sans-serif" font-weight="600" font-size="20" fill="{text}">{letter}</text></svg>'
    )
    return _made(drawn.encode(), SVG, 1)


def _made(content: bytes, kind: str, ratio: float) -> Mark:
    if not 1 / WIDEST <= ratio <= WIDEST:
        raise BadMark(f"is {ratio:.1f} times as wide as high; at most {WIDEST} times fits beside a name")
    return Mark(content, kind, max(round(HEIGHT * ratio), 1), hashlib.sha256(content).hexdigest()[:12])


def _png_ratio(content: bytes) -> float:
    if len(content) > LARGEST_PNG:
        raise BadMark(f"is larger than {LARGEST_PNG // 1024} KiB; save it smaller, 512 pixels are plenty")
    if len(content) < 33 or content[12:16] != b"IHDR":
        raise BadMark("is a damaged PNG; save it anew")
    width, height = struct.unpack(">II", content[16:24])
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise BadMark(f"has {width} × {height} pixels; at most {LARGEST_SIDE} a side are allowed")
    return float(width / height)


def _svg_ratio(content: bytes) -> float:
    if len(content) > LARGEST_SVG:
        raise BadMark(f"is larger than {LARGEST_SVG // 1024} KiB; simplify the drawing, or use a PNG")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadMark("has a DOCTYPE; save it as plain SVG without one")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - no entities can be declared without a DOCTYPE
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadMark(f"is no readable SVG ({error}); save it anew") from None
    for element in root.iter():
        _check(element)
    sides = [_NUMBER.fullmatch(root.get(side, "")) for side in ("width", "height")]
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        width, height = (
            (float(box[2]), float(box[3])) if len(box) == 4 else [float(each[1]) for each in sides if each]
        )
        return width / height
    except (ValueError, ZeroDivisionError):
        raise BadMark("does not say how large it is; give the svg element a viewBox") from None


def _check(element: ElementTree.Element) -> None:
    name = _local(element.tag)
    if name in _ACTIVE:
        raise BadMark(f"contains <{name}>; a mark is lines and shapes only, remove it")
    for attribute, value in element.attrib.items():
        plain = _local(attribute)
        if plain.startswith("on") or (plain == "href" and not value.strip().startswith("#")):
            raise BadMark(
                f"has the attribute {plain} on <{name}>; nothing in a mark may act or load, remove it"
            )
    for words in (element.text or "", *element.attrib.values()):
        if re.search(r"@import|url\(\s*['\"]?(?!#)", words, re.IGNORECASE):
            raise BadMark("loads something from elsewhere; put all of the drawing into the file")


def _local(name: object) -> str:
    return name.rpartition("}")[2].lower() if isinstance(name, str) else ""
