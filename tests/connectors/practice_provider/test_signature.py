"""Only whole, fresh messages from the one who knows the secret are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tacit.connectors.practice_provider import signature
from tacit.connectors.practice_provider.signature import BadSignature

SECRET = "shared"
BODY = b'{"payment": {"reference": "abc"}}'
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SIGNED = signature.sign(SECRET, BODY, at=int(NOW.timestamp()))
STAMP, MAC = SIGNED.split(",")


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_a_fresh_message_is_believed(minutes: int) -> None:
    signature.verify(SECRET, SIGNED, BODY, now=NOW + timedelta(minutes=minutes))


def test_one_good_signature_among_several_is_enough() -> None:
    signature.verify(SECRET, f"{STAMP},v1={'0' * 64},{MAC}", BODY, now=NOW)


@pytest.mark.parametrize("place", [0, 10, len(BODY) - 1])
def test_an_altered_byte_is_refused(place: int) -> None:
    altered = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
    with pytest.raises(BadSignature, match="does not fit"):
        signature.verify(SECRET, SIGNED, altered, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_message_is_refused(seconds: int) -> None:
    with pytest.raises(BadSignature, match="not fresh"):
        signature.verify(SECRET, SIGNED, BODY, now=NOW + timedelta(seconds=seconds))


def test_an_old_message_cannot_be_dated_anew() -> None:
    later = NOW + timedelta(hours=1)
    with pytest.raises(BadSignature, match="does not fit"):
        signature.verify(SECRET, f"t={int(later.timestamp())},{MAC}", BODY, now=later)


def test_another_secret_is_refused() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        signature.verify("other", SIGNED, BODY, now=NOW)


def test_the_api_key_does_not_sign() -> None:
    with pytest.raises(BadSignature):
        signature.verify(signature.api_key(SECRET), SIGNED, BODY, now=NOW)


@pytest.mark.parametrize(
    "header",
    ["", "t=1", MAC, f"{STAMP},v1=", f"t=x,{MAC}", f"t=²,{MAC}", f"{STAMP},{STAMP},{MAC}", SIGNED + "," * 600,
     f"{STAMP},v1=ü"],
)  # fmt: skip
def test_a_header_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        signature.verify(SECRET, header, BODY, now=NOW)
