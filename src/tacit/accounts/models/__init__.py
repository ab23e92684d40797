"""People, and what lets them in."""

from tacit.accounts.models.addresses import SavedAddress
from tacit.accounts.models.consent import Consent
from tacit.accounts.models.keys import ProgramKey
from tacit.accounts.models.people import Person, SignInCode
from tacit.accounts.models.sessions import Session
from tacit.accounts.models.ways_in import (
    AuthenticatorApp,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SecondFactorTries,
)

__all__ = [
    "AuthenticatorApp",
    "Consent",
    "Passkey",
    "PasskeyChallenge",
    "Person",
    "ProgramKey",
    "RecoveryCode",
    "SavedAddress",
    "SecondFactorTries",
    "Session",
    "SignInCode",
]
