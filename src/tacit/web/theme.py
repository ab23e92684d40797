"""The merchant's colours: from one accent, what buttons and focus need in light and dark. Pure.

Contrast is WCAG 2.2's: relative luminance of sRGB, (lighter + 0.05) / (darker + 0.05)
(https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). A colour keeps its hue; only its lightness is moved,
and only as far as text on it, and the colour on every ground of the shop, need.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

ACCENT = "#1f4d3a"
"""The accent that base.css has, its dark twin chosen by hand."""
GROUND = "#fbfaf7"

ENOUGH = 4.5
"""Contrast of text, WCAG 2.2 level AA (1.4.3)."""
ENOUGH_FOR_LINES = 3.0
"""Contrast of a control's edge (1.4.11)."""
DARK_ACCENT = 7.0
"""On dark grounds an accent is clearly light, so that buttons read as buttons."""

LIGHT_GROUNDS = (GROUND, "#ffffff", "#efece4")
DARK_GROUNDS = ("#151514", "#1d1d1b", "#252420")
TEXTS = ("#1b1a17", "#67645c", "#2f6b4f", "#9c3b2e")
"""Texts of the light scheme in base.css: ink, soft, done, bad."""
EDGE = "#8b887f"

_STEPS = 24
"""Halvings of a lightness; finer than a 256th."""


class BadColour(ValueError):
    """Not a colour, or one on which the shop could not be read; the message is a clause after the name."""


@dataclass(frozen=True, slots=True)
class Accent:
    """The primary action's colour, the same under the pointer, and text on both."""

    plain: str
    strong: str
    text: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """The light scheme's surfaces: the page, what is raised from it, what lies behind pictures, hairlines."""

    paper: str
    raised: str
    ground: str
    line: str


def colour(text: str) -> str:
    """``#rrggbb`` of ``#rgb`` or ``#rrggbb``, the number sign optional. Raises BadColour."""
    digits = text.strip().lower().removeprefix("#")
    if not re.fullmatch("[0-9a-f]{3}|[0-9a-f]{6}", digits):
        raise BadColour("is no colour; write one like #1f4d3a")
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def luminance(value: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(value)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def light_accent(base: str, grounds: tuple[str, ...] = LIGHT_GROUNDS) -> Accent:
    """``base``, darkened until white text on it, and it on every one of ``grounds``, has contrast enough."""
    plain = _moved(base, (*grounds, "#ffffff"), ENOUGH, lighter=False)
    lightness = _lightness(plain)
    strong = _with_lightness(plain, lightness - 0.06 if lightness > 0.12 else lightness + 0.06)
    return Accent(plain, strong, "#ffffff")


def dark_accent(base: str) -> Accent:
    """``base``, lightened until it stands out from every dark ground; text on it is near black."""
    plain = _moved(base, DARK_GROUNDS, DARK_ACCENT, lighter=True)
    lightness = _lightness(plain)
    strong = _with_lightness(plain, lightness + 0.06 if lightness < 0.88 else lightness - 0.06)
    return Accent(plain, strong, _with_lightness(plain, 0.06, most_saturation=0.4))


def grounds(paper: str) -> Grounds:
    """The light surfaces around ``paper``. Raises BadColour when a text of the shop could not be read on one."""
    lightness = _lightness(paper)
    made = Grounds(
        paper=paper,
        raised=_with_lightness(paper, (lightness + 1) / 2),
        ground=_with_lightness(paper, lightness - 0.05, most_saturation=0.3),
        line=_with_lightness(paper, lightness - 0.1, most_saturation=0.25),
    )
    for surface in (made.paper, made.raised, made.ground):
        least = min(contrast(text, surface) for text in TEXTS)
        if least < ENOUGH or contrast(EDGE, made.paper) < ENOUGH_FOR_LINES:
            raise BadColour(
                f"is too dark to read on (contrast {least:.1f}, {ENOUGH} is needed); "
                f"write a lighter one like {GROUND} or #ffffff"
            )
    return made


def surfaces(paper: str) -> tuple[str, str, str]:
    """The light surfaces texts stand on, the page itself first. Raises BadColour as ``grounds`` does."""
    if paper == GROUND:
        return LIGHT_GROUNDS
    made = grounds(paper)
    return made.paper, made.raised, made.ground


def least_contrast(paper: str) -> float:
    """Of the shop's texts on the light surfaces around ``paper``, that of the one hardest to read."""
    return min(contrast(text, surface) for text in TEXTS for surface in surfaces(paper))


def stylesheet(accent: str = ACCENT, paper: str = GROUND) -> str:
    """The tokens that differ from base.css; '' when none does. Raises BadColour."""
    rules = []
    if paper != GROUND:
        made = grounds(paper)
        rules += [
            f"--paper:light-dark({made.paper},{DARK_GROUNDS[0]})",
            f"--raised:light-dark({made.raised},{DARK_GROUNDS[1]})",
            f"--ground:light-dark({made.ground},{DARK_GROUNDS[2]})",
            f"--line:light-dark({made.line},#32312d)",
        ]
    if accent != ACCENT or rules:
        light, dark = light_accent(accent, surfaces(paper)), dark_accent(accent)
        rules += [
            f"--accent:light-dark({light.plain},{dark.plain})",
            f"--accent-strong:light-dark({light.strong},{dark.strong})",
            f"--on-accent:light-dark({light.text},{dark.text})",
        ]
    return f"@layer tokens{{:root{{{';'.join(rules)}}}}}" if rules else ""


def _moved(base: str, against: tuple[str, ...], enough: float, *, lighter: bool) -> str:
    """``base`` with the nearest lightness whose contrast is enough against all."""

    def fits(candidate: str) -> bool:
        return min(contrast(candidate, each) for each in against) >= enough

    if fits(base):
        return base
    unfit, fit = _lightness(base), 1.0 if lighter else 0.0
    for _ in range(_STEPS):
        middle = (unfit + fit) / 2
        if fits(_with_lightness(base, middle)):
            fit = middle
        else:
            unfit = middle
    return _with_lightness(base, fit)


def _parts(value: str) -> tuple[float, float, float]:
    return int(value[1:3], 16) / 255, int(value[3:5], 16) / 255, int(value[5:7], 16) / 255


def _lightness(value: str) -> float:
    return colorsys.rgb_to_hls(*_parts(value))[1]


def _with_lightness(value: str, lightness: float, *, most_saturation: float = 1) -> str:
    hue, _, saturation = colorsys.rgb_to_hls(*_parts(value))
    made = colorsys.hls_to_rgb(hue, min(max(lightness, 0), 1), min(saturation, most_saturation))
    return "#" + "".join(f"{round(part * 255):02x}" for part in made)
