"""Whatever is typed is either cleaned and kept, or refused with its field; nothing in between."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.checkout.rules.contact import LONGEST, check_contact, check_key, check_quantity
from tacit.checkout.types.order import CheckoutError, Contact
from tacit.checkout.wording import explain
from tacit.core.address import Address

FIELDS = ("name", "line1", "line2", "postcode", "city")


@given(st.text(max_size=130), st.fixed_dictionaries({field: st.text(max_size=130) for field in FIELDS}))
def test_anything_typed_is_cleaned_or_refused_by_field(email, typed):
    contact = Contact(email, Address(**typed, country="DE"))
    try:
        clean = check_contact(contact)
    except CheckoutError as error:
        assert error.field in (*FIELDS, "email")
        assert explain(error)
        return
    for field in FIELDS:
        value = getattr(clean.address, field)
        assert len(value) <= LONGEST[field]
        assert not any(unicodedata.category(character) == "Cc" for character in value)
        assert value or field == "line2"
    assert (
        "@" in clean.email and clean.email == clean.email.lower() and not set(clean.email) & set(" \r\n<>,")
    )


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@",
        "@b.de",
        "a@b",
        "a b@c.de",
        "a@b.de\nBcc: x@y.de",
        "a..b@c.de",
        "a@b.de,c@d.de",
        "x" * 260 + "@b.de",
    ],
)
def test_no_address_that_mail_could_not_reach(email):
    with pytest.raises(CheckoutError) as refusal:
        check_contact(Contact(email, Address("A", "B", "", "1", "C", "DE")))
    assert refusal.value.field == "email"


@pytest.mark.parametrize("country", ["", "de", "DEU", "D1", "Ä1", "D\n"])
def test_no_country_that_is_none(country):
    with pytest.raises(CheckoutError) as refusal:
        check_contact(Contact("a@b.de", Address("A", "B", "", "1", "C", country)))
    assert refusal.value.field == "country"


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 81, "has space in it", "ümlaut-key", "semi;colon", "nul\x00nul"]
)
def test_no_key_that_is_none(key):
    with pytest.raises(CheckoutError):
        check_key(key)


@pytest.mark.parametrize("quantity", [0, -1, 1000, True, "1", 1.0, None])
def test_no_quantity_that_is_none(quantity):
    with pytest.raises(CheckoutError):
        check_quantity(quantity, largest=999)
