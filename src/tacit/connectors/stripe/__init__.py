"""Stripe behind the payment port: its hosted page, kept cards, webhooks. Decisions: docs/decisions/0013-stripe.md."""

HOSTED_PAGES = ("https://checkout.stripe.com", "https://hooks.stripe.com")
"""Where buyers are sent: the page to pay on, and the one that asks their bank."""

HOOK = "hooks/stripe"
"""Where below the shop's address Stripe reports to."""
