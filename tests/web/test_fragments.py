"""Fragments keep to their budgets, rest when they fail, and never stand between a shopper and the page."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache as shelves_cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from tacit.catalog import actions as catalog
from tacit.catalog import queries
from tacit.catalog.models import Product, Stock
from tacit.catalog.types import NewProduct, NewVariant, NoSuchProduct
from tacit.core.demo import Trouble
from tacit.core.money import Money
from tacit.web.fragments import breaker, making
from tacit.web.fragments.breaker import Breaker
from tacit.web.fragments.kinds import Asked, Budget, Fragment, Outcome
from tacit.web.fragments.making import Kitchen
from tacit.web.fragments.registry import FRAGMENTS
from tests.conftest import NOW

ASKED = Asked("kettle", "EUR", "en")
ROOMY = Budget(bytes=4_000, milliseconds=2_000, statements=3)
PART, WHOLE = "/f/also/kettle/part", "/f/also/kettle"


@pytest.fixture(autouse=True)
def kitchen(monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """A kitchen of its own, whose breakers know nothing of other tests."""
    fresh = Kitchen()
    monkeypatch.setattr("tacit.web.fragments.views.kitchen", fresh)
    return fresh


def ask(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def fragment(load: Any = lambda asked: {"products": ()}, *, budget: Budget = ROOMY) -> Fragment:
    return Fragment("tried", "catalog", "Tried", "web/fragments/also.html", load, budget)


def shelved(many: int, *, category: str = "kitchen") -> None:
    for number in range(many):
        variants = (NewVariant(f"M{number}", prices=(Money(100 + number, "EUR"),), stock=1),)
        catalog.save_product(
            NewProduct(f"mug-{number}", f"Mug {number}", variants, category=category), now=NOW
        )


def also(slug: str, **changes: str) -> list[str]:
    return [row.slug for row in queries.also_in_category(slug, **{"currency": "EUR", **changes})]  # type: ignore[arg-type]


@pytest.mark.django_db
def test_also_in_this_category_shows_others_that_can_be_bought(shop: int) -> None:
    shelved(6)
    assert also("kettle") == ["mug-0", "mug-1", "mug-2", "mug-3"]
    assert also("mug-4") == ["mug-5", "lid", "kettle", "mug-0"], "at the end it begins again"
    Stock.objects.filter(variant__sku="M1").update(claimed=1)
    Product.objects.filter(slug="mug-2").update(active=False)
    assert also("kettle") == ["mug-0", "mug-3", "mug-4", "mug-5"]
    assert also("mug-0", currency="GBP") == ["kettle"]
    catalog.save_category(slug="kitchen", name="Kitchen", sensitive=True)
    assert also("kettle") == []
    html = Client().get("/p/kettle").content.decode()
    assert "data-part" not in html


@pytest.mark.django_db
def test_of_a_product_there_is_not_there_is_no_part(shop: int, kitchen: Kitchen) -> None:
    Product.objects.filter(slug="lid").update(active=False)
    for slug in ("nothing", "lid"):
        with pytest.raises(NoSuchProduct):
            also(slug)
        assert Client().get(f"/f/also/{slug}").status_code == 404
        for _ in range(breaker.FAILURES):
            assert Client().get(f"/f/also/{slug}/part").status_code == 404
    assert kitchen.make(FRAGMENTS["also"], ASKED).outcome is Outcome.NOTHING, "nobody's invention stops it"


@pytest.mark.django_db
def test_a_shelf_is_as_sensitive_as_the_one_above(shop: int) -> None:
    catalog.save_category(slug="above", name="Above", sensitive=True)
    catalog.save_category(slug="kitchen", name="Kitchen", parent="above")
    assert also("kettle") == []


@pytest.mark.django_db
def test_the_page_links_to_what_its_script_fetches(
    shop: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    html = Client().get("/p/kettle").content.decode()
    assert f'data-part="{PART}"' in html and f'href="{WHOLE}"' in html
    assert "Kettle lid</a><span" not in html, "the page does not wait for it"
    with django_assert_num_queries(4):  # the statement, its time-out, and a savepoint around them
        part = Client().get(PART)
    assert part.status_code == 200 and "Kettle lid" in part.content.decode()
    assert "€5.00" in part.content.decode() and 'href="/p/lid"' in part.content.decode()
    whole = Client().get(WHOLE).content.decode()
    assert part.content.decode().strip() in whole and 'href="/p/kettle"' in whole
    assert "Kesseldeckel" not in whole
    assert 'href="/de/p/lid"' in Client().get(f"/de{PART}").content.decode()


@pytest.mark.django_db
def test_alone_on_its_shelf_it_has_no_slot(shop: int) -> None:
    shelved(1, category="")
    catalog.save_category(slug="alone", name="Alone")
    catalog.save_product(
        NewProduct(
            "hermit", "Hermit", (NewVariant("H", prices=(Money(1, "EUR"),), stock=1),), category="alone"
        ),
        now=NOW,
    )
    shelves_cache.clear()
    for slug in ("hermit", "mug-0"):
        html = Client().get(f"/p/{slug}").content.decode()
        assert "data-part" not in html and "fragments.js" not in html
    assert Client().get("/f/also/hermit/part").status_code == 204
    assert "nothing else" in Client().get("/f/also/hermit").content.decode()
    assert Client().get("/f/never/hermit/part").status_code == 404
    assert Client().get("/f/never/hermit").status_code == 404


@pytest.mark.django_db
def test_switched_off_it_is_gone_from_the_page(shop: int, settings: Settings) -> None:
    settings.FRAGMENTS_OFF = frozenset({"also"})
    assert "data-part" not in Client().get("/p/kettle").content.decode()
    assert Client().get(PART).status_code == 204
    assert Client().get(WHOLE).status_code == 404


@pytest.mark.django_db
def test_a_slow_one_is_cut_off_in_the_database(kitchen: Kitchen) -> None:
    import time

    begin = time.monotonic()
    tight = replace(ROOMY, milliseconds=60)
    made = kitchen.make(fragment(lambda asked: ask("SELECT pg_sleep(5)"), budget=tight), ASKED)
    assert (made.outcome, made.html) == (Outcome.LATE, "")
    assert time.monotonic() - begin < 2
    ask("SELECT pg_sleep(0.1)")  # the time-out went with it, and the connection works on


@pytest.mark.django_db
def test_time_spent_elsewhere_counts_too() -> None:
    now = [0.0]

    def load(asked: Asked) -> Mapping[str, Any]:
        now[0] += 2.1
        return {"products": ()}

    assert Kitchen(clock=lambda: now[0]).make(fragment(load), ASKED).outcome is Outcome.LATE


@pytest.mark.django_db
@pytest.mark.parametrize(("statements", "outcome"), [(3, Outcome.SHOWN), (4, Outcome.TOO_MANY_STATEMENTS)])
def test_statements_are_counted(kitchen: Kitchen, statements: int, outcome: Outcome) -> None:
    def load(asked: Asked) -> Mapping[str, Any]:
        ask(*["SELECT 1"] * statements)
        return {"products": ()}

    assert kitchen.make(fragment(load), ASKED).outcome is outcome


@pytest.mark.django_db
def test_bytes_are_counted(kitchen: Kitchen) -> None:
    size = len(kitchen.make(fragment(), ASKED).html.encode())
    assert kitchen.make(fragment(budget=replace(ROOMY, bytes=size)), ASKED).outcome is Outcome.SHOWN
    made = kitchen.make(fragment(budget=replace(ROOMY, bytes=size - 1)), ASKED)
    assert (made.outcome, made.html) == (Outcome.TOO_MANY_BYTES, "")


@pytest.mark.django_db
def test_a_broken_one_is_absent_and_what_it_wrote_is_undone(
    shop: int, kitchen: Kitchen, caplog: pytest.LogCaptureFixture
) -> None:
    def writing(asked: Asked) -> Mapping[str, Any]:
        ask("UPDATE catalog_product SET name = 'written'")
        return {"products": ()}

    def broken(asked: Asked) -> None:
        ask("UPDATE catalog_product SET name = 'broken'")
        raise RuntimeError("planted")

    assert kitchen.make(fragment(writing), ASKED).outcome is Outcome.SHOWN
    assert kitchen.make(fragment(broken), ASKED).outcome is Outcome.BROKEN
    assert set(Product.objects.values_list("name", flat=True)) == {"Enamel kettle", "Kettle lid"}
    assert "planted" in caplog.text


@pytest.mark.django_db
def test_after_failures_it_is_not_even_tried_and_then_probed_once(caplog: pytest.LogCaptureFixture) -> None:
    now, tries, works = [0.0], [0], [False]

    def load(asked: Asked) -> Mapping[str, Any]:
        tries[0] += 1
        if not works[0]:
            raise RuntimeError
        return {"products": ()}

    kitchen = Kitchen(clock=lambda: now[0])
    caplog.set_level(logging.CRITICAL, "tacit.fragments")
    for _ in range(breaker.FAILURES + 2):
        kitchen.make(fragment(load), ASKED)
    assert tries == [breaker.FAILURES]
    assert kitchen.make(fragment(load), ASKED).outcome is Outcome.RESTING
    other = replace(fragment(), name="other")
    assert kitchen.make(other, ASKED).outcome is Outcome.SHOWN, "each has its own breaker"
    now[0] += breaker.REST_SECONDS
    assert [kitchen.make(fragment(load), ASKED).outcome for _ in range(2)] == [
        Outcome.BROKEN,
        Outcome.RESTING,
    ]
    works[0] = True
    now[0] += breaker.REST_SECONDS
    assert kitchen.make(fragment(load), ASKED).outcome is Outcome.SHOWN
    assert kitchen.make(fragment(load), ASKED).outcome is Outcome.SHOWN


def test_a_breaker_opens_only_by_failures_close_together_and_lets_one_probe() -> None:
    one = Breaker()
    for second in range(0, 200, 20):
        assert one.failed(float(second)) is False
    assert one.failed(195.0) is False
    assert one.failed(196.0) is True
    assert not one.lets(196.0 + breaker.REST_SECONDS - 0.1)
    later = 196.0 + breaker.REST_SECONDS
    assert [one.lets(later), one.lets(later)] == [True, False]
    assert one.lets(later + breaker.REST_SECONDS), "a probe that never came back does not keep it shut"
    assert one.succeeded() is True
    assert one.lets(later) and one.succeeded() is False


@pytest.mark.django_db
def test_no_more_than_some_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "WAIT_SECONDS", 0.01)
    kitchen = Kitchen()
    inner: list[Outcome] = []

    def load(asked: Asked) -> Mapping[str, Any]:
        made = kitchen.make(fragment(load if len(inner) + 1 < making.AT_ONCE else deepest), ASKED)
        inner.append(made.outcome)
        return {"products": ()}

    def deepest(asked: Asked) -> Mapping[str, Any]:
        inner.append(kitchen.make(fragment(), ASKED).outcome)
        return {"products": ()}

    kitchen.make(fragment(load), ASKED)
    assert inner[0] is Outcome.BUSY


@pytest.mark.django_db
def test_outcomes_are_counted_where_figures_are_served(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, ...]] = []

    class Counter:
        def labels(self, *labels: str) -> Counter:
            counted.append(labels)
            return self

        def inc(self) -> None: ...

    monkeypatch.setattr(making, "_counter", Counter)
    kitchen.make(fragment(), ASKED)
    assert counted == []
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "somewhere")
    kitchen.make(fragment(), ASKED)
    kitchen.make(fragment(budget=replace(ROOMY, bytes=1)), ASKED)
    assert counted == [("tried", "shown"), ("tried", "too_many_bytes")]


@pytest.mark.django_db
def test_the_demos_console_slows_and_kills_a_room(
    kitchen: Kitchen, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    armed = [Trouble(), Trouble(slow_ms=10), Trouble(slow_ms=5_000), Trouble(dead=True)]
    monkeypatch.setattr(making, "trouble_of", lambda room: armed.pop(0))
    tight = fragment(budget=Budget(bytes=4_000, milliseconds=200, statements=0))
    outcomes = [kitchen.make(tight, ASKED).outcome for _ in range(4)]
    assert outcomes == [Outcome.SHOWN, Outcome.SHOWN, Outcome.LATE, Outcome.BROKEN]


@pytest.fixture
def troubled(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The real fragment with another loader or budget."""
    changes: dict[str, Any] = {}

    class Changed(dict[str, Fragment]):
        def __getitem__(self, name: str) -> Fragment:
            return replace(FRAGMENTS[name], **changes)

        def get(self, name: str, default: Any = None) -> Any:
            return self[name]

    monkeypatch.setattr("tacit.web.fragments.views.FRAGMENTS", Changed())
    yield changes


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["slow", "dead", "chatty", "fat"])
def test_the_product_page_is_the_same_whatever_becomes_of_it(
    shop: int,
    troubled: dict[str, Any],
    kind: str,
    django_assert_num_queries: DjangoAssertNumQueries,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def dead(asked: Asked) -> None:
        raise RuntimeError

    before = Client().get("/p/kettle")
    assert Client().get(PART).status_code == 200
    troubled.update(
        {
            "slow": {
                "load": lambda asked: ask("SELECT pg_sleep(3)"),
                "budget": Budget(bytes=4_000, milliseconds=40, statements=1),
            },
            "dead": {"load": dead},
            "chatty": {"load": lambda asked: ask("SELECT 1", "SELECT 2")},
            "fat": {"budget": Budget(bytes=10, milliseconds=2_000, statements=1)},
        }[kind]
    )
    for _ in range(breaker.FAILURES + 1):
        part = Client().get(PART)
        assert (part.status_code, part.content) == (204, b"")
        with django_assert_num_queries(1):
            page = Client().get("/p/kettle")
        assert (page.status_code, page.content) == (200, before.content)
    whole = Client().get(WHOLE)
    assert whole.status_code == 503 and "taking a rest" in whole.content.decode()
    assert 'href="/p/kettle"' in whole.content.decode()
