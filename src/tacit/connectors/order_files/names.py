"""Names fit for reading, from a till's capitals. No Django."""

from __future__ import annotations

import re

_ABBREVIATIONS = frozenset(["ABC", "CD", "FBA", "LED", "TV", "UK", "USA", "USB", "VIP", "WC"])
_SMALL = frozenset(["a", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)*")


def readable(text: str) -> str:
    """``"WHITE HANGING HEART T-LIGHT HOLDER"`` → ``"White Hanging Heart T-Light Holder"``.

    White space is folded. Only words written wholly in capitals change; others, and units after
    a number, were somebody's choice.
    """
    folded = " ".join(text.split())

    def word(found: re.Match[str]) -> str:
        it = found[0]
        if not it.isupper() or len(it) == 1 or it in _ABBREVIATIONS:
            return it
        lower = it.lower()
        if lower in _SMALL and found.start() > 0 and folded[found.start() - 1] == " ":
            return lower
        return lower[0].upper() + lower[1:]

    return _WORD.sub(word, folded)
