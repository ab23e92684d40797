"""Addresses of signing in, and of what belongs to somebody who did."""

from __future__ import annotations

from django.urls import URLPattern, path

from tacit.web.account import sign_in
from tacit.web.answering import Keep, page

account_addresses: list[URLPattern] = [
    path("sign-in", page(sign_in.sign_in, "GET", "POST", keep=Keep.NOBODY), name="sign-in"),
    path("sign-in/code", page(sign_in.code, "GET", "POST", keep=Keep.NOBODY), name="sign-in-code"),
    path("sign-out", page(sign_in.sign_out, "POST", keep=Keep.NOBODY), name="sign-out"),
]
