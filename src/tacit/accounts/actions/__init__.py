"""The only writer of people."""

from tacit.accounts.actions.addresses import change_address, choose_address, keep_address, remove_address
from tacit.accounts.actions.consent import set_consent, take_back_again
from tacit.accounts.actions.erase import (
    LINK_WORKS,
    Held,
    ask_for_data,
    before_erasing,
    erase_again,
    erase_guest,
    erase_person,
    everything,
    guest_subject,
    subject_of,
)
from tacit.accounts.actions.keys import make_key, recognise_program, revoke_key
from tacit.accounts.actions.passkeys import (
    add_passkey,
    ask_for_new_passkey,
    ask_for_passkey,
    remove_passkey,
    rename_passkey,
    sign_in_by_passkey,
)
from tacit.accounts.actions.restored import revoke_all
from tacit.accounts.actions.second_factor import (
    begin_app,
    new_recovery_codes,
    remove_app,
    reset_second_factor,
    resume_app,
    set_up_app,
    show_second_factor,
)
from tacit.accounts.actions.session_store import AGENT, BEGAN, SessionStore
from tacit.accounts.actions.sessions import end_other_sessions, end_session, revoke_sessions
from tacit.accounts.actions.sign_in import become, confirm_code, request_code
from tacit.accounts.actions.staff import known_person, make_staff, set_staff
from tacit.accounts.actions.tidy import tidy

__all__ = [
    "AGENT",
    "BEGAN",
    "LINK_WORKS",
    "Held",
    "SessionStore",
    "add_passkey",
    "ask_for_data",
    "ask_for_new_passkey",
    "ask_for_passkey",
    "become",
    "before_erasing",
    "begin_app",
    "change_address",
    "choose_address",
    "confirm_code",
    "end_other_sessions",
    "end_session",
    "erase_again",
    "erase_guest",
    "erase_person",
    "everything",
    "guest_subject",
    "keep_address",
    "known_person",
    "make_key",
    "make_staff",
    "new_recovery_codes",
    "recognise_program",
    "remove_address",
    "remove_app",
    "remove_passkey",
    "rename_passkey",
    "request_code",
    "reset_second_factor",
    "resume_app",
    "revoke_all",
    "revoke_key",
    "revoke_sessions",
    "set_consent",
    "set_staff",
    "set_up_app",
    "show_second_factor",
    "sign_in_by_passkey",
    "subject_of",
    "take_back_again",
    "tidy",
]
