"""Every answer says what a browser may do with it, and our pages need no more than that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import tacit.web
from tacit.core.models import OutboxMail
from tacit.web import security
from tests.web.conftest import with_kettle

TEMPLATES = Path(tacit.web.__file__).parent / "templates"
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
def test_only_pages_that_show_a_mail_allow_inline_styles(shop: int, desk: Client) -> None:
    mail = OutboxMail.objects.latest("id")
    found = directives(desk.get(f"/desk/outbox/{mail.pk}")["Content-Security-Policy"])
    assert found["style-src"] == ["'self'", "'unsafe-inline'"]
    assert found["script-src"] == ["'self'"]
    assert "unsafe" not in desk.get("/desk/outbox")["Content-Security-Policy"]


def test_no_template_of_ours_has_styles_or_scripts_in_it() -> None:
    found = [
        f"{path.name}: {each.group()}"
        for path in TEMPLATES.rglob("*.html")
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
