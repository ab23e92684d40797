"""Every address of the shop."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from tacit.web.errors import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [path("", include("tacit.web.urls"))]
if settings.PAYMENT_PROVIDER == "practice":
    urlpatterns.append(path("", include("tacit.connectors.practice_provider.urls")))
