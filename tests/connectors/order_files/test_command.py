"""What ``tacit import orders`` says, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tacit.connectors.order_files.command import orders
from tacit.connectors.order_files.profiles import PROFILES
from tests.connectors.order_files.files import marks, row, save

pytestmark = pytest.mark.django_db


def tacit_import_orders(*arguments: object) -> Result:
    return CliRunner().invoke(orders, [*map(str, arguments), "--profile", "uci-online-retail"])


def test_it_says_what_it_found_and_did(tmp_path: Path) -> None:
    path = save(tmp_path, row(), row(invoice="C536366", quantity=-1), row(code="POST", price="0.00"))
    first = tacit_import_orders(path, "--stock", "5")
    assert first.exit_code == 0
    assert "3 lines, 2 invoices, 1 of them cancellations, 1 customers" in first.stdout
    assert "New: 2 orders with 3 lines, 1 products." in first.stdout
    for oddity in PROFILES["uci-online-retail"].oddities:
        assert f"  {oddity.name}: " in first.stdout
        assert oddity.treatment in first.stdout
    assert "        1  zero prices" in first.stdout
    assert first.stderr == ""
    before = marks()
    second = tacit_import_orders(path, "--stock", "5")
    assert (second.exit_code, "nothing changed" in second.stdout) == (0, True)
    assert marks() == before


def test_many_bad_rows_are_counted_and_the_first_twenty_shown(tmp_path: Path) -> None:
    before = marks()
    path = save(tmp_path, row(), *(row(quantity=f"x{n}") for n in range(1500)))
    result = tacit_import_orders(path)
    assert result.exit_code == 1
    assert result.stdout == ""
    said = result.stderr.splitlines()
    assert said[0] == "line 3, Quantity: it is not a whole number ('x0')"
    assert said[19] == "line 22, Quantity: it is not a whole number ('x19')"
    assert said[20] == "… and 1,480 more"
    assert said[21].startswith("Error: 1,500 bad rows, so nothing was imported.")
    assert len(said) == 22
    assert marks() == before


def test_bad_rows_go_where_they_are_told(tmp_path: Path) -> None:
    aside = tmp_path / "bad.csv"
    result = tacit_import_orders(save(tmp_path, row(), row(quantity="six")), "--skip-bad", aside)
    assert result.exit_code == 0
    assert f"Bad rows left out: 1, see {aside}" in result.stdout
    assert "six" in aside.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("absent.csv",), 1, "There is no file absent.csv."),
        ((".",), 1, "is a folder"),
        (("absent.csv", "--stock", "-1"), 2, "--stock"),
        (("absent.csv", "--stock", "many"), 2, "--stock"),
        (("absent.csv", "--unpacked-limit", "0"), 2, "--unpacked-limit"),
    ],
)
def test_wrong_use_is_refused_without_a_traceback(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = tacit_import_orders(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_an_unknown_profile_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    result = CliRunner().invoke(orders, [str(save(tmp_path, row())), "--profile", "other"])
    assert result.exit_code == 2
    assert "uci-online-retail" in result.stderr


def test_the_limit_is_kept(tmp_path: Path) -> None:
    before = marks()
    path = save(tmp_path, *(row(invoice=str(n)) for n in range(20_000)), packed=True)
    result = tacit_import_orders(path, "--unpacked-limit", "1")
    assert result.exit_code == 1
    assert "larger than 1,048,576 bytes when unpacked" in result.stderr
    assert marks() == before
