"""What pages and mails say, and what that is in German.

`python -m tests.messages` takes over new sentences into the .po files, drops those no longer said, and compiles
the .mo files. What has no translation yet stays empty, which a test refuses.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).parents[1] / "src" / "tacit"
ROOMS = ("accounts", "api", "catalog", "checkout", "web")
LANGUAGES = ("de",)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""For all headers: the time of writing would make a change where there is none."""

Said = tuple[str | tuple[str, str], str | None]
"""(what is said, or its singular and plural; the context)."""


def places(room: str) -> Iterator[tuple[Path, str]]:
    """Every file of a room that may say something, as source text that calls gettext."""
    for path in sorted((SOURCE / room).rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, path.read_text(encoding="utf-8")
        if path.suffix in {".html", ".txt"} and "templates" in path.parts:
            yield path, templatize(path.read_text(encoding="utf-8"))


def said(room: str) -> dict[Said, str]:
    """Everything a room says, with the file that says it first."""
    found: dict[Said, str] = {}
    for path, source in places(room):
        for _, message, _, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
            where = path.relative_to(SOURCE).as_posix()
            found.setdefault((message if isinstance(message, str) else tuple(message), context), where)
    return found


def file(room: str, language: str) -> Path:
    return SOURCE / room / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    with path.open("rb") as po:
        return read_po(po, locale=language, domain="django")


def compiled(catalog: Catalog) -> bytes:
    """The .mo file of a catalogue."""
    output = io.BytesIO()
    write_mo(output, catalog)
    return output.getvalue()


def update(room: str, language: str) -> Catalog:
    """The room's catalogue with exactly what it says now, in the order of its files."""
    path = file(room, language)
    known = read(path, language) if path.exists() else Catalog(locale=language)
    fresh = Catalog(
        locale=language,
        domain="django",
        fuzzy=False,
        header_comment=f"# What {room} says.",
        project="Tacit",
        version="1",
        msgid_bugs_address="nobody",
        last_translator="Tacit",
        language_team=language,
        creation_date=BEGINNING,
        revision_date=BEGINNING,
    )
    for (message, context), where in said(room).items():
        before = known.get(message, context)
        fresh.add(
            message,
            string=before.string if before else None,
            locations=[(where, None)],
            flags=_format(message),
            context=context,
        )
    return fresh


def _format(message: str | tuple[str, ...]) -> set[str]:
    text = message if isinstance(message, str) else "".join(message)
    return {"python-format"} if "%(" in text else set()


def main() -> None:
    for room in ROOMS:
        for language in LANGUAGES:
            catalog = update(room, language)
            path = file(room, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as po:
                write_po(po, catalog, width=110, omit_header=False)
            path.with_suffix(".mo").write_bytes(compiled(catalog))
            print(f"{room} {language}: {len(catalog)} sentences, {len(empty(catalog))} without a translation")


def empty(catalog: Catalog) -> list[object]:
    """What has no translation yet."""
    return [one.id for one in catalog if one.id and not all(strings(one.string))]


def strings(string: object) -> tuple[str, ...]:
    """A message's one text, or its singular and plural."""
    return tuple(string) if isinstance(string, (list, tuple)) else (str(string or ""),)


if __name__ == "__main__":
    main()
