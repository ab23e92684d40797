"""Settings that cannot be used are refused where they are read, in words."""

import re
from pathlib import Path

import pytest

from tacit.config import doctor, doctor_payment, environment
from tacit.config.finding import Grade
from tacit.connectors.practice_provider.__main__ import KNOWN_SECRET


@pytest.mark.parametrize(
    ("name", "value", "way_out"),
    [
        ("TACIT_URL", "shop.example.com", "https://shop.example.com"),
        ("TACIT_URL", "ftp://shop.example.com", "https://shop.example.com"),
        ("TACIT_URL", "https://shop.example.com/path", "https://shop.example.com"),
        ("TACIT_URL", "https://user@shop.example.com", "https://shop.example.com"),
        ("TACIT_URL", "https://shop.example.com:99999", "https://shop.example.com"),
        ("TACIT_URL", "https://", "https://shop.example.com"),
        ("TACIT_URL", "https://sh op", "https://shop.example.com"),
        ("TACIT_CURRENCY", "euro", "EUR"),
        ("TACIT_CURRENCY", "XYZ", "EUR"),
        ("TACIT_CURRENCIES", "EUR XYZ", "EUR"),
        ("TACIT_CURRENCIES", ",", "like EUR GBP"),
        ("TACIT_TIME_ZONE", "Berlin", "Europe/Berlin"),
        ("TACIT_TIME_ZONE", "../../etc/passwd", "Europe/Berlin"),
        ("TACIT_CUT_OFF", "25", "from 0 to 24"),
        ("TACIT_CUT_OFF", "2 pm", "from 0 to 24"),
        ("TACIT_COUNTRY", "Germany", "DE"),
        ("TACIT_COUNTRY", "EU", "DE"),
        ("TACIT_COUNTRY", "001", "DE"),
        ("TACIT_STAFF", "ana@example.com bo", "name@example.com"),
        ("TACIT_SHOP_MAIL", "shop", "name@example.com"),
        ("TACIT_HOSTS", "https://shop.example.com", "without https://"),
        ("TACIT_HOSTS", "shop.example.com:443", "without a port"),
        ("TACIT_HOSTS", "*", "names like"),
        ("TACIT_MAIL_URL", "http://mail", "smtp://"),
        ("TACIT_PAYMENT_PROVIDER", "gold", "choose one of none, practice"),
        ("TACIT_SECRET_KEY", "short", "long random"),
        ("DATABASE_URL", "nonsense", "cannot be read"),
    ],
)
def test_the_doctor_says_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, way_out: str
) -> None:
    monkeypatch.setenv("TACIT_HOME", str(home))
    monkeypatch.setenv(name, value)
    found = doctor.settings()
    assert found.wrong, found
    assert found.words.startswith(name), "the sentence, and no name of an exception"
    assert way_out in found.words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"TACIT_PAYMENT_PROVIDER": "practice"}, "TACIT_PAYMENT_PROVIDER is 'practice', which only plays"),
        ({"TACIT_CARRIER": "practice"}, "TACIT_CARRIER is 'practice', which only plays"),
        (
            {"TACIT_PAYMENT_PROVIDER": "practice", "TACIT_PRACTICE_ALLOWED": "1"},
            "TACIT_PRACTICE_SECRET is not set or the one everybody can read",
        ),
        (
            {
                "TACIT_PAYMENT_PROVIDER": "practice",
                "TACIT_PRACTICE_ALLOWED": "1",
                "TACIT_PRACTICE_SECRET": KNOWN_SECRET,
            },
            "TACIT_PRACTICE_SECRET is not set or the one everybody can read",
        ),
        (
            {
                "TACIT_PAYMENT_PROVIDER": "practice",
                "TACIT_CARRIER": "practice",
                "TACIT_PRACTICE_ALLOWED": "1",
                "TACIT_PRACTICE_SECRET": "of our own",
            },
            "",
        ),
        ({"TACIT_DEMO": "1"}, ""),
        ({}, ""),
    ],
)
def test_what_only_plays_runs_outside_a_demo_when_it_is_allowed(
    home: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], words: str
) -> None:
    unset_practice(monkeypatch)
    for name, value in {"TACIT_HOME": str(home), **given}.items():
        monkeypatch.setenv(name, value)
    found = doctor.settings()
    assert found.wrong is bool(words)
    assert found.words.startswith(words)


