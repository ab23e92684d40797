"""Jobs of accounts."""

from __future__ import annotations

from datetime import datetime

from tacit.accounts import actions
from tacit.core import clock
from tacit.core.jobs import periodic


@periodic("accounts.tidy", "17 * * * *")
def tidy(_due: datetime) -> None:
    actions.tidy(now=clock.now())
