"""People, and what lets them in."""

from tacit.accounts.models.people import Person, SignInCode

__all__ = ["Person", "SignInCode"]
