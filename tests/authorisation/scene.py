"""Asking one cell: as whom, with what, and with nothing left of it afterwards."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from tests.authorisation.routes import Route
from tests.authorisation.words import SAFE, Role, Row
from tests.checkout.fake_provider import FakeProvider

PROOFS = {
    "signature": {Role.GUEST},
    "guest_token": {Role.GUEST},
    "cart": {Role.OWNER},
    "bought_signature": {Role.OWNER, Role.GUEST, Role.OTHER_LINK},
}
"""What proves something by itself; others than these roles come with a forged one."""
WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE)\b|.*\bprocrastinate_(defer|retry|finish|cancel)"
    r"|\s*WITH\b.*\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+(\s+AS\s+\w+)?\s+SET)\b",
    re.I | re.S,
)
NOTED = re.compile(
    r'(INSERT INTO|UPDATE) "accounts_session"|"accounts_programkey" SET "last_used_at"'
    r'|"?catalog_search\w*"?|"checkout_cart" SET "updated_at"',
    re.I,
)
"""What any request may note: that a session or its own cart goes on, that something was searched for."""


@dataclass
class Scene:
    """``values`` fill addresses and bodies: what they name is the owner's, but for the guest's link."""

    provider: FakeProvider
    clients: dict[Role, Client]
    keys: dict[str, str] = field(default_factory=dict)
    """A program's key for each scope that it lacks or has alone."""
    values: dict[str, str] = field(default_factory=dict)
    own: dict[tuple[str, Role], str] = field(default_factory=dict)
    """Values that are of who asks instead."""
    canaries: list[str] = field(default_factory=list)

    def fill(self, given: object, role: Role) -> Any:
        """``given`` with every {name} in it filled in."""
        if isinstance(given, Mapping):
            return {
                re.sub(r"{(\w+)}", lambda at: self.value(at[1], role), name): self.fill(value, role)
                for name, value in given.items()
            }
        if isinstance(given, list):
            return [self.fill(value, role) for value in given]
        if isinstance(given, str) and given.startswith("{") and given.endswith("}"):
            return self.value(given[1:-1], role)
        return given

    def value(self, name: str, role: Role) -> str:
        right = self.own.get((name, role), self.values[name])
        if role in PROOFS.get(name, {role}):
            return right
        return right[:-2] + ("A" if right[-2] != "A" else "B") + right[-1]

    def address(self, route: Route, row: Row, role: Role, *, language: str = "") -> str:
        given = {**row.arguments}
        if "signature" in route.parameters:
            given.setdefault("number", "{guest_number}")
        path = route.address
        for each in route.parameters:
            value = str(self.fill(given.get(each, f"{{{each}}}"), role))
            path = re.sub(rf"<(\w+:)?{each}>", value, path)
        return f"/{language}{path}"

    def ask(self, method: str, path: str, row: Row, role: Role) -> tuple[HttpResponse, list[str]]:
        """The answer, and the statements that wrote. Nothing stays of it."""
        wrote: list[str] = []

        def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
            text = sql if isinstance(sql, str) else str(sql)
            done = execute(sql, parameters, many, context)
            if WRITES.match(text) and not NOTED.search(text[:200]) and context["cursor"].rowcount:
                wrote.append(text[:160])
            return done

        client = self.clients[role]
        cookies = copy.deepcopy(client.cookies)
        with self.undone(), connection.execute_wrapper(note):
            answer = self._send(client, method, path, row, role)
        client.cookies = cookies
        return answer, wrote

    def key(self, row: Row, role: Role) -> str:
        """Of a program: the key with the row's scope alone, or with every other."""
        if role is Role.KEY:
            return self.keys[row.scope]
        return self.keys[f"not {row.scope}"] if role is Role.KEY_BARE else ""

    def _send(self, client: Client, method: str, path: str, row: Row, role: Role) -> HttpResponse:
        key = self.key(row, role)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if path.startswith("/api/") and method in {"POST", "PUT"}:
            headers["Idempotency-Key"] = "matrix-0001"
        if method in SAFE:
            query = self.fill(row.query, role) if method != "OPTIONS" else {}
            return client.generic(method, path, headers=headers, query_params=query)
        body = self.fill(row.body, role)
        if method == "POST" and not row.json and not path.startswith("/api/"):
            return client.post(path, body, headers=headers)
        return client.generic(
            method, path, json.dumps(body), content_type="application/json", headers=headers
        )

    @contextmanager
    def undone(self) -> Iterator[None]:
        held = copy.deepcopy(self.provider.__dict__)
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        self.provider.__dict__.update(held)
