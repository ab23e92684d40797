"""The words of the table: who asks, what they may get, and the usual ways in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """Who asks. The pages asked for are the owner's; of links only the guest has the whole one.

    Rows about the link of the owner's own order are asked by a stranger who got hold of it, too.
    """

    ANYBODY = "anybody"
    GUEST = "guest with a link"
    OWNER = "owner"
    OTHER = "other customer"
    OTHER_LINK = "other customer with the owner's link"
    STAFF = "staff"
    STAFF_ONCE = "staff without second factor"
    KEY_BARE = "program without the scope"
    KEY = "program with the scope"


PEOPLE = (Role.OWNER, Role.OTHER, Role.STAFF, Role.STAFF_ONCE)
OWNERS_LINK = "{bought_signature}"
PROGRAMS = (Role.KEY_BARE, Role.KEY)


class Answer(StrEnum):
    """What a cell gets."""

    SHOWN = "200, or 204 for nothing"
    DONE = "200 to 204 or 303, and something was written"
    ON = "302 or 303 to another page"
    SIGN_IN = "303 to signing in"
    SECOND = "303 to the second factor"
    NOTHING = "404"
    METHOD = "405, naming what is possible"
    WHO = "401, problem"
    SCOPE = "403, problem"
    UNFIT = "400, 402, 409 or 422: there is nothing of theirs to do it to"
    UNREADY = "503"


A = Answer


@dataclass(frozen=True, slots=True)
class Access:
    """Who comes in: ``turned`` away with these answers; the others get what the row says.

    ``sees``: whose pages may name the owner.
    ``any_method``: turned away whatever the method, and where there is no such address at all.
    """

    turned: Mapping[Role, Answer] = field(default_factory=dict)
    sees: frozenset[Role] = frozenset()
    any_method: bool = False


def turned(answer: Answer, *roles: Role) -> dict[Role, Answer]:
    return dict.fromkeys(roles, answer)


everybody = Access()
"""The same for all; nothing of anybody on it."""
own = Access(sees=frozenset({Role.OWNER}))
"""Everybody gets their own: the owner's part is shown to the owner alone."""
link = Access(turned(A.NOTHING, *(role for role in Role if role is not Role.GUEST)))
"""Whoever holds the signed link."""
of_the_buyer = Access(
    turned(A.NOTHING, *(role for role in Role if role is not Role.OWNER)), sees=frozenset({Role.OWNER})
)
"""The owner, signed in and with their order's link; the link alone is not enough."""
person = Access(turned(A.SIGN_IN, Role.ANYBODY, Role.GUEST, *PROGRAMS), sees=frozenset({Role.OWNER}))
"""Everybody signed in, their own."""
bearer = link
"""Whoever holds the link that was mailed."""
only_owner = Access(
    {
        **turned(A.SIGN_IN, Role.ANYBODY, Role.GUEST, *PROGRAMS),
        **turned(A.NOTHING, Role.OTHER, Role.STAFF, Role.STAFF_ONCE),
    },
    sees=frozenset({Role.OWNER}),
)
"""The owner, signed in; for others it is not there."""
desk = Access(
    {
        **turned(A.SIGN_IN, Role.ANYBODY, Role.GUEST, *PROGRAMS),
        **turned(A.NOTHING, Role.OWNER, Role.OTHER),
        **turned(A.SECOND, Role.STAFF_ONCE),
    },
    sees=frozenset({Role.STAFF}),
)
"""Staff after their second factor."""
demo = Access(turned(A.NOTHING, *Role), any_method=True)
"""Not there in a real shop."""
nowhere = Access(turned(A.NOTHING, *Role), any_method=True)
"""No such address."""
holder = Access(
    turned(A.NOTHING, *(role for role in Role if role is not Role.OWNER)), sees=frozenset({Role.OWNER})
)
"""Whoever holds the token in the address; only the owner does."""
signed = Access(turned(A.UNFIT, *Role))
"""Only what carries the sender's signature; nobody here has it."""
scope = Access(
    {
        **turned(A.WHO, Role.ANYBODY, Role.GUEST, *PEOPLE),
        **turned(A.SCOPE, Role.KEY_BARE),
    },
    sees=frozenset({Role.KEY}),
)
"""Programs whose key has the scope. Cookies count for nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One route. ``methods``: what it answers, separated by spaces; GET brings HEAD.

    ``get`` and ``post`` (any changing method): what those get who come in. ``but``: exceptions of a role, as
    {role: answer} or {(role, method): answer}. ``body``: what a changing request carries, in which
    {number}, {line} and the like are filled in. ``arguments``: of the address, likewise. ``scope``: the
    scope that the program's key has. ``json``: the body is sent as JSON. ``writes``: GET writes too. ``once``: the
    cells of POST are asked in one language only.
    """

    access: Access
    methods: str = "GET"
    get: Answer = A.SHOWN
    post: Answer = A.DONE
    but: Mapping[Role | tuple[Role, str], Answer] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    json: bool = False
    writes: bool = False
    framed: bool = False
    sees: frozenset[Role] | None = None

    @property
    def allowed(self) -> frozenset[str]:
        named = set(self.methods.split())
        return frozenset(named | {"HEAD"} if "GET" in named else named)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Who asks here."""
        theirs = OWNERS_LINK in self.arguments.values()
        return tuple(role for role in Role if theirs or role is not Role.OTHER_LINK)

    def expected(self, role: Role, method: str) -> Answer:
        """What this cell gets."""
        special = self.but.get((role, method)) or (self.but.get(role) if method in self.allowed else None)
        if special is not None:
            return special
        if self.access.any_method:
            return self.access.turned[role]
        if method not in self.allowed:
            return A.METHOD
        if role in self.access.turned:
            return self.access.turned[role]
        return self.get if method in SAFE else self.post

    def seers(self) -> frozenset[Role]:
        return self.access.sees if self.sees is None else self.sees
