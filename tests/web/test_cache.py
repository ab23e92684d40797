"""Pages for everybody: nobody's page reaches another, copies are short-lived, bounded, and made once."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from tacit.catalog import actions as catalog
from tacit.catalog.models import Price
from tacit.catalog.types import NewProduct, NewVariant
from tacit.config.urls import urlpatterns as shop_urls
from tacit.core.money import Money
from tacit.web import cache
from tacit.web.answering import page
from tacit.web.cache import everybody
from tacit.web.cache_store import Store
from tacit.web.visitor import visitor_of
from tests.conftest import NOW
from tests.web.conftest import with_kettle

SECRET = "ana@example.com"


@pytest.fixture(autouse=True)
def kept(settings: Settings) -> Iterator[None]:
    """Pages are kept, for long."""
    settings.PAGE_CACHE_SECONDS = 600
    cache.store.clear()
    yield
    cache.store.clear()


def leaking(request: HttpRequest) -> HttpResponse:
    """A view that shows everything it can find out about who asks."""
    known = [
        str(visitor_of(request)),
        str(request.COOKIES),
        str(request.META),
        str(request.headers),
        str(getattr(request, "user", "")),
        str(dict(getattr(request, "session", {}) or {})),
        request.get_full_path(),
        request.build_absolute_uri(),
        str(request.GET),
        str(request.body),
    ]
    response = HttpResponse("\n".join(known))
    response.set_cookie("follows", SECRET)
    return response


urlpatterns = [
    *shop_urls,
    path("guarded", everybody(page(leaking))),
    path("bare", page(leaking)),
]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("address", "leaks"), [("/guarded", False), ("/bare", True)])
def test_a_view_that_leaks_has_nothing_to_leak(desk: Client, address: str, leaks: bool) -> None:
    """The control is the same view without its guard."""
    desk.cookies["cart"] = SECRET
    headers = {"user-agent": SECRET, "referer": SECRET, "accept-language": SECRET, "authorization": SECRET}
    answer = desk.get(f"{address}?utm_source={SECRET}", headers=headers, REMOTE_ADDR="203.0.113.9")
    text = answer.content.decode()
    for known in (SECRET, "203.0.113.9", "staff=True", desk.cookies["sessionid"].value, "utm_source"):
        assert (known in text) is leaks, known
    assert ("follows" in answer.cookies) is leaks


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/c/kitchen", "/p/kettle", "/search?q=kettle", "/f/also/kettle/part"]
)
def test_staff_a_shopper_with_a_cart_and_a_stranger_get_the_same_page(
    shop: int, desk: Client, address: str
) -> None:
    answers = [client.get(address) for client in (desk, with_kettle(shop), Client(), desk)]
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert len({each["ETag"] for each in answers}) == 1
    assert not any(each.cookies for each in answers)
    assert {each["Vary"] for each in answers} == {"Accept-Encoding, Cookie"}


@pytest.mark.django_db
def test_pages_of_somebody_are_never_kept(shop: int, desk: Client) -> None:
    client = with_kettle(shop)
    for one, address in ((client, "/checkout"), (desk, "/desk"), (desk, "/orders"), (client, "/sign-in")):
        answer = one.get(address)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"] or "private" in answer["Cache-Control"]
    assert len(cache.store) == 0
    assert Client().get("/desk").status_code != 200


@pytest.mark.django_db
def test_a_kept_page_asks_the_database_nothing(
    shop: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = Client().get("/p/kettle")
    with django_assert_num_queries(0):
        again = Client().get("/p/kettle")
    assert again.content == first.content
    assert again["Content-Language"] == first["Content-Language"] == "en"
    for header in ("X-Frame-Options", "X-Content-Type-Options", "Content-Type"):
        assert again[header] == first[header]


@pytest.mark.django_db
def test_a_changed_price_shows_when_the_time_is_over(shop: int, settings: Settings) -> None:
    settings.PAGE_CACHE_SECONDS = 1
    clock = [100.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tacit.web.cache.time.monotonic", lambda: clock[0])
        assert b"39.00" in Client().get("/p/kettle").content
        Price.objects.filter(variant=shop, currency="EUR", until=None).update(minor=4100)
        clock[0] += 0.9
        assert b"39.00" in Client().get("/p/kettle").content
        clock[0] += 0.2
        assert b"41.00" in Client().get("/p/kettle").content


@pytest.mark.django_db
def test_who_has_the_page_gets_304_until_it_changes(shop: int) -> None:
    tag = Client().get("/p/kettle")["ETag"]
    answer = Client().get("/p/kettle", headers={"if-none-match": f'"other", {tag}'})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert "Content-Type" not in answer.headers
    assert Client().get("/p/lid", headers={"if-none-match": tag}).status_code == 200
    Price.objects.filter(variant=shop, currency="EUR", until=None).update(minor=4100)
    cache.store.clear()
    assert Client().get("/p/kettle", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.django_db
def test_compressed_where_it_can_be_read(shop: int) -> None:
    plain = Client().get("/p/kettle")
    packed = Client().get("/p/kettle", headers={"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip" and plain["Vary"] == packed["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Length"] == str(len(packed.content))
    refused = Client().get("/p/kettle", headers={"accept-encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.django_db
def test_head_says_what_get_would(shop: int) -> None:
    for _ in range(2):
        head = Client().head("/p/kettle")
        assert (head.status_code, head.content) == (200, b"")
        got = Client().get("/p/kettle")
        assert (head["ETag"], head["Content-Length"]) == (got["ETag"], str(len(got.content)))


@pytest.mark.django_db
def test_addresses_of_campaigns_are_one_page_and_leave_no_trace(shop: int) -> None:
    plain = Client().get("/")
    for query in ("utm_source=news", "fbclid=1&page=", "x=%3Cb%3E&y"):
        answer = Client().get(f"/?{query}")
        assert answer.content == plain.content
    assert Client().get("/?page=1&utm_source=news").content == plain.content
    assert len(cache.store) == 1


@pytest.mark.django_db
def test_a_page_is_kept_once_however_it_is_written(shop: int) -> None:
    for number in range(30):
        variants = (NewVariant(f"M{number}", prices=(Money(100, "EUR"),), stock=1),)
        catalog.save_product(NewProduct(f"mug-{number}", f"Mug {number}", variants), now=NOW)
    first, second = Client().get("/").content, Client().get("/?page=2").content
    product = Client().get("/p/kettle").content
    assert first != second and Client().get("/?page=1").content == first
    for odd in ("01", "1&page=1", "%201", "02", "1&page=2", "+2", "2&page="):
        assert Client().get(f"/?page={odd}").status_code == 200
    for number in ("2", "1.0", "-1", "x" * 2_000):
        assert Client().get(f"/p/kettle?page={number}").content == product
    for address, status in (("/?page=0", 422), ("/?page=1.0", 422), ("/?page=999", 404), ("/p/nothing", 404)):
        assert Client().get(address).status_code == status
    assert len(cache.store) == 3


@pytest.mark.django_db
def test_inventions_push_out_no_real_page(
    shop: int, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """With room for three, a stranger asks by other names, ports and numbers, and for what there is not."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, ".example.com"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "store", Store(entries=3, size=cache.SIZE))
        real = ("/", "/p/kettle", "/c/kitchen")
        bodies = [Client().get(address).content for address in real]
        for number in range(100):
            invented = Client(HTTP_HOST=f"x{number}.example.com:{8000 + number}")
            assert invented.get("/p/kettle").content == bodies[1], "by no name does the page say another"
            assert invented.get(f"/?page=0{number + 1}").status_code in {200, 404}
            assert invented.get(f"/f/also/x{number}").status_code == 404
            invented.get(f"/c/kitchen?page={number + 2}")
            invented.get(f"/p/kettle?page={number}&x={number}")
        with django_assert_num_queries(0):
            assert [Client().get(address).content for address in real] == bodies


