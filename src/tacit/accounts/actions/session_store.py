"""Sessions in the table that shows people where they are signed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import IntegrityError
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from tacit.accounts.models import Session

AGENT, BEGAN = "agent", "began"
"""What whoever signs somebody in puts into the session: the label of the browser, and when (ISO 8601)."""
HANDLE = "handle"
"""The handle of a session whose key changed since."""
SEEN_EVERY = timedelta(hours=1)


class SessionStore(db.SessionStore):
    """Django's sessions in our own table. ``now`` says what time it is in the shop."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def now(self) -> datetime:
        raise NotImplementedError

    def load(self) -> dict[str, Any]:
        """As Django's; once an hour it notes that this browser was here."""
        row = Session.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
            return {}
        now = self.now()
        if abs(now - row.seen_at) >= SEEN_EVERY:
            Session.objects.filter(pk=row.pk).update(seen_at=now)
        return self.decode(row.session_data)

    def cycle_key(self) -> None:
        """The same session under another key, in one statement: one that was ended meanwhile stays ended.

        It keeps its handle, so that a page that lists it still ends it. Raises SessionInterrupted (400).
        """
        somebodys, key = SESSION_KEY in self, self.session_key
        if key is None or not somebodys:
            super().cycle_key()
            return
        self.setdefault(HANDLE, handle_of(key))
        self._session_key = get_random_string(len(key), VALID_KEY_CHARS)
        if not Session.objects.filter(session_key=key).update(session_key=self.session_key):
            self._session_key = key
            raise SessionInterrupted("the session was ended while this request was under way")
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """As Django's. Raises SessionInterrupted (400) for somebody who was erased while they signed in."""
        try:
            super().save(must_create)
        except (IntegrityError, CreateError) as error:
            # A new key would be refused as well; Django would try one after the other.
            if "the person is gone" in f"{error} {error.__context__}":
                raise SessionInterrupted("the person was erased while this request was under way") from error
            raise

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        plain, now = super().create_model_instance(data), self.now()
        return Session(
            session_key=plain.session_key,
            session_data=plain.session_data,
            expire_date=plain.expire_date,
            handle=data.get(HANDLE) or handle_of(plain.session_key),
            person_id=data.get(SESSION_KEY),
            agent=data.get(AGENT, ""),
            created_at=datetime.fromisoformat(data[BEGAN]) if BEGAN in data else now,
            seen_at=now,
        )


def handle_of(key: str) -> str:
    """What a session goes by on pages: it tells nothing about the key."""
    return salted_hmac("tacit.accounts.session-handle", key, algorithm="sha256").hexdigest()[:32]
