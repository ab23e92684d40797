"""The API put together, and its description as OpenAPI 3.1."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

import pydantic_core
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.parser import Parser

from tacit.api import explaining, gate, problems
from tacit.api.strict import only_known
from tacit.api.views import carts, catalogue, orders, stock

ABOUT = """The whole shop for programs: catalogue, search, cart, checkout, orders, stock.

Prices, stock and rules are the shop's: a program says what and how many, never what it costs. Money is exact in whole
minor units. Lists go on with `cursor`. Reading gives an `ETag`; send it back as `If-None-Match` to hear 304, or as
`If-Match`, at the same address, to change only what you saw. Parameters and entries nobody knows are refused. What
moves money or goods takes an `Idempotency-Key`: the same request under the same key happens once. A key counts for
the one cart or order in the address: on another it is a new key. Errors are `application/problem+json`, in the
language of `Accept-Language`."""


class JsonParser(Parser):
    """Strict JSON: UTF-8 alone, no NaN, not endlessly deep."""

    def parse_body(self, request: HttpRequest) -> Any:
        return pydantic_core.from_json(request.body, allow_inf_nan=False)


api = NinjaAPI(
    title="Tacit",
    version=version("tacit"),
    description=ABOUT,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    parser=JsonParser(),
)
explaining.tell_all(api)
for router in (catalogue.router, carts.router, orders.checkout, orders.router, stock.router):
    api.add_router("", router)


def _operations() -> Iterator[Operation]:
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            yield from view.operations


for each in _operations():
    only_known(each)

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 has it.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "a page about this kind of problem"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened and the way out, for people"},
        "code": {"type": "string", "description": "the reason, for programs"},
        "field": {"type": "string", "description": "which entry, '' when none"},
        "total": {"$ref": "#/components/schemas/Amount"},
        "order": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {each: {"type": "string"} for each in ("field", "code", "detail")},
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "field"],
}
_TOLD = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALWAYS = (problems.BAD_REQUEST, problems.NOT_FOUND, problems.INVALID, problems.TOO_OFTEN)
_WITH_BODY = (problems.TOO_LARGE, problems.WRONG_TYPE)
_WITH_KEY = (problems.NO_KEY, problems.NOT_ALLOWED)
_CHANGING = (problems.CONFLICT,)
_TAGGED = (problems.CHANGED,)


@cache
def schema() -> dict[str, Any]:
    """The description, with the problems and keys that django-ninja does not know of."""
    made: dict[str, Any] = copy.deepcopy(dict(api.get_openapi_schema(path_prefix="/api/")))
    made["servers"] = [{"url": settings.SHOP_URL}]
    made["components"]["schemas"]["Problem"] = _PROBLEM
    made["components"]["securitySchemes"] = gate.SCHEMES
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, path)
    return made


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    security = _security(operation["operationId"])
    kinds = [*_ALWAYS]
    if "requestBody" in operation:
        kinds += _WITH_BODY
    if security:
        operation["security"] = security
        kinds += _WITH_KEY
    if method != "get":
        kinds += _CHANGING
    if any(each["name"] == "If-Match" for each in operation["parameters"]):
        kinds += _TAGGED
    if operation["operationId"] == "placeOrder":
        kinds.append(problems.DECLINED)
    if method == "get":
        operation["responses"][304] = {"description": "Not Modified"}
    for kind in kinds:
        operation["responses"].setdefault(kind.status, {"description": str(kind.title), "content": _TOLD})
    operation["responses"] = {str(key): value for key, value in sorted(operation["responses"].items())}


@cache
def _guards() -> dict[str, list[dict[str, list[str]]]]:
    """operationId → what it asks for."""
    found: dict[str, list[dict[str, list[str]]]] = {}
    for operation in _operations():
        for guard in operation.auth_callbacks:
            if isinstance(guard, gate.WithKey):
                found[str(operation.operation_id)] = guard.security
    return found


def _security(operation_id: str) -> list[dict[str, list[str]]]:
    return _guards().get(operation_id, [])


@cache
def _written() -> tuple[bytes, str]:
    body = pydantic_core.to_json(schema())
    return body, hashlib.blake2b(body, digest_size=12).hexdigest()


def openapi(request: HttpRequest) -> HttpResponse:
    """The description, the same until the shop is updated."""
    body, tag = _written()
    same = f'"{tag}"' in request.headers.get("If-None-Match", "")
    response = HttpResponse(
        b"" if same else body, status=304 if same else 200, content_type="application/json"
    )
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = "no-cache"
    return response
