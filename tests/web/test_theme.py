"""The merchant's colours can always be read, whatever the merchant likes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.web import theme

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
BASE = Path(theme.__file__).parent / "static" / "tacit" / "base.css"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#fff000", "#fff000", 1),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert theme.contrast(one, other) == theme.contrast(other, one) == pytest.approx(ratio, abs=0.01)


@given(COLOURS)
def test_any_accent_is_read_on_every_ground_and_reads_well_itself(base: str) -> None:
    for made, grounds in (
        (theme.light_accent(base), theme.LIGHT_GROUNDS),
        (theme.dark_accent(base), theme.DARK_GROUNDS),
    ):
        for ground in grounds:
            assert theme.contrast(made.plain, ground) >= theme.ENOUGH
        assert theme.contrast(made.text, made.plain) >= theme.ENOUGH
        assert theme.contrast(made.text, made.strong) >= theme.ENOUGH


@given(COLOURS)
def test_any_ground_is_refused_or_read_well_with_every_accent(base: str) -> None:
    try:
        made = theme.grounds(base)
    except theme.BadColour as error:
        assert "lighter" in str(error)
        return
    surfaces = (made.paper, made.raised, made.ground)
    accent = theme.light_accent("#ff6600", surfaces)
    for surface in surfaces:
        for text in (*theme.TEXTS, accent.plain):
            assert theme.contrast(text, surface) >= theme.ENOUGH
    assert theme.contrast(theme.EDGE, made.paper) >= theme.ENOUGH_FOR_LINES


def test_a_colour_that_does_already_stays_as_it_is() -> None:
    assert theme.light_accent("#1f4d3a").plain == "#1f4d3a"
    assert theme.dark_accent("#8fd0b0").plain == "#8fd0b0"
    assert theme.stylesheet() == ""
    assert theme.stylesheet("#0055ff").count("light-dark(#0055ff,") == 1


@pytest.mark.parametrize("text", ["", "green", "#12", "#12345", "#gggggg", "#1f4d3a; }", "1f4d3a00"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(theme.BadColour, match="write one like"):
        theme.colour(text)
    assert theme.colour(" 1F4 ") == "#11ff44"


def test_the_grounds_and_texts_it_reckons_with_are_those_of_the_style_sheet() -> None:
    tokens = dict(re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]+), ", BASE.read_text()))
    wide = {name: theme.colour(value) for name, value in tokens.items()}
    assert (wide["paper"], wide["raised"], wide["ground"]) == theme.LIGHT_GROUNDS
    assert (wide["ink"], wide["soft"], wide["done"], wide["bad"]) == theme.TEXTS
    assert (wide["edge"], wide["accent"], wide["paper"]) == (theme.EDGE, theme.ACCENT, theme.GROUND)
    dark = dict(
        re.findall(r"--(paper|raised|ground): light-dark\(#[0-9a-f]+, (#[0-9a-f]+)\)", BASE.read_text())
    )
    assert (dark["paper"], dark["raised"], dark["ground"]) == theme.DARK_GROUNDS
