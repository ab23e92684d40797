"""The form of the checkout page: what a buyer types and chooses, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tacit.checkout.types.order import Contact
from tacit.core.address import Address
from tacit.core.money import Money, MoneyError
from tacit.web import parsing
from tacit.web.parsing import BadInput

TYPED = ("email", "name", "line1", "line2", "postcode", "city")
CHOSEN = ("country", "shipping", "method", "keep", "keep_address")


def seen_only(value: str) -> None:
    """Raises ValidationError for characters that control, break or turn the line."""
    if not parsing.is_plain(value):
        raise ValidationError(
            _("This contains a character that cannot be seen. Type it instead of pasting it.")
        )


def _typed(
    label: Any, longest: int, needed: Any, *, optional: bool = False, **attributes: str
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=not optional,
        validators=[seen_only],
        error_messages={"required": needed, "max_length": _("At most %(limit_value)d characters fit here.")},
        widget=forms.TextInput(attrs=attributes),
    )


class CheckoutForm(forms.Form):
    """Who buys, where it goes, how it is sent and paid."""

    email = forms.EmailField(
        label=_("E-mail, for your order link"),
        max_length=254,
        validators=[seen_only],
        error_messages={
            "required": _("Type your e-mail address, so that the order can find you."),
            "invalid": _("This is not an e-mail address. One looks like name@example.com."),
            "max_length": _("An e-mail address has at most %(limit_value)d characters."),
        },
        widget=forms.EmailInput(
            attrs={
                "autocomplete": "email",
                "inputmode": "email",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )
    name = _typed(_("Name"), 100, _("Type the name on the door."), autocomplete="name")
    line1 = _typed(
        _("Street and number"),
        120,
        _("Type the street and the number of the house."),
        autocomplete="address-line1",
    )
    line2 = _typed(_("Company, floor (optional)"), 120, "", optional=True, autocomplete="address-line2")
    postcode = _typed(
        _("Postcode"), 20, _("Type the postcode."), autocomplete="postal-code", autocapitalize="characters"
    )
    city = _typed(_("Town"), 80, _("Type the town."), autocomplete="address-level2")
    country = forms.RegexField(
        r"^[A-Z]{2}\Z",
        label=_("Country"),
        error_messages={"required": _("Choose a country."), "invalid": _("Choose a country from the list.")},
    )
    shipping = forms.RegexField(
        r"^[-a-zA-Z0-9_]{1,40}\Z",
        label=_("Delivery"),
        error_messages={
            "required": _("Choose how it is sent."),
            "invalid": _("Choose a way of sending from the list."),
        },
    )
    method = forms.RegexField(
        r"^[!-~]{1,60}\Z",
        label=_("Payment"),
        error_messages={
            "required": _("Choose how you pay."),
            "invalid": _("Choose a way to pay from the list."),
        },
    )
    keep = forms.BooleanField(label=_("Keep this way to pay for next time"), required=False)
    keep_address = forms.BooleanField(label=_("Keep this address for next time"), required=False)

    def address(self) -> Address:
        """Where it goes, once the form is valid."""
        parts = ("name", "line1", "line2", "postcode", "city", "country")
        return Address(**{field: self.cleaned_data[field] for field in parts})

    def contact(self) -> Contact:
        """Who buys and where it goes, once the form is valid."""
        return Contact(email=self.cleaned_data["email"], address=self.address())

    def typed(self) -> list[forms.BoundField]:
        """The text fields, in order."""
        return [self[field] for field in TYPED]

    def wrong(self) -> list[forms.BoundField]:
        """The fields that need a look, in order."""
        return [self[field] for field in (*TYPED, *CHOSEN) if field in self.errors]


def unfinished(given: QueryDict) -> dict[str, str]:
    """What was typed and chosen so far, cut to length and unjudged: kept, not used."""
    return {field: given.get(field, "")[:300] for field in (*TYPED, *CHOSEN)}


def from_contact(contact: Contact | None) -> Mapping[str, str]:
    """What is known of the buyer, for the fields."""
    if contact is None:
        return {}
    known = contact.address
    return {
        "email": contact.email,
        "name": known.name,
        "line1": known.line1,
        "line2": known.line2,
        "postcode": known.postcode,
        "city": known.city,
        "country": known.country,
    }


def total_seen(given: QueryDict, shipping: str) -> Money:
    """The total the buyer saw for this way of sending. Raises BadInput."""
    field = f"total_{shipping}"
    if field not in given:
        raise BadInput("shipping", gettext("Choose a way of sending from the list."))
    damaged = gettext("The total you saw is missing or damaged. Open the checkout page again.")
    try:
        seen = Money.parse(given.get(field, "")[:30], given.get("currency", ""))
    except MoneyError as error:
        raise BadInput("currency" if "currency" in str(error).lower() else field, damaged) from error
    if seen.minor < 0:
        raise BadInput(field, damaged)
    return seen
