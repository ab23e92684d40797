"""What the tables of accounts, and of the sign-in it uses, hold about people. Docs: docs/privacy.md."""

from __future__ import annotations

from tacit.core.personal import NOT_PERSONAL, OPAQUE, How, RetentionMap, columns, erased

MAP: RetentionMap = {
    "accounts_person": {
        "id": OPAQUE,
        "email": erased("person", How.NULL),
        "name": erased("person", How.BLANK),
    },
    "accounts_signincode": columns(erased("codes"), "token email code_hash client"),
    # Append-only: that somebody said yes or no, to which text; who that was is gone.
    "accounts_consent": columns(OPAQUE, "person") | columns(NOT_PERSONAL, "purpose source text_version"),
    "accounts_savedaddress": columns(
        erased("addresses"), "person_id label name line1 line2 postcode city country"
    ),
    "accounts_passkey": columns(erased("ways_in"), "person_id credential_id public_key name"),
    "accounts_passkeychallenge": columns(erased("ways_in"), "token challenge person_id client"),
    "accounts_authenticatorapp": columns(erased("ways_in"), "person_id secret"),
    "accounts_recoverycode": columns(erased("ways_in"), "person_id code_hash"),
    "accounts_secondfactortries": columns(erased("ways_in"), "person_id"),
    "accounts_session": columns(erased("sessions"), "session_key session_data handle person_id agent"),
    # The shop's own keys; who made one is noted by the opaque id.
    "accounts_programkey": columns(OPAQUE, "id hash begins created_by")
    | columns(NOT_PERSONAL, "name scopes"),
    "auth_group": columns(NOT_PERSONAL, "name"),
    "auth_permission": columns(NOT_PERSONAL, "name codename"),
}
