"""Every answer says what a browser may do with it, and our pages need no more than that."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

import tacit.web
from tacit.core.models import OutboxMail
from tacit.web import security
from tests.web.conftest import with_kettle

TEMPLATES = Path(tacit.web.__file__).parent / "templates"
ON_DISK = {"copy.html"}
"""Never served: people open it from their own disk."""
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:", re.I)


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (each.split() for each in policy.split(";"))}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/p/kettle", "/de/p/kettle", "/checkout", "/nothing", "/?page=0", "/healthz", "/robots.txt"]
)
def test_every_answer_says_so(shop: int, path: str) -> None:
    answer = Client().get(path)
    found = directives(answer["Content-Security-Policy"])
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == found["style-src"] == ["'self'"]
    assert found["frame-ancestors"] == found["base-uri"] == ["'none'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.django_db
def test_a_request_that_is_refused_says_so_too(shop: int) -> None:
    for answer in (
        Client().post("/buy", headers={"origin": "https://evil.example"}),
        Client().get("/", headers={"host": "evil.example"}),
    ):
        assert answer.status_code in {400, 403}
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.django_db
def test_it_is_the_same_for_all_so_that_pages_can_be_kept(shop: int) -> None:
    client = with_kettle(shop)
    assert client.get("/p/kettle")["Content-Security-Policy"] == Client().get("/")["Content-Security-Policy"]


def test_forms_may_lead_to_the_provider_s_page_and_nowhere_else() -> None:
    assert directives(security.policy(()))["form-action"] == ["'self'"]
    found = security.policy(("https://pay.example/hosted/page?x=1", "https://pay.example/other"))
    assert directives(found)["form-action"] == ["'self'", "https://pay.example"]


@pytest.mark.django_db
def test_a_mail_is_a_document_of_its_own_whose_own_styles_apply_and_nothing_else(
    shop: int, desk: Client
) -> None:
    html = '<style>p{color:red}</style><p style="margin:0 &quot;x&quot;">x</p><script>alert(1)</script>'
    mail = OutboxMail.objects.latest("id")
    OutboxMail.objects.filter(pk=mail.pk).update(html=html, to="ana@example.com", text="x")
    page = desk.get(f"/desk/outbox/{mail.pk}")
    assert "unsafe" not in page["Content-Security-Policy"]
    assert f'src="/desk/outbox/{mail.pk}/html"' in page.content.decode()
    answer = desk.get(f"/desk/outbox/{mail.pk}/html")
    assert answer.content.decode() == html
    found = directives(answer["Content-Security-Policy"])
    assert found["style-src"][0] == "'unsafe-hashes'"
    for style in ("p{color:red}", 'margin:0 "x"'):
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in found["style-src"]
    assert found["default-src"] == ["'none'"]
    assert "script-src" not in found
    assert "allow-scripts" not in found["sandbox"]
    assert "allow-same-origin" not in found["sandbox"]
    assert (found["frame-ancestors"], answer["X-Frame-Options"]) == (["'self'"], "SAMEORIGIN")


def test_no_template_of_ours_has_styles_or_scripts_in_it() -> None:
    found = [
        f"{path.name}: {each.group()}"
        for path in TEMPLATES.rglob("*.html")
        if path.name not in ON_DISK
        for each in INLINE.finditer(path.read_text())
    ]
    assert found == []
    scripts = [
        each
        for path in TEMPLATES.rglob("*.html")
        for each in re.findall(r"<script[^>]*>", path.read_text())
        if " src=" not in each
    ]
    assert scripts == []


_OVER_HTTPS = """
import django
django.setup()
from django.core.management import call_command
from django.conf import settings
from tacit.web.visitor import CART_COOKIE
call_command("check", "--deploy", "--fail-level", "WARNING")
print(settings.SESSION_COOKIE_NAME, CART_COOKIE, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY)
"""


def test_django_s_own_check_finds_nothing_and_cookies_are_bound_to_this_host_under_https() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _OVER_HTTPS],
        env=os.environ
        | {
            "TACIT_URL": "https://shop.example",
            "TACIT_PROXY": "1",
            "TACIT_SECRET_KEY": "k7M2p9Qx4CzT8wRv3yB6nD1fG5hJ0sLaE-uXoIiVtPqWmZcYbA2C4",
            "DJANGO_SETTINGS_MODULE": "tacit.config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "System check identified no issues (4 silenced).",
        "__Host-sessionid __Host-cart True True",
    ]
