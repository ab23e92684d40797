"""Every address of the shop."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from tacit.config import payments
from tacit.config.health import readyz
from tacit.web import brand, sitemap
from tacit.web.errors import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = i18n_patterns(
    path("", include("tacit.web.urls")), prefix_default_language=False
)
urlpatterns += [path("theme.css", brand.theme_css, name="theme"), path("mark", brand.mark_file, name="mark")]
urlpatterns.append(path("preview", brand.preview_file, name="preview"))
urlpatterns.append(path("readyz", readyz, name="readyz"))
urlpatterns += [
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemap.part, name="sitemap-part"),
]
urlpatterns.append(path("api/", include("tacit.api.urls")))
urlpatterns.append(path("", include("tacit.connectors.product_files.urls")))
if settings.PAYMENT_PROVIDER in payments.ADAPTERS:
    urlpatterns.append(path("", include(payments.ADAPTERS[settings.PAYMENT_PROVIDER].urls)))
