"""Why something about the catalogue cannot be saved, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tacit.catalog.types import CatalogError


def explain(error: CatalogError) -> str:
    """The reason and the way out."""
    sentences = {
        "required": _("This is needed."),
        "too_long": _("At most %(longest)s characters fit here."),
        "control_character": _(
            "This contains a character that cannot be seen. Type it instead of pasting it."
        ),
        "not_a_number": _("This is not a whole number."),
        "out_of_range": _("Choose a number from %(smallest)s to %(largest)s."),
        "below_claimed": _("%(claimed)s are promised to orders not yet sent; it cannot be less than that."),
        "moved": _("Pieces came or left meanwhile: there are %(before)s now. Count again."),
        "claimed_moved": _("Orders came or went meanwhile: %(claimed)s are promised now. Decide anew."),
        "not_a_language": _("A language is written like de or pt-br."),
        "not_text": _("This is not a text."),
        "negative": _("An amount cannot be less than nothing."),
        "unknown": _("There is no such thing in the catalogue."),
    }
    sentence = sentences.get(error.code, _("This cannot be saved."))
    return sentence % error.parameters if error.parameters else sentence
