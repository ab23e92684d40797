"""Delivery and tax from a file: what is taken, what is refused, and that the way back is the same."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from tacit.catalog import actions as catalog
from tacit.catalog import queries as goods
from tacit.catalog.types import TaxRates
from tacit.checkout import actions, queries
from tacit.checkout.types.delivery import Destination, Method, Rate, rate_order
from tacit.connectors.files.delivery.applying import apply, present
from tacit.connectors.files.delivery.command import export_delivery, import_delivery
from tacit.connectors.files.delivery.reading import read, read_path
from tacit.connectors.files.delivery.shape import BadEntries, DeliveryFile
from tacit.connectors.files.delivery.writing import write
from tacit.connectors.files.reader import UnusableFile
from tacit.core.money import Money

GOOD = """
[prices_include_tax]
USD = false

[[tax]]
code = "standard"
name = "Standard rate"
percent = { DE = "19", AT = "20" }

[[shipping]]
code = "standard"
name = "Standard"
names = { de = "Standardversand" }
handling = [0, 1]

[[shipping.zone]]
countries = ["DE"]
days = [1, 2]
price = { EUR = { 2000 = "4.90", any = "9.90" }, USD = "12.00" }
free_over = { EUR = "50.00" }

[[shipping.zone]]
countries = ["everywhere"]
days = [3, 9]
[[shipping.zone.rate]]
currency = "EUR"
price = "19.90"
total_from = "20.00"
total_most = "100.00"
weight_most = 5000
"""
SAMPLE = resources.files("tacit.connectors.sample_shop") / "delivery.toml"
DOCS = Path(__file__).parents[3] / "docs" / "shipping-and-tax.md"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_file_says_methods_rates_and_tax() -> None:
    found = read(GOOD)
    assert found.include_tax == {"USD": False}
    assert found.taxes == (TaxRates("standard", "Standard rate", {"DE": Decimal(19), "AT": Decimal(20)}),)
    (method,) = found.methods
    assert (method.names, method.handling, method.active) == ({"de": "Standardversand"}, (0, 1), True)
    everywhere, germany = method.destinations
    assert (everywhere.country, everywhere.days, germany.days) == ("", (3, 9), (1, 2))
    assert everywhere.rates == (Rate(eur(1990), 0, 5000, 2000, 10000),)
    assert germany.rates == (
        Rate(eur(490), 0, 2000),
        Rate(eur(990), 2001, None),
        Rate(eur(0), total_from=5000),
        Rate(Money(1200, "USD")),
    )


@pytest.mark.parametrize(
    ("part", "instead", "said"),
    [
        ('DE = "19"', "DE = 19", 'tax "standard", percent.DE: 19 is no rate; write percent in quotes'),
        ('DE = "19"', 'DE = "119"', 'tax "standard", percent.DE'),
        ('DE = "19"', 'UK = "19"', "percent.UK: 'UK' is no country; is GB meant?"),
        ('DE = "19"', 'germany = "19"', "write two capitals"),
        ("USD = false", "USX = false", "prices_include_tax.USX: 'USX' is no currency; write three capitals"),
        ("USD = false", 'USD = "no"', "write true"),
        ("handling = [0, 1]", "handling = [1, 0]", 'shipping "standard", handling: [1, 0]; write the fewest'),
        ("days = [1, 2]", "days = 2", 'shipping "standard", zone 1, days: 2 is not two whole numbers'),
        ("days = [1, 2]", "", "zone 1, days: missing; add a line like days = [1, 2]"),
        ("days = [1, 2]", "day = [1, 2]", "zone 1, day: unknown; is days meant?"),
        ("[[shipping]]", "[[shiping]]", "shiping: unknown; is shipping meant?"),
        (
            '2000 = "4.90"',
            "2000 = 4.90",
            'price.EUR.2000: 4.9 is not in quotes; write the amount like "4.90"',
        ),
        ('2000 = "4.90"', '2000 = "4,90"', "write it like 12.50"),
        ('2000 = "4.90"', '2000 = "4.901"', "finer than EUR"),
        ('2000 = "4.90"', '2000 = "-1"', "below zero"),
        ('2000 = "4.90"', '2kg = "4.90"', "price.EUR.2kg: no weight; write whole grams"),
        ('2000 = "4.90"', '9999999999999 = "4.90"', "no weight"),
        ('EUR = "50.00"', 'GBP = "50.00"', "free_over.GBP: there is no price.GBP"),
        ('EUR = "50.00"', 'EUR = "0"', 'write price.EUR = "0" instead'),
        ('["DE"]', '"DE"', 'countries: not a list; write countries = ["DE", "AT"]'),
        ('["DE"]', '["DE", "DE"]', "DE is in another zone"),
        ('["DE"]', '["DE", "everywhere"]', "everywhere is in another zone"),
        ('name = "Standard"\n', 'name = "  "\n', 'shipping "standard", name'),
        ('name = "Standard"\n', f'name = "{"x" * 81}"\n', "81 characters; use at most 80"),
        ('{ de = "St', '{ qq = "St', "names.qq: no language"),
        ('code = "standard"\nname = "Standard"\n', 'code = "Stan dard"\nname = "Standard"\n', "is no code"),
        ("weight_most = 5000", 'weight_most = "5000"', "rate 1, weight_most: '5000' is no weight"),
        ("weight_most = 5000", "weight_most = 5000\nweight_from = 6000", "below weight_from; swap them"),
        (GOOD[GOOD.index("[[shipping.zone]]") :], "", "zone: missing"),
        (GOOD, GOOD[GOOD.index("[[tax]]") :] * 2, 'shipping "standard": named twice'),
        (GOOD, "", "The file says nothing"),
        (GOOD, 'tax = "19"', "tax: not a list of tables; write [[tax]] above each"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(part: str, instead: str, said: str) -> None:
    assert part in GOOD
    with pytest.raises(BadEntries) as refused:
        read(GOOD.replace(part, instead, 1))
    assert any(said in problem for problem in refused.value.problems), refused.value.problems


def test_files_that_are_none(tmp_path: Path) -> None:
    file = tmp_path / "delivery.toml"
    for content, said in ((b"x = ", "is no TOML"), (b"\xff", "not UTF-8"), (b"#" * 2_000_000, "larger than")):
        file.write_bytes(content)
        with pytest.raises(UnusableFile, match=said):
            read_path(file)
    with pytest.raises(UnusableFile, match="cannot be read"):
        read_path(tmp_path / "none")


amounts = st.integers(0, 3000).map(eur) | st.integers(0, 3000).map(lambda minor: Money(minor, "JPY"))
ends = st.none() | st.integers(0, 400)
rates = st.builds(
    lambda price, weight, span, total, more: Rate(
        price,
        weight,
        None if span is None else weight + span,
        total,
        None if more is None else total + more,
    ),
    amounts,
    st.sampled_from([0, 0, 1, 11, 200]),
    ends,
    st.sampled_from([0, 0, 500]),
    ends,
)
names = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=80)


def destinations(found: list[tuple[str, list[Rate]]]) -> tuple[Destination, ...]:
    return tuple(
        Destination(country, (1, 2), tuple(sorted({rate_order(r): r for r in kept}.values(), key=rate_order)))
        for country, kept in sorted(found)
    )


places = st.lists(
    st.tuples(st.sampled_from(["", "DE", "AT", "GB"]), st.lists(rates, min_size=1, max_size=6)),
    min_size=1,
    unique_by=lambda place: place[0],
).map(destinations)
methods = st.builds(
    Method, st.just("post"), names, st.dictionaries(st.just("de"), names), st.just((0, 1)), places
)


@given(methods)
def test_what_is_written_is_read_back(method: Method) -> None:
    file = DeliveryFile({"EUR": True}, (TaxRates("x", "X", {"DE": Decimal("5.500")}),), (method,))
    assert read(write(file)) == file


def test_what_can_be_said_shortly_is() -> None:
    text = write(read(SAMPLE.read_text(encoding="utf-8")))
    assert "shipping.zone.rate" not in text
    assert 'EUR = { 2000 = "4.90", 5000 = "5.90", 10000 = "7.90", 31500 = "14.90" }' in text
    assert 'countries = ["AT", "FR", "NL"]' in text


@pytest.mark.django_db
def test_an_import_says_what_changed_and_again_changes_nothing(kettle: int) -> None:
    actions.set_shipping_rates(
        method="standard", currency="GBP", rates=[Rate(Money(450, "GBP"))], countries=["FR"]
    )
    changes = apply(read(GOOD))
    assert changes == (
        "USD: prices do not include tax",
        "tax \"standard\": name 'Standard' → 'Standard rate'",
        "shipping \"standard\": names {} → {'de': 'Standardversand'}; handling [0, 0] → [0, 1]; "
        "everywhere days [1, 3] → [3, 9]; everywhere EUR prices changed; DE new; FR removed",
    )
    assert apply(read(GOOD)) == ()
    standard, express = queries.shipping_methods()
    assert (standard, express.code) == (read(GOOD).methods[0], "express")
    assert {tax.code for tax in goods.tax_classes()} == {"standard", "reduced"}
    gone = GOOD.replace(', AT = "20"', "").replace('DE = "19"', 'DE = "16"')
    assert apply(read(gone)) == ('tax "standard": AT 20 % removed; DE 19 % → 16 %',)
    off = '[[shipping]]\ncode = "standard"\nname = "Standard"\nactive = false\n'
    assert "active True → False" in apply(read(off))[0]
    cache.clear()
    assert [way.code for way in queries.terms(country="DE", currency="EUR").ways] == ["express"]


@pytest.mark.django_db
def test_the_order_of_the_file_is_the_shop_s(kettle: int) -> None:
    now = present()
    turned = DeliveryFile(methods=tuple(reversed(now.methods)))
    assert apply(turned) == ("shipping: the order is express, standard",)
    assert queries.shipping_methods() == turned.methods
    assert apply(DeliveryFile(methods=now.methods[:1])) == ()


def run(command: object, *words: str) -> Result:
    return CliRunner().invoke(command, list(words))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_commands(kettle: int, tmp_path: Path) -> None:
    before = present()
    file, out = tmp_path / "delivery.toml", tmp_path / "out.toml"
    file.write_text(GOOD)
    dry = run(import_delivery, str(file), "--dry-run")
    assert "A dry run" in dry.output
    assert "DE new" in dry.output
    assert present() == before
    file.write_text(GOOD.replace("handling = [0, 1]", "handling = [1, 0]"))
    bad = run(import_delivery, str(file))
    assert bad.exit_code == 1
    assert 'shipping "standard", handling' in bad.output
    assert "nothing was imported" in bad.output
    assert present() == before
    file.write_text(GOOD)
    assert "USD: prices do not include tax" in run(import_delivery, str(file)).output
    assert "2 ways of sending and 2 tax classes" in run(export_delivery, str(out)).output
    assert "nothing changed" in run(import_delivery, str(out)).output
    assert read_path(out) == present()


@pytest.mark.django_db
def test_nothing_half_imported(kettle: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = present()

    def broken(_method: Method) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(actions, "replace_shipping_method", broken)
    with pytest.raises(RuntimeError):
        apply(read(GOOD))
    assert present() == before


@pytest.mark.django_db
def test_the_example_of_the_docs_is_one() -> None:
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    assert examples
    for example in examples:
        assert tomllib.loads(example)
        assert apply(read(example))
    catalog.set_tax_rate(code="standard", name="Standard rate", country="FR", percent=Decimal(20))
    assert apply(read(examples[0]), dry_run=True) == ('tax "standard": FR 20 % removed',)
