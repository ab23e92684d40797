from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.accounts.rules import sign_in as rules
from tacit.accounts.types import AccountError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mira@Example.COM \n", "mira@example.com"),
        ("mira@bücher.example", "mira@xn--bcher-kva.example"),
        ("MIRA@BÜCHER.example", "mira@xn--bcher-kva.example"),
        ('"odd@one"@example.com', '"odd@one"@example.com'),
    ],
)
def test_an_address_has_one_form(typed: str, kept: str) -> None:
    assert rules.normalise_email(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("mira", "not_an_email"),
        ("@example.com", "not_an_email"),
        ("mıra@example.com", "not_an_email"),
        ("m" * 65 + "@example.com", "not_an_email"),
        ("mira@" + "e" * 64 + ".com", "not_an_email"),
        ("mira@example..com", "not_an_email"),
        ("m@" + "e" * 260, "too_long"),
        ("mira\x00@example.com", "control_character"),
        ("mira@example.com\r\nBcc: all@example.com", "control_character"),
        ("\u202emira@example.com", "control_character"),
        ("mira@exam\u00adple.com", "control_character"),
    ],
)
def test_what_is_no_address_is_refused(typed: str, code: str) -> None:
    with pytest.raises(AccountError) as refused:
        rules.normalise_email(typed)
    assert (refused.value.field, refused.value.code) == ("email", code)


@given(st.text(max_size=300))
def test_any_text_is_normalised_once_or_refused(text: str) -> None:
    try:
        once = rules.normalise_email(text)
    except AccountError:
        return
    assert once.isascii()
    assert once == once.lower()
    assert len(once) <= rules.LONGEST_EMAIL
    assert rules.normalise_email(once) == once


@pytest.mark.parametrize("typed", ["012345", " 012 345 ", "012-345", "012\u00a0345"])
def test_a_code_may_be_typed_in_groups(typed: str) -> None:
    assert rules.check_code(typed) == "012345"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345.", "123456\x00", "9" * 9999]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(AccountError) as refused:
        rules.check_code(typed)
    assert refused.value.field == "code"
