"""What the doctor says of the payment provider: whether anybody can pay, and whether its news reach the shop."""

from __future__ import annotations

import contextlib

from tacit.config import environment, payments
from tacit.config.finding import GRADES, Finding, Grade


def payment() -> Finding:
    """Whether anybody can pay, and with real money. What cannot be read is said by the check of the settings."""
    with contextlib.suppress(environment.SettingError):
        demo = environment.flag("TACIT_DEMO", default=False)
        chosen = environment.adapter("TACIT_PAYMENT_PROVIDER", demo=demo)
        if chosen == environment.NONE:
            return Finding(
                Grade.NOTE,
                "Payment",
                "TACIT_PAYMENT_PROVIDER is none: nobody can pay, and checkout says so. "
                "bin/demo brings the practice provider.",
            )
        if chosen == environment.PRACTICE:
            return Finding(
                Grade.FINE if demo else Grade.NOTE,
                "Payment",
                "by the practice provider, which moves no money",
            )
        if chosen == payments.STRIPE:
            return _stripe_key(demo=demo)
        return Finding(Grade.FINE, "Payment", f"by {chosen}")
    return Finding(Grade.NOTE, "Payment", "not looked at before the settings can be read")


def provider() -> str:
    with contextlib.suppress(environment.SettingError):
        return environment.adapter(
            "TACIT_PAYMENT_PROVIDER", demo=environment.flag("TACIT_DEMO", default=False)
        )
    return ""


def _stripe_key(*, demo: bool) -> Finding:
    from tacit.connectors.stripe import examine

    key = payments.stripe_key(chosen=payments.STRIPE, demo=demo)
    seen = examine.key(key, api=payments.stripe_api(), demo=demo)
    return Finding(GRADES[seen.well], "Payment", seen.words)


def webhook() -> Finding:
    """Whether Stripe tells the shop what becomes of payments."""
    from tacit.connectors.stripe import HOOK, examine

    try:
        address = f"{environment.origin('TACIT_URL', 'http://127.0.0.1:8000')}/{HOOK}"
        seen = examine.webhook(
            payments.stripe_key(chosen=payments.STRIPE, demo=environment.flag("TACIT_DEMO", default=False)),
            api=payments.stripe_api(),
            address=address,
            secrets=payments.stripe_webhook_secrets(chosen=payments.STRIPE),
        )
    except environment.SettingError:
        return Finding(Grade.NOTE, "Webhook", "not looked at before the settings can be read")
    return Finding(GRADES[seen.well], "Webhook", seen.words)