def test_the_doctor_says_who_takes_the_money(monkeypatch: pytest.MonkeyPatch) -> None:
    unset_practice(monkeypatch)
    assert "nobody can pay" in doctor_payment.payment().words
    assert doctor_payment.payment().grade is Grade.NOTE
    monkeypatch.setenv("TACIT_PAYMENT_PROVIDER", "practice")
    monkeypatch.setenv("TACIT_PRACTICE_ALLOWED", "1")
    assert "moves no money" in doctor_payment.payment().words
    assert doctor_payment.payment().grade is Grade.NOTE
    monkeypatch.setenv("TACIT_DEMO", "1")
    assert doctor_payment.payment().grade is Grade.FINE


def unset_practice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests allow themselves."""
    for name in ("TACIT_PAYMENT_PROVIDER", "TACIT_PRACTICE_ALLOWED", "TACIT_PRACTICE_SECRET"):
        monkeypatch.delenv(name, raising=False)


def test_what_fits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("https://shop.example.com/", "http://127.0.0.1:8000", "http://[::1]:8000", "http://web"):
        monkeypatch.setenv("X", value)
        assert environment.origin("X", "") == value.rstrip("/")
    monkeypatch.setenv("X", "Shop.example.com, .example.org")
    names = environment.hosts("X", of="http://[2001:db8::1]:8000")
    assert names == ["[2001:db8::1]", "localhost", "127.0.0.1", "[::1]", "shop.example.com", ".example.org"]
    monkeypatch.setenv("X", "JPY")
    assert environment.currency("X", "EUR") == "JPY"
    monkeypatch.delenv("X")
    assert environment.country("X", "AT") == "AT"
    assert environment.addresses("X", "") == []


def test_a_variable_that_is_none_of_ours_is_noted_with_the_nearest(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACIT_HOME", str(home))
    monkeypatch.setenv("TACIT_CURENCY", "EUR")
    found = doctor.settings()
    assert found.grade is Grade.NOTE
    assert "TACIT_CURENCY is none of ours; is TACIT_CURRENCY meant?" in found.words
    assert environment.unknown(["TACIT_QQQQQQ", "TACIT_URL", "PATH"]) == {"TACIT_QQQQQQ": ""}


@pytest.mark.parametrize(
    ("first", "listed", "demo", "found"),
    [
        ("", "", False, ("EUR",)),
        ("", "", True, ("EUR", "GBP")),
        ("GBP", "", True, ("GBP",)),
        ("", "CHF, EUR", False, ("CHF", "EUR")),
        ("EUR", "GBP EUR USD", False, ("EUR", "GBP", "USD")),
    ],
)
def test_the_first_currency_leads(
    monkeypatch: pytest.MonkeyPatch, first: str, listed: str, demo: bool, found: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TACIT_CURRENCY", first)
    monkeypatch.setenv("TACIT_CURRENCIES", listed)
    assert environment.currencies("TACIT_CURRENCIES", first="TACIT_CURRENCY", demo=demo) == found


@pytest.mark.parametrize(
    ("country", "zone"), [("DE", "Europe/Berlin"), ("GB", "Europe/London"), ("US", "UTC")]
)
def test_the_clock_is_that_of_the_country(monkeypatch: pytest.MonkeyPatch, country: str, zone: str) -> None:
    monkeypatch.delenv("TACIT_TIME_ZONE", raising=False)
    assert environment.time_zone("TACIT_TIME_ZONE", country=country) == zone


def test_the_known_variables_are_those_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    listed = set(re.findall(r"^\| `(TACIT_[A-Z_]+)`", text, re.M))
    assert listed | {"TACIT_PARENT", "TACIT_TEST_BEGIN"} == environment.KNOWN
