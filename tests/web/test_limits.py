"""How often one client may ask, and that nobody else pays for it."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.accounts import actions as accounts
from tacit.accounts.types import Visitor
from tacit.web import limits
from tacit.web.limits import Allowances, Kind

pytestmark = pytest.mark.django_db
HERE = "203.0.113.9"


@pytest.fixture(autouse=True)
def few(settings: Settings) -> Iterator[None]:
    settings.RATE = 16
    limits.forget()
    yield
    limits.forget()


def statuses(path: str, times: int, *, client: str = HERE, method: str = "POST", **extra: str) -> list[int]:
    browser = Client(REMOTE_ADDR=client)
    return [browser.generic(method, path, headers=extra).status_code for _ in range(times)]


def test_a_flood_is_answered_with_when_to_come_again(shop: int) -> None:
    assert 429 not in statuses("/currency", 16)
    answer = Client(REMOTE_ADDR=HERE).post("/currency")
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 4
    assert "That was too often" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert statuses("/de/buy", 1) == [429]


def test_others_and_pages_are_not_touched_by_it(shop: int) -> None:
    statuses("/currency", 20)
    assert statuses("/currency", 1, client="203.0.113.10") != [429]
    assert statuses("/", 40, method="GET") == [200] * 40
    assert 429 not in statuses("/hooks/practice", 40)


def test_a_network_is_one_client(shop: int) -> None:
    statuses("/currency", 16, client="2001:db8:1:2::9")
    assert statuses("/currency", 1, client="2001:db8:1:2:ffff::1") == [429]
    assert statuses("/currency", 1, client="2001:db8:1:3::9") != [429]


def test_a_proxy_s_word_counts_only_where_there_is_one(shop: int, settings: Settings) -> None:
    for each in range(16):
        statuses("/currency", 1, **{"X-Forwarded-For": f"198.51.100.{each}"})
    assert statuses("/currency", 1, **{"X-Forwarded-For": "198.51.100.99"}) == [429]
    settings.BEHIND_PROXY = True
    assert statuses("/currency", 1, **{"X-Forwarded-For": "198.51.100.99"}) != [429]


def test_searches_and_signing_in_have_less(shop: int) -> None:
    assert statuses("/search?q=kettle", 9, method="GET") == [200] * 8 + [429]
    assert statuses("/sign-in", 3)[-1] == 429


def test_who_guesses_links_is_stopped_and_others_open_theirs(shop: int) -> None:
    wrong = [f"/order/K7M2P9QX4C/{each:022d}" for each in range(3)]
    found = [status for path in wrong for status in statuses(path, 1, method="GET")]
    assert found == [404, 404, 429]
    assert statuses(wrong[0], 1, method="GET", client="203.0.113.10") == [404]
    assert statuses("/sign-in", 1) != [429]  # another allowance


def test_the_api_answers_with_a_problem(shop: int) -> None:
    browser = Client(REMOTE_ADDR=HERE)
    assert {browser.get("/api/nothing-here").status_code for _ in range(32)} == {404}
    answer = browser.get("/api/nothing-here")
    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")
    assert int(answer["Retry-After"]) >= 1


def test_made_up_keys_are_no_way_around_it(shop: int) -> None:
    told = [
        status
        for each in range(4)
        for status in statuses("/api/orders", 1, method="GET", Authorization=f"Bearer tacit_{each}")
    ]
    assert told == [401, 401, 429, 429]


def test_a_made_up_key_counts_as_its_network_wherever_it_is_shown(shop: int) -> None:
    told = [
        status
        for each in range(34)
        for status in statuses("/api/products", 1, method="GET", Authorization=f"Bearer tacit_{each}")
    ]
    assert told == [200] * 32 + [429] * 2


def test_a_program_has_its_own_allowance_until_its_key_is_refused(shop: int) -> None:
    staff, now = Visitor(staff=True), datetime.now(UTC)
    row, secret = accounts.make_key(staff, name="till", scopes=["orders:read"], days=30, now=now)

    def told(times: int, path: str = "/api/orders", scheme: str = "Bearer") -> list[int]:
        return statuses(path, times, method="GET", Authorization=f"{scheme} {secret}")

    assert told(1) + told(1, scheme="bearer") == [200, 200]
    statuses("/api/products", 40, method="GET")
    assert statuses("/api/products", 1, method="GET") == [429]
    assert told(40) + told(40, scheme="bearer") == [200] * 80  # one allowance however it is written
    assert told(1)[0] == told(1, "/api/products")[0] == 429
    limits.allowances[Kind.PROGRAM].clear()
    accounts.revoke_key(staff, row.id, now=now)
    assert told(2) == [401, 429]
    limits.forget()
    limits.good_keys.note(f"Bearer {secret}", str(row.id), now=time.monotonic() - limits.KEY_GOOD_FOR - 1)
    statuses("/api/products", 32, method="GET")
    assert told(1, "/api/products") == [429]


@pytest.mark.parametrize("proof", ["?signature=", "-H"])
def test_wrong_signatures_at_the_api_are_guesses(shop: int, proof: str) -> None:
    told = []
    for each in range(3):
        wrong = f"{each:022d}"
        path = "/api/orders/K7M2P9QX4C"
        headers = {"Authorization": f"Bearer {wrong}"} if proof == "-H" else {}
        told += statuses(path if headers else f"{path}?signature={wrong}", 1, method="GET", **headers)
    assert told == [401, 401, 429]
    assert statuses("/order/K7M2P9QX4C/" + "0" * 22, 1, method="GET") == [429]


def test_what_is_only_not_signed_is_no_guess(shop: int) -> None:
    assert statuses("/api/orders/K7M2P9QX4C", 10, method="GET") == [401] * 10


def test_a_flood_of_one_kind_makes_nobody_forgotten_in_another(
    shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "allowances", {kind: Allowances(entries=4) for kind in Kind})
    wrong = "/order/K7M2P9QX4C/" + "0" * 22
    assert statuses(wrong, 3, method="GET") == [404, 404, 429]
    statuses("/sign-in", 3)
    for each in range(8):
        made_up = {"Authorization": f"Bearer tacit_{each}"}
        statuses("/api/products", 1, method="GET", client=f"203.0.113.{100 + each}", **made_up)
        statuses("/currency", 1, client=f"203.0.113.{100 + each}")
    assert statuses(wrong, 1, method="GET") == statuses("/sign-in", 1) == [429]


def test_zero_switches_it_off(shop: int, settings: Settings) -> None:
    settings.RATE = 0
    assert 429 not in statuses("/currency", 40)


def test_an_allowance_fills_up_evenly_and_is_forgotten() -> None:
    kept = Allowances(entries=2)
    assert [kept.take(b"a", most=2, now=100.0) for _ in range(3)] == [0, 0, 30]
    assert kept.take(b"a", most=2, now=129.0, look=True) == pytest.approx(1)
    assert [kept.take(b"a", most=2, now=130.0) for _ in range(2)] == [0, 30]
    for other in (b"b", b"c"):
        kept.take(other, most=2, now=130.0)
    assert kept.take(b"a", most=2, now=130.0) == 0


def test_it_costs_next_to_nothing(shop: int) -> None:
    request = Client(REMOTE_ADDR=HERE).get("/healthz").wsgi_request

    def micros() -> float:
        begin = time.process_time()
        for _ in range(500):
            limits.taken(request, Kind.CHANGE)
        return (time.process_time() - begin) / 500 * 1e6

    gc.collect()
    assert statistics.median(micros() for _ in range(7)) < 60  # about 8; a thread a request took 400
