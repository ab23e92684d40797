"""Every route × method × role is asked, and answers what its row in table.py says."""

from __future__ import annotations

import pytest

from tests.authorisation.judge import faults
from tests.authorisation.routes import every_route
from tests.authorisation.scene import Scene
from tests.authorisation.table import TABLE
from tests.authorisation.words import METHODS

ROUTES = every_route()


def test_every_route_has_its_row() -> None:
    missing = [
        f'    "{address}": Row(desk, "GET"),  # {route.name}'
        for address, route in ROUTES.items()
        if address not in TABLE
    ]
    said = "who may come to these? Add a row for each to tests/authorisation/table.py, such as\n"
    assert not missing, said + "\n".join(missing)
    gone = sorted(set(TABLE) - set(ROUTES))
    assert not gone, f"rows for addresses that are gone: {gone}"


@pytest.mark.django_db
@pytest.mark.parametrize("address", [address for address in ROUTES if address in TABLE])
def test_each_cell(scene: Scene, address: str) -> None:
    route, row = ROUTES[address], TABLE[address]
    wrong = []
    for role in row.roles:
        for language in ("", "de/") if route.translated else ("",):
            path = scene.address(route, row, role, language=language)
            for method in METHODS if not language else sorted(row.allowed):
                answer, wrote = scene.ask(method, path, row, role)
                for fault in faults(scene, row, role, method, answer, wrote):
                    wrong.append(f"{method} {path} by {role}: {fault}")
    assert not wrong, "\n" + "\n".join(wrong[:12])
