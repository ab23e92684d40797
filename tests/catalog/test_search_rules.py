"""Words, sort keys, slips and meanings, by properties."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.catalog.rules import search
from tacit.catalog.rules.search import Known, Meaning

WORD = st.text(alphabet=string.ascii_lowercase, min_size=4, max_size=12)


@given(st.text(max_size=200))
def test_words_are_letters_and_digits_and_fold_to_themselves(text):
    for folded, shown in search.words(text):
        assert folded and len(folded) <= search.LONGEST_WORD and len(shown) <= search.LONGEST_WORD
        assert folded.replace(".", "").isalnum()
    assert len(search.asked_words(text)) <= search.MOST_WORDS


@pytest.mark.parametrize(
    "alike",
    [
        ("Töpfe", "toepfe", "TÖPFE", "topfe"),
        ("Straße", "strasse", "STRASSE"),
        ("café", "CAFE", "cafe\u0301"),
        ("Crème", "creme"),
        ("1,4", "1.4"),
        ("Ⅻ", "xii"),
    ],
)
def test_spellings_of_a_word_meet(alike):
    assert len({tuple(folded for folded, _ in search.words(each)) for each in alike}) == 1


@given(WORD, st.data())
def test_every_single_mistake_shares_a_slip(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    for wrong in (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    ):
        assert set(search.slips(word)) & set(search.slips(wrong))
        assert search.distance(word, wrong) == search.distance(wrong, word) == (word != wrong)


@given(WORD, st.data())
def test_a_beginning_stays_a_beginning_when_folded(word, data):
    cut = data.draw(st.integers(1, len(word)))
    assert search.fold(word).startswith(search.fold(word[:cut]))


def test_names_stand_as_people_sort():
    names = [
        "Ähre",
        "Apfel",
        "apfel",
        "Box 10",
        "Box 2",
        "Éclair",
        "Eclair",
        "Eis",
        "Öl",
        "Ofen",
        "Zange",
        "ßa",
    ]
    assert sorted(names, key=search.sort_key) == [
        "Ähre",
        "apfel",
        "Apfel",
        "Box 2",
        "Box 10",
        "Eclair",
        "Éclair",
        "Eis",
        "Ofen",
        "Öl",
        "ßa",
        "Zange",
    ]


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=5))
def test_numbers_in_names_sort_by_what_they_say(numbers):
    names = [f"Box {number}" for number in numbers]
    assert sorted(names, key=search.sort_key) == [f"Box {number}" for number in sorted(numbers)]


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("xyz", Known(), None),
        ("kettle", Known(same={"kettle": "kettle"}), ("'kettle'",)),
        ("kett", Known(begins=True), ("'kett':*",)),
        ("ke", Known(begins=True), None),
        ("kettles", Known(same={"kettle": "kettle"}), ("'kettle'",)),
        ("kessel", Known(holds={"wasserkessel": "Wasserkessel"}), ("'r:lessek':*",)),
        ("essel", Known(holds={"kessel": "Kessel"}), ("'kessel'",)),
        ("ettl", Known(holds={"kettle": "kettle"}), ("'kettle'",)),
        ("ketle", Known(near={"kettle": "Kettle"}), ("'kettle'", "Kettle")),
        ("kxxle", Known(near={"kettle": "kettle"}), None),
        ("teekessel", Known(same={"kessel": "Kessel", "sel": "sel"}), ("'kessel'", "Kessel")),
        ("sturmlatrene", Known(near={"sturmlaterne": "Sturmlaterne"}), ("'sturmlaterne'", "Sturmlaterne")),
    ],
)
def test_what_a_word_means_here(word, known, meant):
    found = search.meaning(word, known)
    assert (found and (*found.close, *([found.instead] if found.instead else []))) == meant


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4))
def test_whatever_is_filtered_by_stays_inside_its_quotes(marks):
    query = search.queries([Meaning(("'a'",))], marks)
    rest = query.anywhere.removeprefix("('a')")
    for mark in marks:
        assert rest.startswith(f" & {search.quoted(mark)}")
        rest = rest[len(search.quoted(mark)) + 3 :]
    assert rest == ""


@pytest.mark.parametrize("private", ["ana@example.com", "0176/1234567", "DE89370400440532013000"])
def test_what_could_tell_who_is_never_kept(private):
    assert search.noted_words(f"kettle {private}") == ["kettle"]
