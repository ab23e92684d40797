"""What of the money a provider refused to move waits for a person."""

from __future__ import annotations

STUCK = """i.state = 'refused' AND i.error <> 'overtaken'
    AND (i.kind <> 'void' OR o.status IN ('cancelled', 'failed'))
    AND NOT EXISTS (SELECT 1 FROM checkout_moneyintent later WHERE later.payment_id = i.payment_id
      AND later.kind = i.kind AND later.id > i.id AND (later.state <> 'refused' OR later.error = 'overtaken'))"""
"""A condition on intent ``i`` of order ``o``: refused, and nothing of the kind asked since. A void refused before
its money came, and with it the order to life again, is nobody's trouble; nor is what somebody did in the provider's
own console before us (MoneyIntent.OVERTAKEN)."""