@pytest.mark.django_db
def test_each_currency_and_language_has_its_page(shop: int, settings: Settings) -> None:
    settings.SHOP_CURRENCIES = ("EUR", "GBP")
    british = Client()
    british.cookies["currency"] = "GBP"
    guessed = Client()
    guessed.cookies["currency"] = "XXX"
    for _ in range(2):
        assert "£34.00" in british.get("/p/kettle").content.decode()
        assert "€39.00" in Client().get("/p/kettle").content.decode()
        assert "€39.00" in guessed.get("/p/kettle").content.decode()
        german = Client().get("/de/p/kettle")
        assert "39,00" in german.content.decode() and german["Content-Language"] == "de"
    assert len(cache.store) == 3


@pytest.mark.django_db
def test_0_seconds_keep_nothing(shop: int, settings: Settings) -> None:
    settings.PAGE_CACHE_SECONDS = 0
    assert Client().get("/p/kettle")["ETag"]
    assert len(cache.store) == 0


def test_a_page_that_reads_more_is_not_kept() -> None:
    for more in ({"headers": ["User-Agent"]}, {"parameters": ["q"]}):
        with pytest.raises(ValueError, match="kept"):
            everybody(leaking, **more)


def test_a_view_that_opens_a_session_fails_rather_than_showing_one() -> None:
    def opening(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.session["secret"])

    request = RequestFactory().get("/")
    request.session = {"secret": SECRET}  # type: ignore[assignment]
    request.resolver_match = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        everybody(opening)(request)


