"""SESSION_ENGINE: sessions that know what time it is in the shop."""

from __future__ import annotations

from datetime import datetime

from tacit.accounts import actions
from tacit.core import clock


class SessionStore(actions.SessionStore):
    def now(self) -> datetime:
        return clock.now()
