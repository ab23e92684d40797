"""Words of a search, pure: how texts become words, what somebody may have meant, and the query that asks for it.

A word is folded: small letters, no accents, ä, ae and a alike (so that Töpfe, Toepfe and Topf meet), no ß.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

MOST_WORDS = 8
LONGEST_WORD = 40
SHORTEST_BEGINNING = 3
"""Letters a word needs before it also stands for all that begin with it; digits need as many."""
SHORTEST_MISTYPED = 3
SHORTEST_PART = 4
SHORTEST_COMPOUND = SHORTEST_PART + 3
MOST_POSITIONS = 16_000
MOST_TEXT_WORDS = 300
"""Different words of a description that are kept; long texts say the same again."""
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_FOLDED = re.compile(r"([aou])e")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "a", "œ": "o", "đ": "d", "þ": "th"})
_ENDINGS = ("ern", "en", "er", "em", "es", "e", "n", "s")
_NUMBER = re.compile(r"\d+")
_SMALL_WORDS = """
a an and are as at by for from in is it of on or the to with
am auf aus bei das dem den der des die ein eine einem einen einer fur im ist mit und von zu zum zur
"""
_SMALL = frozenset(_SMALL_WORDS.split())


def fold(text: str) -> str:
    """``"Töpfe"``, ``"Toepfe"`` → ``"topfe"``: letters and digits alone, in the form words are compared in."""
    return _FOLDED.sub(r"\1", spelt(text))


def spelt(text: str) -> str:
    """As ``fold``, but ``ae`` stays: somebody who typed ``enmael`` did not mean an Umlaut."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(each for each in plain if each.isalnum() or each == ".")[:LONGEST_WORD]


def words(text: str) -> Iterator[tuple[str, str]]:
    """(folded, as written in small letters) of each word; ``1,4`` and ``1.4`` are the word ``1.4``."""
    for found in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        folded = fold(found[0].replace(",", "."))
        if folded.strip("."):
            yield folded, found[0].lower()[:LONGEST_WORD]


