"""A shop to click through, and a fixed cast who click."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.accounts import actions as accounts
from tacit.core.models import OutboxMail
from tacit.web.visitor import STRONG
from tests.checkout.fake_provider import FakeProvider

TYPED = {
    "email": "ana@example.com",
    "name": "Ana Berg",
    "line1": "Hafenweg 3",
    "line2": "",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
}


@pytest.fixture(autouse=True)
def plain_files(settings: Settings) -> Iterator[None]:
    """Pages without collected style sheets (browser tests have them), nothing remembered from the test before."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("whitenoise.")]
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shop(kettle: int, provider: FakeProvider) -> int:
    """The small shop with its payment provider; the kettle's variant id."""
    return kettle


def with_kettle(variant: int, quantity: int = 1) -> Client:
    """A guest's browser with a kettle in its cart."""
    client = Client()
    answer = client.post("/buy", {"variant": variant, "quantity": quantity})
    assert (answer.status_code, answer["Location"]) == (303, "/checkout")
    return client


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no {name} on the page"
    return found[1]


def order_form(client: Client, **changes: str) -> dict[str, str]:
    """The checkout form as a browser would send it, with ``changes``."""
    html = client.get("/checkout").content.decode()
    form = {name: hidden(html, name) for name in ("key", "currency", "total_standard", "total_express")}
    return {**form, **TYPED, "shipping": "standard", "method": "good", **changes}


def code_for(email: str) -> str:
    """The sign-in code mailed last."""
    code = re.search(r"^ +(\d{6})$", OutboxMail.objects.filter(to=email).latest("id").text, re.MULTILINE)
    assert code
    return code[1]


def signed_in(email: str) -> Client:
    """A browser of somebody who typed the mailed code."""
    client = Client()
    client.post("/sign-in", {"email": email})
    answer = client.post("/sign-in/code", {"code": code_for(email)})
    assert answer.status_code == 303, answer.content.decode()
    return client


def strong(client: Client) -> Client:
    """The same browser after a second factor was shown."""
    session = client.session
    session[STRONG] = int(time.time())
    session.save()
    return client


@pytest.fixture
def desk(db: None) -> Client:
    """The browser of a member of staff who showed their second factor."""
    accounts.make_staff(email="staff@example.com", now=datetime.now(UTC))
    return strong(signed_in("staff@example.com"))


Rows = Callable[[], dict[str, list[tuple[object, ...]]]]


@pytest.fixture
def rows(db: None) -> Rows:
    """Everything in the tables of catalogue, carts, orders and people, to show that nothing changed."""
    from django.apps import apps

    def read() -> dict[str, list[tuple[object, ...]]]:
        models = [
            model
            for label in ("catalog", "checkout", "accounts")
            for model in apps.get_app_config(label).get_models()
        ]
        return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in models}

    return read


def failed_job(name: str = "core.send_mail", lock: str | None = None) -> int:
    """The id of a job that failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, queueing_lock, attempts)"
            " VALUES ('default', %s, 'failed', %s, 1) RETURNING id",
            [name, lock],
        )
        return int(cursor.fetchone()[0])
