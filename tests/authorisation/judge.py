"""Whether an answer is what its cell says, and what every answer must carry."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import Morsel
from typing import Any

from django.http import HttpResponse

from tests.authorisation.scene import Scene
from tests.authorisation.words import A, Answer, Role, Row

COMES_IN = frozenset({A.SHOWN, A.DONE, A.ON})
READ_BY_SCRIPTS = frozenset({"currency"})
"""Cookies without HttpOnly: nothing of anybody is in them."""


def body_of(answer: HttpResponse) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content.decode(errors="replace")


def is_(expected: Answer, answer: HttpResponse, method: str, wrote: list[str]) -> bool:
    """Whether ``answer`` is of this class."""
    status, to = answer.status_code, answer.headers.get("Location", "")
    match expected:
        case A.SHOWN:
            return status in {200, 204}
        case A.DONE:
            return (
                status in {200, 201, 202, 204} or (status in {302, 303} and "/sign-in?" not in to)
            ) and bool(wrote)
        case A.ON:
            return status in {302, 303} and "/sign-in?" not in to
        case A.SIGN_IN:
            return status == 303 and bool(to) and "/sign-in" in to.partition("?")[0]
        case A.SECOND:
            return status == 303 and "second" in to.partition("?")[0]
        case A.NOTHING:
            return status == 404
        case A.METHOD:
            return (
                status == 405
                and bool(answer.headers.get("Allow"))
                and method not in answer["Allow"].split(", ")
            )
        case A.WHO | A.SCOPE:
            kind = answer.headers.get("Content-Type", "")
            return status == (401 if expected is A.WHO else 403) and kind.startswith(
                "application/problem+json"
            )
        case A.UNFIT:
            return status in {400, 402, 409, 422}
        case A.UNREADY:
            return status == 503


def faults(
    scene: Scene, row: Row, role: Role, method: str, answer: HttpResponse, wrote: list[str]
) -> Iterator[str]:
    """What is wrong with the answer of one cell."""
    expected = row.expected(role, method)
    if not is_(expected, answer, method, wrote):
        where = f" → {answer['Location']}" if "Location" in answer else ""
        did = f", wrote {wrote[0]}" if wrote else ", wrote nothing"
        yield f"{answer.status_code}{where}{did}; the row says {expected.name} ({expected})"
    may_write = expected is A.DONE or (expected in COMES_IN and row.writes)
    if wrote and not may_write:
        yield f"wrote although it should not: {wrote[0]}"
    body = body_of(answer)
    found = [each for each in scene.canaries if each in body]
    if found and role not in row.seers():
        yield f"shows the owner's {found[0]}"
    if method == "HEAD" and body:
        yield "answers HEAD with a body"
    yield from unsaid(answer, personal=bool(found), framed=row.framed and answer.status_code == 200)


CONSTANT = {
    "X-Content-Type-Options": {"nosniff"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Cross-Origin-Resource-Policy": {"same-origin"},
    "Referrer-Policy": {"same-origin", "no-referrer"},
}


def unsaid(answer: HttpResponse, *, personal: bool, framed: bool) -> Iterator[str]:
    """What every answer must say to a browser and this one does not."""
    headers: Any = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe-inline" in policy or "unsafe-eval" in policy:
        yield f"Content-Security-Policy: {policy!r}"
    around = ("SAMEORIGIN", "frame-ancestors 'self'") if framed else ("DENY", "frame-ancestors 'none'")
    if headers.get("X-Frame-Options") != around[0] or around[1] not in policy:
        yield f"may be framed: {headers.get('X-Frame-Options')!r}, {policy!r}"
    if framed and "sandbox" not in policy:
        yield "is a document of somebody's and not sandboxed"
    for name, values in CONSTANT.items():
        if headers.get(name) not in values:
            yield f"{name}: {headers.get(name)!r}"
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        yield f"Permissions-Policy: {headers.get('Permissions-Policy')!r}"
    kept = headers.get("Cache-Control", "")
    if personal and "no-store" not in kept and "private" not in kept:
        yield f"somebody's page may be kept by others: Cache-Control: {kept!r}"
    for cookie in answer.cookies.values():
        yield from loose(cookie)


def loose(cookie: Morsel[str]) -> Iterator[str]:
    """What a cookie lacks."""
    if not cookie.value:  # taken away
        return
    if not cookie["httponly"] and cookie.key.removeprefix("__Host-") not in READ_BY_SCRIPTS:
        yield f"cookie {cookie.key} can be read by scripts"
    if cookie["samesite"] not in {"Lax", "Strict"}:
        yield f"cookie {cookie.key} goes along with other sites' requests"
