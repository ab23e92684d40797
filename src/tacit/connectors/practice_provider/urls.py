"""Addresses the practice provider calls at the shop."""

from django.urls import path

from tacit.connectors.practice_provider.webhook import receive

urlpatterns = [path("hooks/practice", receive, name="practice_webhook")]
