"""Which host names the shop answers to, and from where it lets itself be changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/healthz", "/no/such/page"])
@pytest.mark.parametrize("name", ["evil.example", "evil.example:8000", "shop.example@evil.example", "[::1"])
def test_a_host_name_that_is_not_ours_gets_a_page_with_400(
    shop: int, settings: Settings, path: str, name: str
) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]
    answer = Client().get(path, headers={"host": name})
    assert answer.status_code == 400
    assert "does not go by that name" in answer.content.decode()
    assert "evil" not in answer.content.decode()
    assert Client().get(path, headers={"host": "shop.example"}).status_code != 400


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://shop.example", 303),  # the address of the shop, also behind a proxy that ends TLS
        ("http://testserver", 303),
        ("http://testserver:80", 303),
        ("https://testserver", 403),
        ("http://shop.example", 403),
        ("http://testserver:8080", 403),
        ("ftp://testserver", 403),
        ("//testserver", 403),
        ("testserver", 403),
        ("http://testserver:x", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_the_whole_origin_must_be_ours(shop: int, settings: Settings, origin: str, status: int) -> None:
    settings.SHOP_URL = "https://shop.example"
    answer = Client().post("/buy", {"variant": shop}, headers={"Origin": origin})
    assert answer.status_code == status


_HSTS = """
import django
django.setup()
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
answer = SecurityMiddleware(lambda request: HttpResponse())
for scheme in ("https", "http"):
    request = RequestFactory().get("/", headers={"X-Forwarded-Proto": scheme})
    print(scheme, answer(request).headers.get("Strict-Transport-Security"), request.is_secure())
"""


@pytest.mark.parametrize(("proxy", "said"), [("1", "https max-age=2592000 True"), ("0", "https None False")])
def test_behind_a_proxy_that_ends_tls_browsers_are_told_to_stay_with_it(proxy: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HSTS],
        env=os.environ
        | {
            "TACIT_URL": "https://shop.example",
            "TACIT_PROXY": proxy,
            "DJANGO_SETTINGS_MODULE": "tacit.config.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [said, "http None False"]
