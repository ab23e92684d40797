"""Every address of the API."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from tacit.api import docs
from tacit.api.edge import at_the_edge, unknown
from tacit.api.service import api, openapi

app_name = "api"


def _ours(pattern: URLPattern) -> URLPattern:
    pattern.callback = at_the_edge(pattern.callback)
    return pattern


urlpatterns: list[URLPattern] = [
    path("openapi.json", at_the_edge(require_safe(openapi)), name="openapi"),
    path("docs", at_the_edge(require_safe(docs.page)), name="docs"),
    path("problems/<slug:name>", at_the_edge(require_safe(docs.problem_page)), name="problem"),
    *(
        _ours(pattern)
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ),
    path("<path:rest>", at_the_edge(unknown), name="unknown"),
]
