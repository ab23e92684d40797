"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tacit.core.address import Address
from tacit.core.asking import NotAllowed
from tacit.core.refusal import Refusal

__all__ = [
    "AccountError",
    "ConsentAnswer",
    "ConsentView",
    "KeyView",
    "NotAllowed",
    "PersonView",
    "Purpose",
    "Scope",
    "Source",
    "Visitor",
]


class Scope(StrEnum):
    """What a program's key can allow. Who may write orders may read them."""

    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    STOCK_WRITE = "stock:write"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is asking, as proven: every query for somebody's rows takes one.

    ``person``: signed in. ``cart``: the cart token of this browser, '' if none. ``order``: the number of the
    one order whose signed link was presented. ``staff``: a signed-in member of staff who showed a second
    factor. ``program``: the id of a program's key, '' if none; ``scopes``: what that key allows, nothing more.
    """

    person: UUID | None = None
    cart: str = ""
    order: str = ""
    staff: bool = False
    program: str = ""
    scopes: frozenset[str] = frozenset()

    def may(self, scope: Scope) -> bool:
        """Whether they may do what ``scope`` names: staff all of it, a program what its key allows."""
        return self.staff or scope in self.scopes

    @property
    def by(self) -> str:
        """Who changes something for the shop, for the record: opaque."""
        return f"program:{self.program}" if self.program else f"staff:{self.person}"


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as pages show them."""

    id: UUID
    email: str
    name: str
    is_staff: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyView:
    """A program's key as staff see it; ``begins``: its first characters, all that is left to be seen of it."""

    id: UUID
    name: str
    begins: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class KeptAddress:
    """An address its owner keeps here. ``label``: what they call it, '' when nothing."""

    id: int
    label: str
    address: Address
    is_default: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser somebody is signed in with. ``agent`` such as "Firefox/Linux", '' when unknown;
    ``seen_at`` is exact to the hour; ``here``: the browser that asks."""

    handle: str
    agent: str
    created_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys are bound to: a host name, and the origin of the pages that ask for them."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge for a browser's passkeys: ``options`` is WebAuthn's JSON, ``token`` comes back with the answer."""

    token: str
    options: str


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey as its owner sees it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """What somebody may show beside a mailed code. ``recovery_left``: recovery codes not used yet."""

    passkeys: int = 0
    app: bool = False
    recovery_left: int = 0

    @property
    def second_factor(self) -> bool:
        """Whether there is anything at all."""
        return self.app or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class NewApp:
    """An authenticator app about to be set up. ``sealed`` keeps the secret until its first code proves it;
    ``secret`` is in base 32; ``address`` is what its QR code says."""

    sealed: str
    secret: str
    address: str


class Purpose(StrEnum):
    """What somebody can say yes to. All are off until they do: a closed list, later rooms read it."""

    NEWS = "news"
    RECOMMENDATIONS = "recommendations"
    NAMED_IN_CUES = "named_in_cues"
    GROUP_COUNTING = "group_counting"


class Source(StrEnum):
    """Where an answer about consent was given. ``RESTORE``: taken back before, and so again in a restored shop."""

    PAGE = "page"
    API = "api"
    CHECKOUT = "checkout"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class ConsentView:
    """Where somebody stands on one purpose. ``at``: their last answer, None when they never gave one.

    ``version``: the text they are shown now, to be sent back with an answer.
    """

    purpose: Purpose
    granted: bool
    at: datetime | None
    version: str


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """One answer somebody gave. ``version``: the text they were shown."""

    purpose: Purpose
    granted: bool
    source: Source
    version: str
    at: datetime


class AccountError(Refusal):
    """Something the person signing in can mend."""
