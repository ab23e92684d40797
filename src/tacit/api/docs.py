"""The description of the API as pages people read, made here from the same schema: no script, nobody else's server."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tacit.api import examples, problems
from tacit.api.service import ABOUT, schema


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter, or one entry of a body or an answer. ``depth``: how deep inside it lies."""

    name: str
    kind: str
    about: str
    needed: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    status: str
    about: str
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    about: list[SafeString]
    needs: str
    parameters: list[Entry]
    body: list[Entry]
    answers: list[Answered]
    problems: str
    example: str


def page(request: HttpRequest) -> HttpResponse:
    """Everything the API can do."""
    with translation.override("en"):
        words = {
            "groups": _groups(),
            "about": [_said(each) for each in ABOUT.split("\n\n")],
            "kinds": [(kind, _said(kind.advice)) for kind in problems.KINDS.values()],
            "readings": (),
            "base": settings.SHOP_URL,
        }
        return render(request, "api/docs.html", words)


def problem_page(request: HttpRequest, name: str) -> HttpResponse:
    """One kind of problem: the address in an answer's ``type``."""
    kind = problems.KINDS.get(name)
    if kind is None:
        raise Http404
    with translation.override("en"):
        return render(
            request, "api/problem.html", {"kind": kind, "advice": _said(kind.advice), "readings": ()}
        )


@cache
def _groups() -> list[tuple[str, list[Operation]]]:
    """Tag → its operations, in the order of the API."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    return list(found.items())


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good, bad = [], []
    for status, answer in operation["responses"].items():
        if "application/problem+json" in answer.get("content", {}):
            bad.append(status)
            continue
        shape = answer.get("content", {}).get("application/json", {}).get("schema")
        good.append(Answered(status, answer["description"], _entries(shape) if shape else []))
    if len(good) > 1:  # the same shape is shown once
        good = [
            each
            if not place or each.entries != good[place - 1].entries
            else Answered(each.status, each.about)
            for place, each in enumerate(good)
        ]
    scopes = [scope for each in operation.get("security", []) for names in each.values() for scope in names]
    link = any("orderLink" in each for each in operation.get("security", []))
    needs = f"a key with {', '.join(scopes)}" if scopes else ""
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=[_said(each) for each in operation.get("description", "").split("\n\n")],
        needs=f"{needs}, or the signature of the order’s link" if link else needs,
        parameters=[_parameter(each) for each in operation["parameters"]],
        body=_entries(body) if body else [],
        answers=good,
        problems=", ".join(bad),
        example=examples.BY_OPERATION[operation["operationId"]].curl(settings.SHOP_URL),
    )


def _parameter(given: dict[str, Any]) -> Entry:
    where = {"path": "in the path", "query": "in the query", "header": "a header"}[given["in"]]
    about = given.get("description", given["schema"].get("description", ""))
    return Entry(given["name"], f"{_kind(given['schema'])}, {where}", _said(about), given["required"])


def _entries(shape: dict[str, Any], depth: int = 0) -> list[Entry]:
    """The entries of an object, those of objects inside it below theirs; amounts of money are not taken apart."""
    shape = _resolved(shape)
    found = []
    for name, each in shape.get("properties", {}).items():
        found.append(
            Entry(
                name,
                _kind(each),
                _said(each.get("description", "")),
                name in shape.get("required", ()),
                depth,
            )
        )
        inner = _inner(each)
        if inner is not None and inner.get("title") not in {"Amount", "GivenAmount"}:
            found += _entries(inner, depth + 1)
    return found


def _said(text: str) -> SafeString:
    """What stands between back-ticks as code."""
    parts = text.split("`")
    return format_html_join(
        "",
        "{}{}",
        (
            (format_html("<code>{}</code>", part) if place % 2 else part, "")
            for place, part in enumerate(parts)
        ),
    )


def _resolved(shape: dict[str, Any]) -> dict[str, Any]:
    reference = shape.get("$ref")
    if reference is None:
        return shape
    found: dict[str, Any] = schema()["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _inner(shape: dict[str, Any]) -> dict[str, Any] | None:
    """The object a value is, or is a list of; None for plain values."""
    for each in (shape, shape.get("items", {}), *shape.get("anyOf", ())):
        resolved = _resolved(each)
        if "items" in resolved and resolved is not each.get("items"):
            resolved = _resolved(resolved["items"])
        if "properties" in resolved:
            return resolved
    return None


def _kind(shape: dict[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(_kind(each) for each in shape["anyOf"])
    resolved = _resolved(shape)
    if "enum" in resolved:
        return " · ".join(str(each) for each in resolved["enum"])
    if resolved.get("title") in {"Amount", "GivenAmount"}:
        return "amount"
    kind = str(resolved.get("type", "value"))
    if kind == "array":
        return f"list of {_kind(resolved.get('items', {}))}s"
    names = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}
    formats = {"date": "day", "date-time": "moment"}
    return formats.get(resolved.get("format", ""), names.get(kind, kind))
