"""Where fetched pictures are served."""

from __future__ import annotations

from django.urls import path

from tacit.connectors.product_files.media import picture

urlpatterns = [path("media/<str:name>", picture, name="media")]
