"""Guards of the edge and what is recorded."""

from __future__ import annotations

from tests.guards.listed.making import by_edit, by_sql, cell

EDGE = (
    by_edit(
        "same-origin",
        "web/origin.py",
        "        if request.method not in SAFE and not is_same_origin(request):\n",
        "        if False:\n",
        "tests/web/test_origin.py::test_the_whole_origin_must_be_ours",
        "tests/web/test_bad_input.py::test_other_sites_cannot_send_our_forms",
    ),
    by_edit(
        "known-host",
        "web/origin.py",
        "            request.get_host()\n        except",
        "            pass\n        except",
        "tests/web/test_origin.py",
    ),
    by_edit(
        "content-security-policy",
        "web/security.py",
        "style-src 'self'; img-src",
        "style-src 'self' 'unsafe-inline'; img-src",
        cell("help"),
    ),
    by_edit(
        "no-store",
        "web/answering.py",
        '            response["Cache-Control"] = str(keep)\n',
        "            pass\n",
        cell("desk/orders"),
    ),
    by_edit(
        "mail-frame",
        "web/security.py",
        "frame-ancestors 'self'; {sandbox}",
        "frame-ancestors 'self'",
        cell("desk/outbox/<int:mail_id>/html"),
    ),
    by_edit(
        "rate-limit",
        "web/limits.py",
        "            if (wait := full_at - now - MINUTE) > 1e-6:\n                return wait\n",
        "            wait = 0.0\n",
        "tests/web/test_limits.py::test_a_flood_is_answered_with_when_to_come_again",
    ),
    by_edit(
        "link-guesses",
        "web/limits.py",
        "            taken(request, Kind.GUESS)\n",
        "            pass\n",
        "tests/web/test_limits.py::test_who_guesses_links_is_stopped_and_others_open_theirs",
    ),
    by_edit(
        "api-link-guesses",
        "web/limits.py",
        " and SECRETS.isdisjoint(request.GET))",
        ")",
        "tests/web/test_limits.py::test_wrong_signatures_at_the_api_are_guesses",
    ),
    by_edit(
        "key-believed-when-good",
        "web/limits.py",
        "return Kind.PROGRAM if _program(request) else Kind.API",
        'return Kind.PROGRAM if "HTTP_AUTHORIZATION" in request.META else Kind.API',
        "tests/web/test_limits.py::test_a_made_up_key_counts_as_its_network_wherever_it_is_shown",
    ),
    by_edit(
        "limits-apart",
        "web/limits.py",
        "return allowances[kind].take(",
        "return allowances[Kind.API].take(",
        "tests/web/test_limits.py::test_a_flood_of_one_kind_makes_nobody_forgotten_in_another",
    ),
    by_edit(
        "same-site-redirect",
        "web/parsing.py",
        '_SAME_SITE = re.compile(r"/(?![/\\\\])[!-~]*\\Z")',
        '_SAME_SITE = re.compile(r".*")',
        "tests/web/test_account.py",
    ),
    by_edit(
        "return-address",
        "web/links.py",
        "if settings.DEMO and (host",
        "if (host",
        "tests/web/test_orders.py::test_in_a_demo_alone_buyers_come_back_to_the_name_they_came_by",
    ),
    by_edit(
        "webhooks-out-public",
        "core/webhooks/address.py",
        "        if literal is None or not _allowed(literal, secure=url.secure):\n",
        "        if literal is None:\n",
        "tests/core/test_webhook_addresses.py::test_a_name_that_leads_inside_is_refused_when_it_is_sent",
    ),
    by_edit(
        "webhooks-out-typed",
        "core/webhooks/address.py",
        "    if literal is not None and not _allowed(literal, secure=secure):\n",
        "    if False:\n",
        "tests/core/test_webhook_addresses.py::test_an_address_that_is_none_is_refused_when_it_is_typed",
    ),
    by_edit(
        "webhooks-out-asked-once",
        "core/webhooks/post.py",
        "    return HTTPSConnection(\n        address,\n",
        "    return HTTPSConnection(\n        url.host,\n",
        "tests/core/test_webhook_addresses.py::test_the_name_is_asked_once_and_its_certificate_is_wanted",
    ),
    by_edit(
        "webhooks-out-signature",
        "core/webhooks/rules.py",
        "sign(message_id, whole, text)",
        'sign(message_id, whole, "")',
        "tests/core/test_webhooks.py::test_what_happens_arrives_signed_and_only_what_was_asked_for",
    ),
)

RECORDS = (
    by_sql(
        "erased-stay-so",
        "DROP TRIGGER person_is_here ON accounts_savedaddress",
        "tests/accounts/test_erase.py::test_every_table_that_holds_a_person_has_that_guard",
    ),
    by_edit(
        "erase-lock-order",
        "accounts/actions/erase.py",
        "        personal.hold(subject)\n    if not Person",
        "        pass\n    if not Person",
        "tests/accounts/test_erase.py::test_a_card_kept_while_its_owner_is_erased_stops_neither",
    ),
    by_edit(
        "restore-revokes",
        "config/erasures.py",
        "        actions.revoke_all(now=now)\n",
        "",
        "tests/config/test_erasures.py::test_what_was_revoked_since_the_backup_does_not_come_back",
    ),
    by_edit(
        "restore-erases-first",
        "config/erasures.py",
        "        if cursor.fetchone()[0]:\n            raise ErasuresWait(WAITS)\n",
        "        pass\n",
        "tests/config/test_erasures.py::test_nothing_starts_until_the_restore_is_finished",
    ),
    by_edit(
        "erasures-whole",
        "config/erasures.py",
        '            raise _damaged(file, number, f"It says {line[:80]!r}.")\n',
        "            continue\n",
        "tests/config/test_erasures.py::test_damage_is_not_taken_for_nobody",
    ),
    by_sql(
        "consent-append-only",
        "DROP TRIGGER consent_append_only ON accounts_consent",
        "tests/accounts/test_erase.py::test_answers_about_consent_only_grow",
    ),
    by_sql(
        "journal-append-only",
        "DROP TRIGGER journal_append_only ON core_journalentry",
        "tests/core/test_journal.py::test_the_database_refuses_to_change_the_past",
    ),
    by_sql(
        "person-is-here",
        "DROP TRIGGER person_is_here ON checkout_order",
        "tests/web/test_data.py::test_whoever_was_erased_orders_no_more",
    ),
    by_edit(
        "erasures-after-restore",
        "config/erasures.py",
        "        done = actions.erase_again(line for line in due if line not in taken_back)\n",
        "        done = len(due)\n",
        "tests/journeys/test_canary.py::test_erased_is_erased_also_after_an_older_backup",
    ),
    by_edit(
        "clean-logs",
        "config/logs.py",
        "        text = pattern.sub(instead, text)\n",
        "        pass\n",
        "tests/config/test_logs.py::test_what_must_not_be_kept_is_not",
    ),
)
