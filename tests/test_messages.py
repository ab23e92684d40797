"""Every sentence of the shop is said in every language, and the compiled files say the same."""

from __future__ import annotations

import gettext
import re

import pytest

from tests import messages

PLACES = [(room, language) for room in messages.ROOMS for language in messages.LANGUAGES]
HELD = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize(("room", "language"), PLACES)
def test_the_catalogue_says_exactly_what_the_room_says(room: str, language: str) -> None:
    catalog = messages.read(messages.file(room, language), language)
    translated = {
        (tuple(m.id) if isinstance(m.id, (list, tuple)) else m.id, m.context) for m in catalog if m.id
    }
    assert translated == set(messages.said(room)), "run: python -m tests.messages, then translate"


@pytest.mark.parametrize(("room", "language"), PLACES)
def test_every_sentence_is_translated_with_its_values(room: str, language: str) -> None:
    for message in messages.read(messages.file(room, language), language):
        if not message.id:
            continue
        said = messages.strings(message.id)
        assert not message.fuzzy, message.id
        for place, string in enumerate(messages.strings(message.string)):
            assert string, message.id
            held = said[min(place, len(said) - 1)]
            assert set(HELD.findall(string)) == set(HELD.findall(held)), message.id


@pytest.mark.parametrize(("room", "language"), PLACES)
def test_the_compiled_file_is_that_catalogue(room: str, language: str) -> None:
    path = messages.file(room, language)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in messages.read(path, language):
        if not message.id:
            continue
        said, strings = messages.strings(message.id), messages.strings(message.string)
        if len(said) == 2:
            assert [compiled.ngettext(*said, number) for number in (1, 2)] == list(strings)
        elif message.context:
            assert compiled.pgettext(message.context, said[0]) == strings[0]
        else:
            assert compiled.gettext(said[0]) == strings[0]


def test_a_sentence_without_translation_is_found() -> None:
    catalog = messages.update("accounts", "de")
    catalog.add("Something new")
    assert "Something new" in messages.empty(catalog)
    assert "Your code" not in messages.empty(catalog)
