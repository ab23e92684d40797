"""The demo's post box: mails as the shopper would get them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tacit.core import mail
from tacit.web import errors, security

LARGEST_ID = 2**63 - 1


def outbox(request: HttpRequest) -> HttpResponse:
    return render(request, "web/demo/outbox.html", {"here": "outbox", "rows": mail.demo_outbox()})


def message(request: HttpRequest, mail_id: int) -> HttpResponse:
    found = mail.demo_message(mail_id) if mail_id <= LARGEST_ID else None
    if found is None:
        return errors.not_found(request)
    return render(request, "web/demo/message.html", {"here": "outbox", "mail": found, "id": mail_id})


def message_html(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The HTML of a message, for the frame that shows it."""
    found = mail.demo_message(mail_id) if mail_id <= LARGEST_ID else None
    if found is None:
        return errors.not_found(request)
    # Links in the mail open in the whole window, as they would from a mail programme.
    html = found.html.replace("<head>", '<head><base target="_top">', 1)
    return security.alone(html, "text/html; charset=utf-8")
