"""Guards of what belongs to whom."""

from __future__ import annotations

from tests.guards.listed.making import COPY, by_edit, cell

OWNERSHIP = (
    by_edit(
        "order-gate",
        "checkout/queries/orders.py",
        "OR o.person_id = %(person)s)",
        "OR o.person_id IS NOT DISTINCT FROM %(person)s OR TRUE)",
        "tests/checkout/test_gates.py",
    ),
    by_edit(
        "order-link",
        "web/order.py",
        "    if not links.is_signed(number, signature):\n",
        "    if False:\n",
        cell("order/<str:number>/<str:signature>"),
    ),
    by_edit(
        "cart-line-owner",
        "checkout/actions/cart.py",
        "        mine = CartLine.objects.filter(cart_id=visitor.cart, pk=line)\n",
        "        mine = CartLine.objects.filter(pk=line)\n",
        cell("checkout/line/<int:line>"),
        "tests/web/test_bad_input.py::test_somebody_elses_line_cannot_be_changed",
    ),
    by_edit(
        "address-owner",
        "accounts/actions/addresses.py",
        "SavedAddress.objects.filter(person_id=_person(visitor), pk=id).delete()",
        "SavedAddress.objects.filter(pk=id).delete()",
        cell("account/addresses"),
    ),
    by_edit(
        "method-owner",
        "checkout/actions/methods.py",
        ".filter(person_id=visitor.person, reference=reference)",
        ".filter(reference=reference)",
        "tests/checkout/test_saved_methods.py::test_nobody_reaches_anothers_method",
    ),
    by_edit(
        "one-tap-method-owner",
        "checkout/queries/methods.py",
        "        reference=code.removeprefix(SAVED),\n        person_id=visitor.person,\n",
        "        reference=code.removeprefix(SAVED),\n",
        "tests/checkout/test_one_tap.py::test_a_guest_or_somebody_without_a_kept_method_has_no_one_tap",
        cell("once/<slug:slug>"),
        cell("checkout"),
    ),
    by_edit(
        "undo-owner",
        "checkout/actions/undo.py",
        "not Order.objects.filter(number=number, person_id=visitor.person).exists()",
        "not Order.objects.filter(number=number).exists()",
        cell("order/<str:number>/<str:signature>/undo"),
    ),
    by_edit(
        "again-owner",
        "checkout/queries/one_tap.py",
        "Order.objects.filter(number=wanted.order, person_id=visitor.person)",
        "Order.objects.filter(number=wanted.order)",
        cell("order/<str:number>/<str:signature>/again"),
    ),
    by_edit(
        "one-tap-contact",
        "checkout/queries/one_tap.py",
        'last_contact(replace(visitor, cart=""))',
        "last_contact(visitor)",
        "tests/checkout/test_one_tap.py::test_it_goes_to_the_buyer_not_to_whoever_had_the_cart_before",
    ),
    by_edit(
        "claim-of-nobody",
        "checkout/actions/claim.py",
        "WHERE person_id IS NULL AND ",
        "WHERE ",
        "tests/checkout/test_claim.py::test_only_orders_of_nobody_with_the_proven_address_are_joined",
    ),
    by_edit(
        "claim-of-address",
        "checkout/actions/claim.py",
        " AND lower(email) = %(email)s",
        "",
        "tests/checkout/test_claim.py::test_only_orders_of_nobody_with_the_proven_address_are_joined",
    ),
    by_edit(
        "copy-owner",
        "web/account/data.py",
        "    if visitor.person != owner:\n",
        "    if False:\n",
        COPY,
    ),
    by_edit(
        "copy-expiry",
        "web/data_links.py",
        "if now < datetime.fromtimestamp(until, tz=UTC) else",
        "if now and until else",
        COPY,
        "tests/web/test_data.py::test_holding_an_order_link_is_not_enough",
    ),
    by_edit(
        "api-order-signature",
        "api/gate.py",
        "if queries.is_order_signature(number, given) else None",
        "if given else None",
        "tests/api/test_programs.py::test_anothers_order_is_as_unknown_as_one_there_is_not",
    ),
    by_edit(
        "api-scope",
        "accounts/types.py",
        "        return self.staff or scope in self.scopes\n",
        "        return self.staff or bool(self.scopes)\n",
        cell("api/orders"),
    ),
    by_edit(
        "pages-for-everybody",
        "web/cache.py",
        "    asked.user = AnonymousUser()\n",
        "    asked.user = request.user\n    asked.COOKIES.update(request.COOKIES)\n",
        "tests/web/test_cache.py::test_a_view_that_leaks_has_nothing_to_leak",
    ),
)
