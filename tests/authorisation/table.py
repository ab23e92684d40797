"""Who gets what at every address of the shop: one row a route. A route without a row fails the test.

The address is written as in the urls, without language. ``Row(access, methods)`` says who comes in and what may be
asked; the rest of a row says what those get who come in, and what a request must carry to do something. The words
are in words.py, what {number} and the like stand for in scene.py.
"""

from __future__ import annotations

from tests.authorisation.words import (
    OWNERS_LINK,
    A,
    Role,
    Row,
    bearer,
    demo,
    desk,
    everybody,
    holder,
    link,
    nowhere,
    of_the_buyer,
    only_owner,
    own,
    person,
    scope,
    signed,
)

KEY = {"key": "matrix-0001"}
KETTLE = {"minor": 4390, "currency": "EUR"}
"""One kettle, sent by the standard way."""
CONTACT = {"email": "matrix@example.com", "name": "Mat Rix", "line1": "Weg 1", "postcode": "20457"}
ADDRESS = {
    "label": "",
    "name": "Mat Rix",
    "line1": "Weg 1",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
}
SIGNED_IN = (Role.OWNER, Role.OTHER, Role.STAFF, Role.STAFF_ONCE)


def each(answer: A, *roles: Role) -> dict[Role | tuple[Role, str], A]:
    return dict.fromkeys(roles, answer)


def on_get(answer: A, *roles: Role) -> dict[Role | tuple[Role, str], A]:
    return {(role, method): answer for role in roles for method in ("GET", "HEAD")}


def on_post(answer: A, *roles: Role) -> dict[Role | tuple[Role, str], A]:
    return {(role, "POST"): answer for role in roles}


STRANGERS = tuple(role for role in Role if role is not Role.OWNER)

FILES = {
    "theme.css": Row(everybody),
    "mark": Row(nowhere),  # this shop has none of its own
    "preview": Row(nowhere),
    "robots.txt": Row(everybody),
    "sitemap.xml": Row(everybody),
    "sitemap-<int:number>.xml": Row(everybody, arguments={"number": "1"}),
    "media/<str:name>": Row(everybody, arguments={"name": "none.jpg"}, get=A.NOTHING),
    "healthz": Row(everybody),
    "readyz": Row(everybody, get=A.UNREADY),  # no worker runs here
}

SHOP = {
    "": Row(everybody),
    "c/<slug:slug>": Row(everybody, arguments={"slug": "kitchen"}),
    "search": Row(everybody, query={"q": "kettle"}, writes=True),
    "p/<slug:slug>": Row(everybody),
    "f/<slug:name>/<slug:slug>": Row(everybody, arguments={"name": "also"}),
    "f/<slug:name>/<slug:slug>/part": Row(everybody, arguments={"name": "also"}),
    "help": Row(everybody),
    "about": Row(everybody, get=A.NOTHING),  # this shop has no texts of its own
    "imprint": Row(everybody, get=A.NOTHING),
    "terms": Row(everybody, get=A.NOTHING),
    "privacy": Row(everybody, get=A.NOTHING),
    "returns": Row(everybody, get=A.NOTHING),
    "currency": Row(everybody, "POST", body={"currency": "EUR"}, post=A.ON),
}

not_theirs = on_post(A.UNFIT, Role.OTHER, Role.STAFF, Role.STAFF_ONCE)
BOUGHT = {"number": "{bought}", "signature": OWNERS_LINK}
TAP = {**KEY, "currency": "EUR", "method": "{method}"}
"""With the owner's card, but the total and terms that each would be shown."""

BUYING = {
    "buy": Row(own, "POST", body={"variant": "{variant}"}),
    "go": Row(everybody, get=A.ON),
    "go/<path:items>": Row(
        own,
        "GET POST",
        arguments={"items": "KETTLE:1"},
        get=A.ON,
        writes=True,
        but={
            (role, "GET"): A.SHOWN for role in (Role.OWNER, Role.OTHER)
        },  # asks first whether it goes into the cart that was begun
    ),
    "checkout": Row(
        own,
        "GET POST",
        body={
            **KEY,
            **CONTACT,
            "city": "Hamburg",
            "country": "DE",
            "shipping": "standard",
            "total_standard": "43.90",
            "currency": "EUR",
            "method": "{kept}",
        },
        post=A.UNFIT,  # an empty cart; the other customer's is as full as the owner's, but the card is not theirs
        but=on_post(A.DONE, Role.OWNER),
    ),
    "checkout/line/<int:line>": Row(
        own,
        "GET POST",
        body={"quantity": "3"},
        get=A.ON,
        but=on_post(A.NOTHING, *STRANGERS) | on_post(A.UNFIT, Role.OTHER),  # whose cart has no such line
    ),
    "order/<str:number>/<str:signature>": Row(link),
    "order/<str:number>/<str:signature>/return": Row(link, get=A.ON, writes=True),
    "order/<str:number>/<str:signature>/undo": Row(
        of_the_buyer,
        "POST",
        arguments=BOUGHT,
        body=KEY,
    ),
    "order/<str:number>/<str:signature>/again": Row(
        of_the_buyer,
        "GET POST",
        arguments=BOUGHT,
        body={**TAP, "total_0": "43.90", "terms_0": "{terms}", "shipping_0": "standard"},
        but=each(A.SIGN_IN, Role.GUEST),
    ),
    "order/<str:number>/<str:signature>/data": Row(link, "GET POST"),
    "orders": Row(person),
    "once/<slug:slug>": Row(
        person,
        "GET POST",
        query={"variant": "{variant}"},
        body={
            **TAP,
            "variant": "{variant}",
            "total_{variant}": "43.90",
            "terms_{variant}": "{terms}",
            "shipping_{variant}": "standard",
        },
        but=not_theirs,
    ),
    "once/<slug:slug>/part": Row(own),
}

