"""HTML to paragraphs of plain text and back. Nothing of the markup is kept. No Django."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from html.parser import HTMLParser

_DROPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "head",
        "title",
        "iframe",
        "object",
        "svg",
        "noscript",
        "select",
        "textarea",
    ]
)
_PARAGRAPHS = frozenset(
    ["p", "div", "ul", "ol", "table", "blockquote", "section", "article", "pre", "dl", "hr"]
    + [f"h{n}" for n in range(1, 7)]
)
_LINES = frozenset(["br", "tr", "dt", "dd"])
_MARKUP = re.compile(r"<[A-Za-z/!]|&[A-Za-z#]")
_BLANK = re.compile(r"\n\s*\n")


def has_markup(text: str) -> bool:
    return _MARKUP.search(text) is not None


def text_of(html: str) -> str:
    """Paragraphs, one blank line between them; a list's items each on a line after a dot."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    paragraphs = [_paragraph(part) for part in _BLANK.split("".join(parser.parts))]
    return "\n\n".join(part for part in paragraphs if part)


def html_of(text: str) -> str:
    """Its paragraphs as ``<p>``; ``text_of`` takes it back."""
    paragraphs = [_paragraph(part) for part in _BLANK.split(text)]
    return "\n".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


def _paragraph(text: str) -> str:
    seen = "".join(c for c in text if c == "\n" or c.isspace() or unicodedata.category(c) != "Cc")
    lines = (" ".join(line.split()) for line in seen.split("\n"))
    return "\n".join(line for line in lines if line)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _DROPPED:
            self._dropping.append(tag)
        elif not self._dropping:
            self._break(tag)
            if tag == "li":
                self.parts.append("\n• ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in _DROPPED and not self._dropping:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropping:
            while self._dropping.pop() != tag:
                pass
        elif not self._dropping:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.parts.append(" ".join(data.splitlines()))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n")
