"""The examples of docs/api.md, sent in their order to the sample shop."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

from tacit.connectors.sample_shop.loading import load
from tests.api.conftest import Key
from tests.api.talking import send
from tests.checkout.fake_provider import FakeProvider

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"```bash\n(.*?)```", re.S)


def requests() -> list[tuple[str, str, dict[str, str], bytes | None]]:
    """(method, address, headers, body) of every curl on the page."""
    found = []
    for block in BLOCK.findall(PAGE.read_text()):
        for command in re.split(r"\n(?=curl )", block.strip()):
            if not command.startswith("curl "):
                continue
            _, *words = shlex.split(command.replace("\\\n", " "))
            method, headers, address, body = "", {}, "", None
            rest = iter(words)
            for word in rest:
                if word == "-X":
                    method = next(rest)
                elif word == "-H":
                    name, _, value = next(rest).partition(": ")
                    headers[name] = value
                elif word == "-i":
                    continue
                elif word == "--json":
                    body = next(rest).encode()
                else:
                    assert word.startswith("$SHOP/"), word
                    address = word.removeprefix("$SHOP")
            default = "POST" if body is not None or address.endswith("/cancel") else "GET"
            found.append((method or default, address, headers, body))
    return found


def test_every_example_of_the_page_works(db: None, provider: FakeProvider, key: Key) -> None:
    load(now=datetime.now(UTC))
    words = {"$KEY": key("orders:write", "stock:write")["Authorization"].removeprefix("Bearer ")}

    def said(text: str) -> str:
        return re.sub(r"\$[A-Z]+", lambda name: words[name[0]], text).replace("card-4242", "good")

    asked = requests()
    assert len(asked) > 12
    for method, address, headers, body in asked:
        answer = send(
            method,
            said(address),
            None if body is None else said(body.decode()).encode(),
            headers={name: said(value) for name, value in headers.items()},
        )
        assert answer.status_code in {200, 201}, (method, address, answer.content)
        words["$TAG"] = answer.headers.get("ETag", "")
        if address == "/api/carts":
            words["$CART"] = answer.json()["token"]
        elif address.endswith("/orders") and method == "POST":
            words |= {"$ORDER": answer.json()["number"], "$SIGNATURE": answer.json()["signature"]}
