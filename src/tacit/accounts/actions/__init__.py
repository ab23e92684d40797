"""The only writer of people."""

from tacit.accounts.actions.sessions import revoke_sessions
from tacit.accounts.actions.sign_in import become, confirm_code, request_code
from tacit.accounts.actions.staff import known_person, make_staff, set_staff

__all__ = [
    "become",
    "confirm_code",
    "known_person",
    "make_staff",
    "request_code",
    "revoke_sessions",
    "set_staff",
]