@dataclass(frozen=True)
class Thing:
    name: str
    size: int = 10


def test_the_store_keeps_to_its_bounds_and_forgets_the_longest_unasked() -> None:
    store: Store[Thing] = Store(entries=3, size=35)
    for name in "abcd":
        store.get(name, lambda name=name: Thing(name), clock=lambda: 0.0, seconds=9)  # type: ignore[misc]
        store.fresh("a", now=0.0, seconds=9)
    assert [name for name in "abcd" if store.fresh(name, now=0.0, seconds=9)] == ["a", "c", "d"]
    store.get("big", lambda: Thing("big", 30), clock=lambda: 0.0, seconds=9)
    assert (len(store), store.size) == (1, 30)
    store.get("too big", lambda: Thing("too big", 36), clock=lambda: 0.0, seconds=9)
    assert store.size == 30
    assert store.fresh("big", now=9.0, seconds=9) is None


CROWD = 8


@pytest.mark.parametrize(("patience", "times"), [(5.0, 1), (0.0, CROWD)], ids=["guarded", "nobody waits"])
def test_a_crowd_has_a_page_made_once(patience: float, times: int) -> None:
    """The control is a store whose requests do not wait for each other."""
    store: Store[Thing] = Store(entries=3, size=100, patience=patience)
    asked, all_inside = threading.Barrier(CROWD), threading.Event()
    made: list[str] = []

    def make() -> Thing:
        made.append("")
        if len(made) == CROWD:
            all_inside.set()
        all_inside.wait(0.5)  # as long as a page takes: whoever may make it too is inside by then
        return Thing("new")

    got: list[Thing | None] = []

    def ask() -> None:
        asked.wait(5)
        got.append(store.get("page", make, clock=lambda: 0.0, seconds=9))

    crowd = [threading.Thread(target=ask) for _ in range(CROWD)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(10)
    assert len(made) == times
    assert got == [Thing("new")] * CROWD


def test_while_a_page_is_made_anew_others_get_the_one_before_but_no_old_one() -> None:
    store: Store[Thing] = Store(entries=3, size=100, patience=0.05)
    now = [0.0]
    inside: list[Thing | None] = []

    def ask(name: str) -> Thing | None:
        return store.get("page", lambda: Thing(name), clock=lambda: now[0], seconds=5)

    def slow() -> Thing:
        inside.append(ask("impatient"))
        return Thing("second")

    assert ask("first") == Thing("first")
    now[0] = 6.0
    assert store.get("page", slow, clock=lambda: now[0], seconds=5) == Thing("second")
    assert inside == [Thing("first")]
    now[0] = 600.0
    store.get("page", slow, clock=lambda: now[0], seconds=5)
    assert inside[1] == Thing("impatient"), "ten minutes old is not shown: it waits, then makes its own"


def test_a_page_that_cannot_be_made_blocks_nobody() -> None:
    store: Store[Thing] = Store(entries=3, size=100, patience=0.05)

    def broken() -> Thing:
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            store.get("page", broken, clock=lambda: 0.0, seconds=5)
    assert store.get("page", lambda: None, clock=lambda: 0.0, seconds=5) is None
    assert store.get("page", lambda: Thing("fine"), clock=lambda: 0.0, seconds=5) == Thing("fine")