ACCOUNT = {
    "sign-in": Row(everybody, "GET POST", body={"email": "new@example.com"}, but=on_get(A.ON, *SIGNED_IN)),
    "sign-in/code": Row(everybody, "GET POST", body={"code": "000000"}, get=A.SIGN_IN, post=A.SIGN_IN),
    "sign-out": Row(own, "POST", post=A.ON, but=on_post(A.DONE, *SIGNED_IN)),
    "sign-in/passkey/options": Row(everybody, "POST", json=True),
    "sign-in/passkey": Row(everybody, "POST", json=True, body={"token": "x", "answer": "none"}, post=A.UNFIT),
    "account": Row(person),
    "account/addresses": Row(
        person,
        "GET POST",
        body={"do": "remove", "id": "{address_id}"},
        but=on_post(A.ON, Role.OTHER, Role.STAFF, Role.STAFF_ONCE),  # as if it had been removed already
    ),
    "account/addresses/new": Row(person, "GET POST", body=ADDRESS),
    "account/addresses/<int:address_id>": Row(only_owner, "GET POST", body=ADDRESS),
    "account/methods": Row(person),
    "account/methods/<str:method>/choose": Row(person, "POST", but=not_theirs),
    "account/methods/<str:method>/remove": Row(person, "POST", but=not_theirs),
    "account/sessions": Row(
        person,
        "GET POST",
        body={"do": "one", "session": "{session}"},
        but=on_post(A.ON, Role.OTHER, Role.STAFF, Role.STAFF_ONCE),
    ),
    "account/passkeys": Row(
        person,
        "GET POST",
        body={"do": "remove", "id": "{passkey}"},
        but=on_post(A.ON, Role.OTHER, Role.STAFF, Role.STAFF_ONCE),
    ),
    "account/passkeys/options": Row(person, "POST", json=True),
    "account/passkeys/add": Row(
        person, "POST", json=True, body={"token": "x", "answer": "none"}, post=A.UNFIT
    ),
    "account/second-factor": Row(person, "GET POST", body={"code": "000000"}, get=A.ON, post=A.ON),
    "account/second-factor/set-up": Row(
        person,
        "GET POST",
        body={"code": "000000"},
        post=A.UNFIT,
        but=each(A.ON, Role.OWNER, Role.OTHER),  # only who works here needs one
    ),
    "account/second-factor/change": Row(
        person, "POST", body={"do": "codes"}, post=A.UNFIT, but=each(A.ON, Role.OWNER, Role.OTHER)
    ),  # without an app; who does not work here has no use for new codes
    "account/data": Row(person),
    "account/data/consent": Row(
        person, "POST", body={"purpose": "{purpose}", "granted": "1", "version": "{version}"}
    ),
    "account/data/copy": Row(person, "POST"),
    "account/data/copy/<str:token>": Row(only_owner, arguments={"token": "{owner_token}"}),
    "account/data/erase": Row(
        person, "GET POST", body={"step": "erase"}, but=on_post(A.UNFIT, Role.STAFF, Role.STAFF_ONCE)
    ),
    "data/<str:token>": Row(bearer, arguments={"token": "{guest_token}"}),
    "data/<str:token>/copy": Row(bearer, arguments={"token": "{guest_token}"}),
    "data/<str:token>/erase": Row(
        bearer, "GET POST", arguments={"token": "{guest_token}"}, body={"step": "erase"}
    ),
}