def asked_words(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a search, each once, without the small ones unless there are no others."""
    found = dict(words(text))
    telling = {folded: shown for folded, shown in found.items() if folded not in _SMALL}
    return tuple((telling or found).items())[:MOST_WORDS]


def sort_key(name: str) -> str:
    """Names by this key, compared character by character, stand as people expect: ``Ä`` at ``A``, 2 before 10."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    letters = "".join(each if each.isalnum() else " " for each in plain if not unicodedata.combining(each))
    first = " ".join(_NUMBER.sub(lambda n: f"{len(n[0].lstrip('0')):03}{n[0].lstrip('0')}", letters).split())
    return f"{first}\x01{unicodedata.normalize('NFC', name.casefold())}\x01{name.swapcase()}"


def slips_of(word: str, typed: str) -> tuple[str, ...]:
    """The slips of a word somebody typed, with and without taking ``ae`` for ``ä``."""
    return tuple(dict.fromkeys(slips(word) + slips(spelt(typed))))


def slips(word: str) -> tuple[str, ...]:
    """The word and every form of it with a letter left out. Words one mistake apart share one of these."""
    if not is_text(word) or len(word) < SHORTEST_MISTYPED:
        return ()
    return tuple({word, *(word[:place] + word[place + 1 :] for place in range(len(word)))})


def parts(word: str) -> tuple[str, ...]:
    """The word's runs of three letters, by which words that contain others are found."""
    if not is_text(word):
        return ()
    return tuple({word[place : place + 3] for place in range(len(word) - 2)})


def endings(word: str) -> tuple[str, ...]:
    """Shorter forms the word may be an inflection of: ``kettles`` → ``kettle``, ``kettl``."""
    if not is_text(word):
        return ()
    return tuple(word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 3)


def inner(word: str) -> tuple[str, ...]:
    """What a compound word may be a kind of, then what it may be made of, the longest first of each:
    ``wasserkessel`` → …, ``kessel``, …, ``wasser``, …."""
    if not is_text(word):
        return ()
    ends = [word[place:] for place in range(3, len(word) - SHORTEST_PART + 1)]
    return (*ends, *(word[:place] for place in range(len(word) - 3, SHORTEST_PART - 1, -1)))


def backwards(word: str) -> str:
    """The lexeme of a compound read from its end, so that its last part is a beginning."""
    return f"r:{word[::-1]}"


def is_text(word: str) -> bool:
    """Whether a word is of letters; numbers are never corrected or taken apart."""
    return word.isalpha()


def distance(one: str, other: str) -> int:
    """Letters left out, added, changed, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def choice(name: str, value: str) -> str:
    """An option's value as a filter names it: ``("Colour", "Moss green")`` → ``colour=moss-green``."""
    return "=".join("-".join(folded for folded, _ in words(text)) for text in (name, value))


@dataclass(frozen=True, slots=True)
class Texts:
    """What one product is found by, in all its languages. ``marks``: filters it passes, such as ``c:kitchen``."""

    names: tuple[str, ...]
    options: tuple[str, ...] = ()
    shelves: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()


def vector(texts: Texts) -> tuple[str, dict[str, str]]:
    """The tsvector's text, names weighing A, options and shelves B, facts C, texts D; and word → as written."""
    places: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    position = text_words = 0
    groups = (
        ("A", texts.names),
        ("B", texts.options + texts.shelves),
        ("C", texts.facts),
        ("D", texts.texts),
    )
    for weight, group in groups:
        for folded, written in (pair for text in group for pair in words(text)):
            if weight == "D" and (folded in places or text_words >= MOST_TEXT_WORDS):
                continue
            text_words += weight == "D"
            position = min(position + 1, MOST_POSITIONS)
            places.setdefault(folded, []).append(f"{position}{weight}")
            shown.setdefault(folded, written)
    lexemes = [f"'{word}':{','.join(found[:8])}" for word, found in places.items()]
    named = {folded for name in texts.names for folded, _ in words(name)}
    lexemes += [quoted(f"n:{word}") for word in sorted(named)]
    lexemes += [
        f"{quoted(backwards(word))}:{found[0]}"
        for word, found in places.items()
        if len(word) >= SHORTEST_COMPOUND
    ]
    lexemes += [quoted(mark) for mark in sorted(texts.marks)]
    return " ".join(lexemes), shown


def quoted(lexeme: str) -> str:
    """A lexeme as tsvector and tsquery are written."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Known:
    """What the shop's vocabulary has for one asked word. Values are the words as written.

    ``same``: the word, its shorter forms and inner words; ``begins``: whether any begins with it; ``holds``: some
    words that contain it; ``near``: words that share a slip with it; both are asked for only without the word itself.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    begins: bool = False
    holds: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Words (folded, with ``:*`` for a beginning) one asked word stands for; ``loose`` ones count less.

    ``instead``: the word shown in place of one we do not have, '' where there was no need.
    """

    close: tuple[str, ...]
    loose: tuple[str, ...] = ()
    instead: str = ""


def meaning(word: str, known: Known, *, typed: str = "") -> Meaning | None:
    """What ``word``, ``typed`` like that, stands for in this shop; None: nothing."""
    ways = {word, spelt(typed or word)}
    bent = tuple(each for each in endings(word) if each in known.same)
    begins = known.begins and len(word) >= SHORTEST_BEGINNING
    compounds = (quoted(backwards(word)) + ":*",) if is_text(word) and len(word) >= SHORTEST_PART else ()
    if word in known.same or begins:
        own = quoted(word) + (":*" if begins else "")
        unsure = () if word in known.same or len(word) < 5 else _nearest(ways, known.near, most=1)
        return Meaning((own, *map(quoted, bent)), (*compounds, *map(quoted, unsure)))
    if bent:
        return Meaning(tuple(map(quoted, bent)))
    if known.holds:
        ends = any(each.endswith(word) and len(each) >= SHORTEST_COMPOUND for each in known.holds)
        some = tuple(map(quoted, sorted(known.holds, key=lambda each: (len(each), each))[:10]))
        return Meaning(compounds, some) if ends else Meaning(some)
    kinds = tuple(each for each in inner(word) if each in known.same)[:1]
    for found, where in (
        (_nearest(ways, known.near, most=1), known.near),
        (kinds, known.same),
        (_nearest(ways, known.near, most=2) if len(word) >= 8 else (), known.near),
    ):
        if found:
            return Meaning(tuple(map(quoted, found)), instead=where[found[0]])
    return None


def _nearest(ways: set[str], near: Iterable[str], *, most: int) -> tuple[str, ...]:
    """Up to three of the words fewest mistakes away, at most ``most``; those that begin alike come first."""
    away = {each: min(distance(way, each) for way in ways) for each in near if each not in ways}
    word = min(ways)
    least = min(away.values(), default=most + 1)
    if least > most:
        return ()
    closest = (each for each, steps in away.items() if steps == least)
    order = sorted(closest, key=lambda each: (each[0] != word[0], abs(len(each) - len(word)), each))
    return tuple(order[:3])


@dataclass(frozen=True, slots=True)
class Queries:
    """tsqueries, each wider than the one before, None for one that would add nothing; and two to rank by.

    All words in the name; all anywhere; all, also in compounds and what may be meant; all but one; any of them.
    """

    named: str
    anywhere: str
    wider: str | None
    partly: str | None
    hardly: str | None
    close: str
    loose: str


def queries(meanings: list[Meaning], marks: Iterable[str] = ()) -> Queries:
    """The queries for at least one meaning, of products that have all ``marks``."""
    only = "".join(f" & {quoted(mark)}" for mark in marks)
    names = [_any("'n:" + term[1:] for term in each.close) for each in meanings]
    close = [_any(each.close) for each in meanings]
    loose = [_any(each.close + each.loose) for each in meanings]
    most = [" & ".join(some) for some in combinations(loose, max(len(loose) - 1, 1))]
    return Queries(
        named=" & ".join(names) + only,
        anywhere=" & ".join(close) + only,
        wider=" & ".join(loose) + only if loose != close else None,
        partly=_any(most) + only if len(meanings) > 1 else None,
        hardly=_any(loose) + only if len(meanings) > 2 else None,
        close=" | ".join(term.removesuffix(":*") for each in meanings for term in each.close),
        loose=" | ".join(term for each in meanings for term in each.close + each.loose),
    )


def _any(terms: Iterable[str]) -> str:
    return "(" + " | ".join(terms) + ")"


def is_private(word: str) -> bool:
    """Whether a typed word may name a person, a place to write to or a number to call: never written down."""
    return "@" in word or sum(each.isdigit() for each in word) >= 6


def noted_words(text: str) -> list[str]:
    """The words of a search that may be kept: in small letters, without what is private."""
    kept = " ".join(each for each in text.split() if not is_private(each))
    return [shown for _, shown in words(kept)][:MOST_WORDS]


def as_json(value: object) -> str:
    """Compact JSON, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
