"""The search page: what it says, how it narrows and pages, and what is noted of it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.catalog.types import NewProduct, NewVariant
from tacit.core import journal
from tacit.core.money import Money
from tests.conftest import NOW


def html(path: str, **headers: str) -> str:
    answer = Client(headers=headers).get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def noted() -> list[dict[str, object]]:
    return [
        entry.data for entry in journal.latest(Visitor(staff=True))[0] if entry.kind == "catalog.searched"
    ]


@pytest.mark.django_db
def test_it_says_what_it_took_instead_and_what_it_left_out(shop: int) -> None:
    page = html("/search?q=ketle+xyzzyq")
    assert "Nothing for “ketle”; showing “kettle”." in page
    assert "Left out, because nothing here has it: “xyzzyq”." in page
    assert "/p/kettle" in page
    assert "Nothing here has “xyzzyq”" in html("/search?q=xyzzyq")


@pytest.mark.django_db
def test_it_is_narrowed_sorted_and_widened_again(shop: int) -> None:
    page = html("/search?q=kettle&least=10,00&most=50&stock=1&sort=cheapest&category=kitchen")
    assert "/p/kettle" in page and "/p/lid" not in page
    assert 'value="10,00"' in page and 'value="cheapest" selected' in page
    assert 'href="/search?q=kettle"' in page
    assert "Nothing found fits this choice" in html("/search?q=kettle&option=colour%3Dmauve")


@pytest.mark.django_db
def test_pages_keep_what_was_asked(shop: int) -> None:
    for number in range(30):
        variants = (NewVariant(f"M{number}", prices=(Money(100, "EUR"),), stock=1),)
        catalog.save_product(NewProduct(f"mug-{number}", f"Mug {number}", variants), now=NOW)
    page = html("/search?q=mug&stock=1&sort=name&utm=x")
    assert "30 products" in page
    assert 'href="?q=mug&amp;stock=1&amp;sort=name&amp;page=2"' in page
    assert page.index("/p/mug-2") < page.index("/p/mug-10")
    assert "/p/mug-29" in html("/search?q=mug&stock=1&sort=name&page=2")
    assert Client().get("/search?q=mug&page=3").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("least=ten", "least"),
        ("least=-1", "least"),
        ("most=1e9", "most"),
        ("most=%00", "most"),
        ("most=99999999999999999999", "most"),
        ("least=9&most=5", "most"),
        ("sort=random", "sort"),
        ("option=%1b", "option"),
        ("option=" + "o" * 200, "option"),
        ("&".join(f"option=a{n}" for n in range(9)), "option"),
        ("category=%00", "option"),
        ("page=x", "page"),
    ],
)
def test_what_cannot_be_asked_is_named_and_not_noted(shop: int, asked: str, field: str) -> None:
    answer = Client().get(f"/search?q=kettle&{asked}")
    assert answer.status_code == 422
    assert f"· {field}</p>" in answer.content.decode()
    assert noted() == []


@pytest.mark.django_db
def test_odd_choices_find_nothing_and_break_nothing(shop: int) -> None:
    for odd in ("option=%27%3B--", "option=%5C", "category=%27+%26+%28", "option=a%3Db%3Dc"):
        assert "/p/kettle" not in html(f"/search?q=kettle&{odd}")
    for query in ("%27", "%28%7C%26%21", "%5C%27", "a%3A%2A", "%F0%9F%AB%96", "%3A%2A"):
        html(f"/search?q={query}")


@pytest.mark.django_db
def test_a_persons_first_page_is_noted_and_nothing_else(shop: int) -> None:
    html("/search?q=Ketle+ana%40example.com")
    assert noted() == [{"words": ["ketle"], "language": "en", "found": 2, "corrected": [["ketle", "kettle"]]}]
    for path in ("/search", "/search?q=kettle&stock=1", "/search?q=kettle&sort=name", "/search?q=%25"):
        html(path)
    html("/search?q=kettle", user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    html("/search?q=kettle", sec_purpose="prefetch")
    Client().head("/search?q=kettle")
    Client().get("/search?q=kettle&page=2")
    assert len(noted()) == 1


@pytest.mark.django_db
def test_a_note_that_fails_does_not_fail_the_page(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        from django.db import OperationalError

        raise OperationalError("planted")

    monkeypatch.setattr(journal, "record", broken)
    assert "/p/kettle" in html("/search?q=kettle")


@pytest.mark.django_db
def test_a_search_takes_four_statements(shop: int) -> None:
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as taken:
        html("/search?q=ketle+lid&sort=cheapest&stock=1")
    assert len(taken) <= 4
    cache.clear()
    with CaptureQueriesContext(connection) as taken:
        html("/search?q=ketle+lid")
    own = [each for each in taken if "SAVEPOINT" not in each["sql"]]
    assert len(own) <= 4
