"""Texts the merchant writes: about, imprint, terms, privacy, returns, and the words of the home page.

They are files ``about.en.md`` or ``about.en.txt`` in one folder, a name and a language each; a language without a
file of its own gets the shop's first. ``{shop_name}``, ``{shop_mail}`` and ``{shop_url}`` stand for the settings.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from pathlib import Path

import nh3
from markdown_it import MarkdownIt

NAMES = ("about", "imprint", "terms", "privacy", "returns")
HOME = "home"
LARGEST = 200_000  # bytes
LOOKED_SECONDS = 5.0
"""How long the folder is taken to hold what it held."""

_FILE = re.compile(r"([a-z]+)\.([a-z]{2})\.(md|txt)")
# fmt: off
_TAGS = frozenset(
    {
        "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "ul"
    }
)
# fmt: on
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_WIDE = '<div class="wide" tabindex="0"><table>'
"""A table wider than the screen scrolls inside itself, by keys too."""
_SCHEMES = {"https", "http", "mailto", "tel"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

logger = logging.getLogger(__name__)


class BadText(ValueError):
    """A text cannot be shown; the message names the file, the reason and the way out."""


@dataclass(frozen=True, slots=True)
class Text:
    """``title``: plain; ``html``: safe to show as it is."""

    name: str
    language: str
    title: str
    html: str


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    language: str
    changed: int
    size: int


def check(folder: Path) -> None:
    """Read every text of the folder once. Raises BadText."""
    if not folder.is_dir():
        raise BadText(f"{folder} is no folder; make it, or unset the setting")
    for path in files(folder):
        _read(path)


def names(folder: Path | None) -> list[str]:
    """Which of ``NAMES`` there is a text for, in some language."""
    if folder is None:
        return []
    found = _listed(folder)
    return [name for name in NAMES if name in found]


def text(
    folder: Path | None, name: str, *, language: str, first: str, words: Mapping[str, str]
) -> Text | None:
    """The text in ``language``, else in the shop's ``first``, else in any; None when there is none to show.

    ``words``: what ``{shop_name}`` and its like stand for. A file that went bad since the start counts as none
    and is logged.
    """
    if folder is None or not (found := _listed(folder).get(name)):
        return None
    chosen = found.get(language) or found.get(first) or next(iter(found.values()))
    try:
        return _shown(chosen, name, tuple(sorted(words.items())))
    except BadText as error:
        logger.error("%s", error)
        return None


_lists: dict[Path, tuple[float, dict[str, dict[str, _Found]]]] = {}


def _listed(folder: Path) -> dict[str, dict[str, _Found]]:
    """name → language → file, looked up now and then."""
    now = time.monotonic()
    if (known := _lists.get(folder)) and now - known[0] < LOOKED_SECONDS:
        return known[1]
    found: dict[str, dict[str, _Found]] = {}
    for path in files(folder):
        name, language, _ = path.name.split(".")
        try:
            state = path.stat()
        except OSError:
            continue
        found.setdefault(name, {})[language] = _Found(path, language, state.st_mtime_ns, state.st_size)
    _lists[folder] = (now, found)
    return found


def forget() -> None:
    """Look at the folder anew."""
    _lists.clear()


def files(folder: Path) -> Iterable[Path]:
    """Texts of the folder, a .txt before a .md of the same name, which then wins."""
    try:
        listed = sorted(folder.iterdir(), key=lambda path: (path.stem, path.suffix != ".txt"))
    except OSError as error:
        logger.error("%s cannot be read: %s", folder, error.strerror)
        return []
    return [
        path
        for path in listed
        if (parts := _FILE.fullmatch(path.name)) and parts[1] in {*NAMES, HOME} and path.is_file()
    ]


@lru_cache(maxsize=64)
def _shown(found: _Found, name: str, words: tuple[tuple[str, str], ...]) -> Text:
    content = _read(found.path)
    for key, value in words:
        content = content.replace("{" + key + "}", value)
    title, html = _markdown(content) if found.path.suffix == ".md" else _plain(content)
    return Text(name, found.language, title, html)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise BadText(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise BadText(f"{path} is larger than {LARGEST // 1000} kB; shorten it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadText(f"{path}, line {line}: this is not UTF-8; save the file as UTF-8") from None


def _markdown(content: str) -> tuple[str, str]:
    tokens = _MARKDOWN.parse(content)
    title = ""
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title = unescape(nh3.clean(_MARKDOWN.renderer.render(tokens[1:2], _MARKDOWN.options, {}), tags=set()))
        tokens = tokens[3:]
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:  # the page's own h1 stays the only one
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(html, tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    return title.strip(), clean.replace("<table>", _WIDE).replace("</table>", "</table></div>")


def _plain(content: str) -> tuple[str, str]:
    """The first line is the title; empty lines part paragraphs."""
    first, _, rest = content.strip().partition("\n")
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", rest) if each.strip()]
    return first.strip(), "".join(f"<p>{escape(each).replace(chr(10), '<br>')}</p>" for each in paragraphs)
