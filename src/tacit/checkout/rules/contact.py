"""What a buyer may type, whoever passes it on."""

from __future__ import annotations

import re
import unicodedata

from tacit.checkout.types.order import CheckoutError, Contact
from tacit.core.address import Address

LONGEST = {"email": 254, "name": 100, "line1": 120, "line2": 120, "postcode": 20, "city": 80}
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]+\.[^\s@.<>\"(),:;\\\[\]]{2,}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_KEY = re.compile(r"[A-Za-z0-9_\-]{8,80}\Z")


def check_contact(contact: Contact) -> Contact:
    """The contact with white space folded. Raises CheckoutError naming the first field that cannot be used."""
    typed = contact.address
    email = clean("email", contact.email).lower()
    if not _EMAIL.match(email) or ".." in email:
        raise CheckoutError("email", "not_an_email")
    if not _COUNTRY.match(typed.country):
        raise CheckoutError("country", "not_a_country")
    return Contact(
        email,
        Address(
            name=clean("name", typed.name),
            line1=clean("line1", typed.line1),
            line2=clean("line2", typed.line2, required=False),
            postcode=clean("postcode", typed.postcode),
            city=clean("city", typed.city),
            country=typed.country,
        ),
    )


def clean(field: str, text: str, *, required: bool = True) -> str:
    """``text`` on one line. Raises CheckoutError: required, too_long, control_character."""
    if any(
        unicodedata.category(character) in {"Cc", "Cs"} for character in text if character not in "\t\r\n"
    ):
        raise CheckoutError(field, "control_character")
    folded = " ".join(text.split())
    if required and not any(character.isalnum() for character in folded):
        raise CheckoutError(field, "required")
    if len(folded) > LONGEST[field]:
        raise CheckoutError(field, "too_long", longest=LONGEST[field])
    return folded


def check_key(key: str) -> str:
    """An idempotency key: 8 to 80 letters, digits, ``-`` or ``_``. Raises CheckoutError."""
    if not key:
        raise CheckoutError("key", "required")
    if not _KEY.match(key):
        raise CheckoutError("key", "not_a_key")
    return key


def check_quantity(quantity: object, *, largest: int, smallest: int = 1) -> int:
    """Raises CheckoutError unless ``quantity`` is a whole number within bounds."""
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise CheckoutError("quantity", "not_a_number")
    if not smallest <= quantity <= largest:
        raise CheckoutError("quantity", "out_of_range", smallest=smallest, largest=largest)
    return quantity
