"""What a buyer may type, whoever passes it on."""

from __future__ import annotations

import re

from tacit.checkout.types.order import CheckoutError, Contact
from tacit.core import address as addresses
from tacit.core.address import AddressRefusal

LONGEST = {"email": 254, **addresses.LONGEST}
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]+\.[^\s@.<>\"(),:;\\\[\]]{2,}\Z")
_KEY = re.compile(r"[A-Za-z0-9_\-]{8,80}\Z")


def check_contact(contact: Contact) -> Contact:
    """The contact with white space folded. Raises CheckoutError naming the first field that cannot be used."""
    try:
        email = addresses.one_line("email", contact.email, longest=LONGEST["email"]).lower()
        if not _EMAIL.match(email) or ".." in email:
            raise CheckoutError("email", "not_an_email")
        return Contact(email, addresses.checked(contact.address))
    except AddressRefusal as refused:
        raise CheckoutError(refused.field, refused.code, **refused.parameters) from None


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
