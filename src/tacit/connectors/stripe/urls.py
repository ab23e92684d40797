"""Addresses Stripe calls at the shop."""

from django.urls import path

from tacit.connectors.stripe import HOOK
from tacit.connectors.stripe.webhook import receive

urlpatterns = [path(HOOK, receive, name="stripe_webhook")]
