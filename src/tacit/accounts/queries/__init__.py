"""Reading people, and what belongs to them."""

from tacit.accounts.queries.addresses import addresses, default_address, default_contact
from tacit.accounts.queries.consent import consent_answers, consents, said_yes
from tacit.accounts.queries.keys import KEY_DAYS, program_keys
from tacit.accounts.queries.people import browser_mark, person
from tacit.accounts.queries.sessions import agent_label, sessions
from tacit.accounts.queries.ways_in import passkeys, ways_in

__all__ = [
    "KEY_DAYS",
    "addresses",
    "agent_label",
    "browser_mark",
    "consent_answers",
    "consents",
    "default_address",
    "default_contact",
    "passkeys",
    "person",
    "program_keys",
    "said_yes",
    "sessions",
    "ways_in",
]
