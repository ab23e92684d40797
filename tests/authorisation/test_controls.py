"""The matrix finds what it is there for: guards taken off on purpose."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path

from tacit.accounts.types import Visitor
from tacit.checkout import queries
from tacit.checkout.models import Order
from tacit.config import urls
from tests.authorisation.judge import faults
from tests.authorisation.routes import every_route
from tests.authorisation.scene import Scene
from tests.authorisation.table import TABLE
from tests.authorisation.words import A, Role, Row, desk, everybody

pytestmark = pytest.mark.django_db


def unguarded(request: HttpRequest) -> HttpResponse:
    """A page that forgot to ask who is there."""
    response = HttpResponse("; ".join(Order.objects.values_list("name", flat=True)))
    Order.objects.update(language="de")
    response.set_cookie("seen", "1")
    return response


def refuses_too_late(request: HttpRequest) -> HttpResponse:
    """A page that says no after it has written."""
    Order.objects.update(language="de")
    return HttpResponse(status=422)


urlpatterns: list[URLPattern | URLResolver] = [
    *urls.urlpatterns,
    path("desk/leak", unguarded),
    path("late", refuses_too_late),
]


def found(scene: Scene, address: str, row: Row, role: Role, method: str = "GET") -> list[str]:
    route = every_route(get_resolver())[address]
    answer, wrote = scene.ask(method, scene.address(route, row, role), row, role)
    return list(faults(scene, row, role, method, answer, wrote))


def test_an_unguarded_page_is_found(scene: Scene) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        assert set(every_route(get_resolver())) - set(every_route(get_resolver("tacit.config.urls"))) == {
            "desk/leak",
            "late",
        }
        told = found(scene, "desk/leak", Row(desk), Role.OTHER)
        assert [each.partition(" ")[0] for each in told] == [
            "200,",
            "wrote",
            "shows",
            "somebody's",
            "cookie",
            "cookie",
        ]
        assert any(
            each.startswith("200") for each in found(scene, "desk/leak", Row(desk), Role.ANYBODY, "DELETE")
        )


def test_what_refuses_and_wrote_is_found(scene: Scene) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        told = found(scene, "late", Row(everybody, "POST", post=A.UNFIT), Role.OTHER, "POST")
        assert any(each.startswith("wrote although it should not") for each in told)


def test_somebody_else_s_orders_are_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(scene, "orders", TABLE["orders"], Role.OTHER) == []
    owner = Order.objects.get(number=scene.values["number"]).person_id
    everything: Callable[[Visitor], object] = queries.orders_of
    monkeypatch.setattr(queries, "orders_of", lambda _: everything(Visitor(person=owner)))
    (told,) = found(scene, "orders", TABLE["orders"], Role.OTHER)
    assert told.startswith("shows the owner's")


def test_what_a_cell_does_is_undone(scene: Scene) -> None:
    before = list(Order.objects.order_by("pk").values_list("status"))
    row = TABLE["desk/orders/<slug:number>/cancel"]
    route = every_route()["desk/orders/<slug:number>/cancel"]
    answer, wrote = scene.ask("POST", scene.address(route, row, Role.STAFF), row, Role.STAFF)
    assert answer.status_code == 303
    assert wrote
    assert list(Order.objects.order_by("pk").values_list("status")) == before
