"""One request for every operation, which /api/docs shows and a test sends.

Words in capitals stand for what the reader has: ``$CART`` is the token of their cart. The order is that of a
program that buys, then of one that works for the shop.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ONE_LINE = 70
"""Characters of a body that are not worth a line for each entry."""


@dataclass(frozen=True, slots=True)
class Example:
    operation: str
    method: str
    path: str
    key: str = ""
    body: dict[str, Any] | None = None
    once: str = ""
    tag: bool = False

    def curl(self, shop: str) -> str:
        """The request as a command for a shell."""
        words = ["curl"]
        if self.method != "GET" and not (self.method == "POST" and self.body is not None):
            words.append(f"-X {self.method}")
        if self.tag:
            words.append("-i")
        words.append(f'"{shop}{self.path}"')
        if self.key:
            words.append(f'-H "Authorization: Bearer {self.key}"')
        if self.once:
            words.append(f'-H "Idempotency-Key: {self.once}"')
        if self.body is not None:
            written = json.dumps(self.body)
            if len(written) > ONE_LINE:
                written = json.dumps(self.body, indent=2).replace("\n", "\n  ")
            words.append(f"--json '{written}'")
        return " \\\n  ".join(words)


_ORDER = {
    "email": "ana@example.com",
    "name": "Ana Berg",
    "line1": "Hafenweg 3",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "shipping": "standard",
    "method": "METHOD",
    "total_seen": {"minor": 4390, "currency": "EUR"},
}

ALL = (
    Example("listProducts", "GET", "/api/products?q=kettle"),
    Example("readProduct", "GET", "/api/products/SLUG"),
    Example("listCategories", "GET", "/api/categories"),
    Example("beginCart", "POST", "/api/carts", body={"lines": [{"sku": "SKU", "quantity": 1}]}),
    Example("readCart", "GET", "/api/carts/$CART?country=DE"),
    Example("readLine", "GET", "/api/carts/$CART/lines/SKU", tag=True),
    Example("takeOutLine", "DELETE", "/api/carts/$CART/lines/SKU"),
    Example("putLine", "PUT", "/api/carts/$CART/lines/SKU", body={"quantity": 1}),
    Example("placeOrder", "POST", "/api/carts/$CART/orders", once="order-$CART", body=_ORDER),
    Example("readOrder", "GET", "/api/orders/$ORDER?signature=$SIGNATURE"),
    Example("listOrders", "GET", "/api/orders?status=paid", key="$KEY"),
    Example(
        "sendParcel",
        "POST",
        "/api/orders/$ORDER/shipments",
        key="$KEY",
        once="parcel-$ORDER-1",
        body={"carrier": "DHL", "tracking": "00340434161094042557"},
    ),
    Example(
        "refundOrder",
        "POST",
        "/api/orders/$ORDER/refunds",
        key="$KEY",
        once="refund-$ORDER-1",
        body={"amount": {"minor": 500, "currency": "EUR"}, "reason": "scratched"},
    ),
    Example("cancelOrder", "POST", "/api/orders/$ORDER/cancel", key="$KEY", once="cancel-$ORDER"),
    Example("readStock", "GET", "/api/stock/SKU", key="$KEY"),
    Example("setStock", "PUT", "/api/stock/SKU", key="$KEY", body={"on_hand": 12}),
)
BY_OPERATION = {example.operation: example for example in ALL}