DESK = {
    "desk": Row(desk),
    "desk/orders": Row(desk),
    "desk/send": Row(desk, "GET POST", body={**KEY, "number": "{number}"}, query={"number": "{number}"}),
    "desk/orders/<slug:number>": Row(desk),
    "desk/orders/<slug:number>/ship": Row(desk, "POST", body={**KEY, "carrier": "DHL", "tracking": "00340"}),
    "desk/orders/<slug:number>/collect": Row(desk, "POST", body=KEY),
    "desk/orders/<slug:number>/refund": Row(
        desk,
        "POST",
        body={**KEY, "amount": "1", "currency": "EUR", "reason": "scratched"},
        arguments={"number": "{captured}"},
    ),
    "desk/orders/<slug:number>/parcel": Row(desk, "POST", body=KEY, post=A.UNFIT),
    "desk/orders/<slug:number>/cancel": Row(desk, "POST", body=KEY),
    "desk/stock": Row(desk, "GET POST", body={"sku": "{sku}", "on_hand": "7"}),
    "desk/outbox": Row(desk),
    "desk/outbox/<int:mail_id>": Row(desk),
    "desk/outbox/<int:mail_id>/html": Row(desk, framed=True, arguments={"mail_id": "{letter}"}),
    "desk/outbox/<int:mail_id>/again": Row(desk, "POST", arguments={"mail_id": "{failed_mail}"}),
    "desk/jobs": Row(desk),
    "desk/jobs/<int:job_id>/retry": Row(desk, "POST"),
    "desk/jobs/<int:job_id>/throw": Row(desk, "POST"),
    "desk/journal": Row(desk),
    "desk/keys": Row(
        desk, "GET POST", body={"program": "till", "scopes": "orders:read", "days": "30", **KEY}
    ),
    "desk/keys/<uuid:key>/revoke": Row(desk, "POST"),
    "desk/webhooks": Row(desk),
    "desk/webhooks/new": Row(
        desk,
        "GET POST",
        body={"url": "https://new.example/hook", "kinds": "order.placed", "description": "x"},
    ),
    "desk/webhooks/<int:endpoint_id>": Row(
        desk,
        "GET POST",
        body={"url": "https://other.example/hook", "kinds": "order.paid", "description": "x"},
    ),
    "desk/webhooks/<int:endpoint_id>/do": Row(desk, "POST", body={"do": "off"}),
    "desk/webhooks/sent/<int:delivery_id>/again": Row(desk, "POST"),
}

DEMO = {
    "demo": Row(demo),
    "demo/first": Row(demo),
    "demo/become": Row(demo, "POST", body={"part": "staff"}),
    "demo/clock": Row(demo, "POST", body={"by": "day"}),
    "demo/parcels": Row(demo, "POST", body={"do": "lose"}),
    "demo/payments": Row(demo, "POST", body={"down": "3"}),
    "demo/rooms": Row(demo, "POST", body={"room": "catalog", "do": "kill"}),
    "demo/outbox": Row(demo),
    "demo/outbox/<int:mail_id>": Row(demo),
    "demo/outbox/<int:mail_id>/html": Row(demo),
}

HOOKS = {
    "hooks/practice": Row(signed, "POST", json=True, body={"payment": {"reference": "x"}}),
}

API = {
    "api/openapi.json": Row(everybody),
    "api/docs": Row(everybody),
    "api/problems/<slug:name>": Row(everybody, arguments={"name": "not-found"}),
    "api/products": Row(everybody, query={"q": "kettle"}, writes=True),
    "api/products/<slug:slug>": Row(everybody),
    "api/categories": Row(everybody),
    # Who holds a cart's token owns the cart: here it is the owner's, and only the owner has it.
    "api/carts": Row(everybody, "POST", json=True, body={"lines": [{"sku": "{sku}", "quantity": 1}]}),
    "api/carts/<token>": Row(holder, arguments={"token": "{cart}"}),
    "api/carts/<token>/lines/<path:sku>": Row(
        holder, "GET PUT DELETE", arguments={"token": "{cart}"}, json=True, body={"quantity": 2}
    ),
    "api/carts/<token>/orders": Row(
        holder,
        "POST",
        arguments={"token": "{cart}"},
        json=True,
        body={
            **CONTACT,
            "city": "Hamburg",
            "country": "DE",
            "shipping": "standard",
            "method": "good",
            "total_seen": KETTLE,
        },
    ),
    "api/orders": Row(scope, scope="orders:read"),
    "api/orders/<number>": Row(scope, scope="orders:read"),
    "api/orders/<number>/cancel": Row(scope, "POST", json=True, scope="orders:write"),
    "api/orders/<number>/shipments": Row(scope, "POST", json=True, body={}, scope="orders:write"),
    "api/orders/<number>/refunds": Row(
        scope,
        "POST",
        json=True,
        arguments={"number": "{captured}"},
        body={"amount": {"minor": 100, "currency": "EUR"}, "reason": "scratched"},
        scope="orders:write",
    ),
    "api/stock/<path:sku>": Row(scope, "GET PUT", json=True, body={"on_hand": 7}, scope="stock:write"),
    "api/<path:rest>": Row(nowhere, arguments={"rest": "nothing"}),
}

TABLE: dict[str, Row] = {**FILES, **SHOP, **BUYING, **ACCOUNT, **DESK, **DEMO, **HOOKS, **API}
