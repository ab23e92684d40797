"""Addresses of signing in, and of what belongs to somebody who did."""

from __future__ import annotations

from django.urls import URLPattern, path

from tacit.web.account import addresses, data, home, methods, passkeys, second_factor, sessions, sign_in
from tacit.web.account.entering import for_members
from tacit.web.answering import Keep, page

account_addresses: list[URLPattern] = [
    path("sign-in", page(sign_in.sign_in, "GET", "POST", keep=Keep.NOBODY), name="sign-in"),
    path("sign-in/code", page(sign_in.code, "GET", "POST", keep=Keep.NOBODY), name="sign-in-code"),
    path("sign-out", page(sign_in.sign_out, "POST", keep=Keep.NOBODY), name="sign-out"),
    # Of these two only the second lets anybody in, and is counted as such.
    path("sign-in/passkey/options", page(passkeys.options, "POST", keep=Keep.NOBODY), name="passkey-options"),
    path("sign-in/passkey", page(passkeys.sign_in, "POST", keep=Keep.NOBODY), name="sign-in-passkey"),
    path("account", for_members(home.account), name="account"),
    path("account/addresses", for_members(addresses.addresses, "GET", "POST"), name="account-addresses"),
    path(
        "account/addresses/new",
        for_members(addresses.new_address, "GET", "POST"),
        name="account-address-new",
    ),
    path(
        "account/addresses/<int:address_id>",
        for_members(addresses.address, "GET", "POST"),
        name="account-address",
    ),
    path("account/methods", for_members(methods.methods), name="account-methods"),
    path(
        "account/methods/<str:method>/choose",
        for_members(methods.choose, "POST"),
        name="account-method-choose",
    ),
    path(
        "account/methods/<str:method>/remove",
        for_members(methods.remove, "POST"),
        name="account-method-remove",
    ),
    path("account/sessions", for_members(sessions.sessions, "GET", "POST"), name="account-sessions"),
    path("account/passkeys", for_members(passkeys.passkeys, "GET", "POST"), name="account-passkeys"),
    path("account/passkeys/options", for_members(passkeys.new_options, "POST"), name="passkey-new-options"),
    path("account/passkeys/add", for_members(passkeys.add, "POST"), name="passkey-add"),
    path(
        "account/second-factor", for_members(second_factor.second_factor, "GET", "POST"), name="second-factor"
    ),
    path(
        "account/second-factor/set-up",
        for_members(second_factor.set_up, "GET", "POST"),
        name="second-factor-set-up",
    ),
    path(
        "account/second-factor/change",
        for_members(second_factor.change, "POST"),
        name="second-factor-change",
    ),
    path("account/data", page(data.data, keep=Keep.NOBODY), name="account-data"),
    path("account/data/consent", page(data.consent, "POST", keep=Keep.NOBODY), name="account-consent"),
    path("account/data/copy", page(data.ask_for_copy, "POST", keep=Keep.NOBODY), name="account-ask-copy"),
    path("account/data/copy/<str:token>", page(data.copy, keep=Keep.NOBODY), name="account-copy"),
    path("account/data/erase", page(data.erase, "GET", "POST", keep=Keep.NOBODY), name="account-erase"),
]
