"""Guards of stock, orders and money."""

from __future__ import annotations

from tests.guards.listed.making import STRIPE, STRIPE_CHECKS, by_edit, by_sql, cell

STOCK_AND_ORDERS = (
    by_edit(
        "late-money",
        "checkout/rules/moves.py",
        "return unheard or before is PaymentState.DECLINED or answer is PaymentState.CAPTURED",
        "return unheard",
        "tests/checkout/test_late_money.py::test_money_after_a_refusal_pays_the_order",
    ),
    by_edit(
        "ordered-anew",
        "checkout/actions/record.py",
        "return Order.objects.filter(pk__in=since, status__in=LIVE).exists()",
        "return False",
        "tests/checkout/test_late_money.py::test_it_goes_back_where_the_same_was_ordered_and_paid_since",
    ),
    by_edit(
        "stock-claim",
        "catalog/actions/stock.py",
        " WHERE variant_id = %s AND on_hand - claimed >= %s RETURNING variant_id",
        " WHERE variant_id = %s AND %s > 0 RETURNING variant_id",
        "tests/checkout/test_race.py::test_exactly_as_many_as_there_are_get_one",
    ),
    by_edit(
        "cart-lock",
        "checkout/queries/carts.py",
        'lock=" FOR UPDATE OF c"',
        'lock=""',
        "tests/checkout/test_locks.py::test_what_is_changed_before_the_order_is_in_it",
    ),
    by_edit(
        "order-lock",
        "checkout/actions/gate.py",
        "Order.objects.select_for_update().filter(number=number)",
        "Order.objects.filter(number=number)",
        "tests/checkout/test_locks.py::test_an_order_is_cancelled_or_sent_and_never_both",
    ),
    by_sql(
        "one-live-order",
        "DROP INDEX order_one_live_a_cart",
        "tests/checkout/test_constraints.py::test_a_cart_is_one_live_order_and_a_key_one_placing",
    ),
    by_edit(
        "idempotency-key",
        "checkout/actions/place.py",
        "    if first_body is None:\n        return None\n",
        "    return None\n",
        "tests/checkout/test_buying.py::test_the_same_key_orders_once_and_another_body_is_refused",
    ),
    by_edit(
        "idempotency-body",
        "checkout/actions/place.py",
        "    if first_body != body:\n",
        "    if False:\n",
        "tests/checkout/test_buying.py::test_the_same_key_orders_once_and_another_body_is_refused",
    ),
    by_edit(
        "change-once",
        "checkout/actions/gate.py",
        "    return created\n",
        "    return True\n",
        "tests/web/test_desk.py::test_sending_says_what_will_happen_and_happens_once",
    ),
    by_edit(
        "change-of-its-caller",
        "checkout/actions/gate.py",
        "change.body, change.by) != ",
        'change.body, asked["by"]) != ',
        "tests/api/test_programs.py::test_a_key_of_a_request_is_its_caller_s_own",
    ),
    by_edit(
        "total-seen",
        "checkout/actions/place.py",
        "    if cart.total != total_seen:\n",
        "    if False:\n",
        "tests/checkout/test_buying.py::test_another_total_than_the_buyer_saw_is_not_ordered",
    ),
    by_edit(
        "shared-limit",
        "checkout/actions/grant.py",
        '"allowed - used >= %s"',
        '"%s > 0"',
        "tests/checkout/test_race.py::test_a_shared_limit_is_never_exceeded",
    ),
)

MONEY = (
    by_sql(
        "captured-within-authorised",
        "ALTER TABLE checkout_payment DROP CONSTRAINT payment_captured_within_authorised",
        "tests/checkout/test_buying.py::test_the_database_itself_refuses_too_much_money",
    ),
    by_sql(
        "ledger-append-only",
        "DROP TRIGGER movement_append_only ON checkout_moneymovement",
        "tests/checkout/test_reconcile.py::test_the_ledger_only_grows",
    ),
    by_edit(
        "compared-by-one",
        "checkout/actions/reconcile.py",
        "        if alone:\n            _compare(now)\n",
        "        _compare(now)\n",
        "tests/checkout/test_reconcile_runs.py::test_two_runs_never_overlap",
    ),
    by_edit(
        "sent-is-to-be-paid",
        "checkout/rules/reconcile.py",
        " and order.status is not OrderStatus.SHIPPED",
        "",
        "tests/checkout/test_reconcile_runs.py::test_money_never_taken_for_what_was_sent",
    ),
    by_sql(
        "movement-once",
        "ALTER TABLE checkout_moneymovement DROP CONSTRAINT movement_once",
        "tests/checkout/test_reconcile.py::test_the_ledger_only_grows",
    ),
    by_edit(
        "undo-owner",
        "checkout/actions/undo.py",
        ".filter(number=number, person_id=visitor.person).exists()",
        ".filter(number=number).exists()",
        "tests/checkout/test_one_tap.py::test_undo_gives_back_goods_and_money_to_its_owner_only",
    ),
    by_edit(
        "undo-time",
        "checkout/actions/undo.py",
        "        if now >= order.undo_until:\n",
        "        if False:\n",
        "tests/checkout/test_one_tap.py::test_after_its_minutes_it_is_sent_and_no_longer_undone",
    ),
    by_edit(
        "money-lease",
        "checkout/actions/intents.py",
        ' AND i.due_at <= %s"',
        ' AND %s IS NOT NULL"',
        "tests/checkout/test_locks.py::test_two_workers_at_one_refund_give_the_money_back_once",
    ),
    by_edit(
        "webhook-signature",
        "connectors/practice_provider/signature.py",
        "    if not any(hmac.compare_digest(expected, mac.strip().encode()) for mac in macs):\n",
        "    if not expected:\n",
        "tests/connectors/practice_provider/test_signature.py",
        cell("hooks/practice"),
    ),
    by_edit(
        "webhook-freshness",
        "connectors/practice_provider/signature.py",
        "    if abs(now.timestamp() - int(stamps[0])) > FRESH_SECONDS:\n",
        "    if False:\n",
        "tests/connectors/practice_provider/test_signature.py::test_an_old_message_is_refused",
    ),
    by_edit(
        "webhook-size",
        "connectors/hooks.py",
        "    if len(body) > largest:\n",
        "    if False:\n",
        "tests/connectors/practice_provider/test_webhook_view.py::test_a_body_that_is_too_large_is_not_read_whole",
    ),
    by_edit(
        "stripe-signature",
        "connectors/stripe/events.py",
        f"            {STRIPE_CHECKS}body.decode(), header, secret, FRESH_SECONDS)\n",
        "",
        STRIPE,
    ),
    by_edit(
        "stripe-raw-bytes",
        "connectors/stripe/events.py",
        f"{STRIPE_CHECKS}body.decode(), ",
        f"{STRIPE_CHECKS}json.dumps(json.loads(body)), ",
        STRIPE,
    ),
    by_edit(
        "stripe-freshness",
        "connectors/stripe/events.py",
        "header, secret, FRESH_SECONDS)",
        "header, secret, None)",
        STRIPE,
    ),
)
