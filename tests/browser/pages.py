"""Every page there is, and how one gets there: the table that the checks of all pages go through."""

from __future__ import annotations

from dataclasses import dataclass

GUEST, BUYER, STAFF = "guest", "buyer", "staff"
"""Nobody yet; a guest with a filled cart who has ordered before; a signed-in member of staff."""


@dataclass(frozen=True)
class Place:
    """A page: its name in reports, who opens it and where. ``{order}`` is the buyer's order page, ``{number}``
    that order's number. ``press`` is then pressed; ``status`` is what the page answers with."""

    name: str
    path: str
    who: str = GUEST
    press: str = ""
    status: int = 200


PLACES = (
    Place("home", "/"),
    Place("home in German", "/de/"),
    Place("category", "/c/kitchen"),
    Place("search", "/search"),
    Place("search, found", "/search?q=kettle"),
    Place("search, narrowed", "/search?q=wool&sort=cheapest&stock=1"),
    Place("search, nothing found", "/search?q=xylophone"),
    Place("product", "/p/enamel-kettle"),
    Place("product in German", "/de/p/enamel-kettle"),
    Place("product, many variants", "/p/rain-jacket"),
    Place("product, sold out", "/p/glass-carafe"),
    Place("cart, empty", "/checkout"),
    Place("checkout", "/checkout", BUYER),
    Place("checkout in German", "/de/checkout", BUYER),
    Place("checkout, with errors", "/checkout", BUYER, "main .btn.primary >> nth=-1"),
    Place("link into a cart, left out", "/go/NO-SUCH:1"),
    Place("order", "{order}", BUYER),
    Place("sign-in", "/sign-in"),
    Place("sign-in, with an error", "/sign-in", GUEST, "main button"),
    Place("orders", "/orders", STAFF),
    Place("account", "/account", STAFF),
    Place("addresses", "/account/addresses", STAFF),
    Place("address, with errors", "/account/addresses/new", STAFF, "main button"),
    Place("passkeys", "/account/passkeys", STAFF),
    Place("sessions", "/account/sessions", STAFF),
    Place("second factor, set up", "/de/account/second-factor/set-up", STAFF),
    Place("nothing there", "/nothing", status=404),
    Place("not readable", "/?page=0", status=422),
    Place("help", "/help"),
    Place("help in German", "/de/help"),
    Place("about", "/about"),
    Place("imprint", "/de/imprint"),
    Place("beside a product", "/f/also/enamel-kettle"),
    Place("demo", "/demo"),
    Place("demo, first page", "/demo/first"),
    Place("outbox", "/demo/outbox"),
    Place("mail", "/demo/outbox", GUEST, "ul.lines a >> nth=0"),
    Place("desk", "/desk", STAFF),
    Place("desk, orders", "/desk/orders", STAFF),
    Place("desk, order", "/desk/orders/{number}", STAFF),
    Place("desk, stock", "/desk/stock", STAFF),
    Place("desk, outbox", "/desk/outbox", STAFF),
    Place("desk, jobs", "/desk/jobs", STAFF),
    Place("desk, journal", "/desk/journal", STAFF),
)
