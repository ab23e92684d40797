"""The shop's addresses, with Stripe's beside them."""

from __future__ import annotations

from django.urls import include, path

from tacit.config import urls as shop

urlpatterns = [*shop.urlpatterns, path("", include("tacit.connectors.stripe.urls"))]
