"""What ``tacit import products`` and ``tacit export products`` say, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tacit.catalog import queries
from tacit.connectors.product_files import command, images
from tacit.connectors.product_files.images import Fetched
from tests.connectors.product_files.files import marks, save, select

pytestmark = pytest.mark.django_db

POT = {
    "slug": "pot",
    "name": "Pot",
    "sku": "POT",
    "price EUR": "12.00",
    "picture": "https://example.com/p.png",
}
RATE = ("--tax-rate", "standard:DE:19")


def bring_in(*arguments: object) -> Result:
    return CliRunner().invoke(command.import_products, [*map(str, arguments)])


def test_it_says_what_it_would_do_and_did(tmp_path: Path) -> None:
    path = save(tmp_path, POT)
    before = marks()
    dry = bring_in(path, *RATE, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert dry.stdout.startswith("A dry run: nothing was changed.")
    assert "Products: 1 new, 0 changed, 0 as they were" in dry.stdout
    assert "  pot: new\n" in dry.stdout
    assert marks() == before
    done = bring_in(path, *RATE)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "With 1 new variants.\n  pot: new\nPictures not fetched: 1; --images fetches them." in done.stdout
    assert str(queries.product_page("pot", currency="EUR", country="DE").percent) == "19.000"
    assert "0 new, 0 changed, 1 as they were" in bring_in(path).stdout


def test_bad_rows_are_named_and_go_where_they_are_told(tmp_path: Path) -> None:
    path = save(tmp_path, POT, POT | {"slug": "pan", "sku": "PAN", "price EUR": "much"})
    before = marks()
    result = bring_in(path, *RATE)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "line 3, price EUR: it is not an amount such as 12.50 ('much')",
        "Error: 1 bad row, so nothing was imported."
        " Mend the file, or use --skip-bad FILE to write them aside and import the rest.",
    ]
    assert marks() == before
    aside = tmp_path / "bad.csv"
    result = bring_in(path, *RATE, "--skip-bad", aside)
    assert f"Bad rows left out, with their products: 1, see {aside}" in result.stdout
    assert "much" in aside.read_text()


def test_pictures_are_fetched_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(_: object, address: str) -> Fetched:
        asked.append(address)
        good = address.endswith("p.png")
        return Fetched(address, picture="media/p.png") if good else Fetched(address, why="it is too blue")

    monkeypatch.setattr(images.Fetcher, "fetch", fetch)
    path = save(tmp_path, POT, POT | {"slug": "pan", "sku": "PAN", "picture": "https://example.com/q.png"})
    bring_in(path, *RATE)
    assert asked == []
    result = bring_in(path, "--images")
    assert sorted(asked) == ["https://example.com/p.png", "https://example.com/q.png"]
    assert "Pictures fetched: 1" in result.stdout
    assert result.stderr == "No picture from https://example.com/q.png: it is too blue.\n"
    assert select("SELECT picture FROM catalog_product ORDER BY id") == [("media/p.png",), ("",)]


def test_a_shopify_file_tells_its_oddities(tmp_path: Path) -> None:
    row = {"Handle": "mug", "Title": "Mug", "Option1 Name": "Title", "Option1 Value": "Default Title"}
    path = save(tmp_path, row | {"Variant Price": "9", "Variant Barcode": "4006381333931"})
    result = bring_in(path, *RATE, "--format", "shopify", "--currency", "GBP")
    assert "        1  no SKU: variants without a SKU.\n           → one is made" in result.stdout
    assert "Columns left out: Variant Barcode (1)" in result.stdout
    assert select("SELECT currency, minor FROM catalog_price") == [("GBP", 900)]


def test_export_says_what_it_wrote_and_leaves_a_file_it_cannot_replace(tmp_path: Path) -> None:
    bring_in(save(tmp_path, POT), *RATE)
    target = tmp_path / "out.csv"
    result = CliRunner().invoke(command.export_products, [str(target)])
    assert result.stdout == f"1 products with 1 variants are in {target}.\n"
    assert "POT" in target.read_text()
    result = CliRunner().invoke(command.export_products, [str(tmp_path)])
    assert (result.exit_code, "is a folder" in result.stderr) == (1, True)
    result = CliRunner().invoke(command.export_products, [str(tmp_path / "no" / "where.csv")])
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out.csv", "products.csv"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("absent.csv",), 1, "There is no file absent.csv."),
        ((".",), 1, "is a folder"),
        (("absent.csv", "--currency", "EURO"), 2, "'EURO' is not an ISO 4217 currency"),
        (("absent.csv", "--tax-rate", "19"), 2, "is not written like standard:DE:19"),
        (("absent.csv", "--format", "excel"), 2, "--format"),
    ],
)
def test_wrong_use_is_refused_without_a_traceback(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = bring_in(*arguments)
    assert (result.exit_code, says in result.stderr) == (code, True)
    assert isinstance(result.exception, SystemExit)
