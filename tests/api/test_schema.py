"""What the API answers is what its description says, whatever it is asked: invented requests, the same every time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tacit.accounts.types import Visitor
from tacit.api.service import schema
from tacit.checkout import queries
from tests.checkout.fake_provider import FakeProvider
from tests.checkout.shopping import buy, fill
from tests.conftest import NOW

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "30"))
"""Requests invented for an operation; bin/fuzz-api asks for more."""


class Shop:
    """The shop as a WSGI application, with the settings of the test that runs and in its transaction."""

    handler: WSGIHandler | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert self.handler
        ended = [request_started, request_finished]
        for each in ended:
            each.disconnect(close_old_connections)
        try:
            return list(self.handler(environ, start_response))
        finally:
            for each in ended:
                each.connect(close_old_connections)


app = Shop()
described = schemathesis.openapi.from_dict(schema())
described.app = app


@pytest.fixture
def real(kettle: int, shop: FakeProvider) -> dict[str, str]:
    """Names of things there are, to put in place of invented ones."""
    number = buy(fill(kettle, now=NOW), now=NOW).number
    token = fill(kettle, now=NOW).cart
    assert queries.cart_of(Visitor(cart=token), now=NOW).lines
    return {"token": token, "number": number, "sku": "KETTLE", "slug": "kettle"}


@pytest.fixture
def headers(key: Callable[..., dict[str, str]], settings: Any) -> dict[str, str]:
    """A program that may do everything."""
    settings.RATE = 0
    settings.ALLOWED_HOSTS = ["*"]
    app.handler = WSGIHandler()
    return key("orders:write", "stock:write")


@described.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: Any, real: dict[str, str], headers: dict[str, str]) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = real[name]
    if case.meta is not None and ParameterLocation.HEADER in case.meta.components:
        # A request that is to be refused for its headers goes without the key.
        headers = headers if case.meta.components[ParameterLocation.HEADER].mode.is_positive else {}
    # What fits the description may still not be possible: sold out, no such shelf, another total.
    case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
