"""The sentences of signing in, the same for page and mail."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tacit.accounts.types import AccountError
from tacit.core.mail import Message

_MARK = "<!-- carries a sign-in code -->"


def explain(error: AccountError) -> str:
    """Why it was refused and what to do instead, in a sentence or two."""
    sentences = {
        ("email", "required"): _("Type your e-mail address."),
        ("email", "too_long"): _("An e-mail address has at most %(longest)s characters."),
        ("email", "control_character"): _(
            "The e-mail address contains a character that cannot be seen. Type it instead of pasting it."
        ),
        ("email", "not_an_email"): _("This is not an e-mail address. One looks like name@example.com."),
        ("email", "too_many_codes"): _(
            "Several codes went to this address already. Use the newest one, or try again in a while."
        ),
        ("email", "too_many_asked"): _(
            "Many codes were asked for from your network connection. Try again in ten minutes."
        ),
        ("code", "required"): _("Type the code from the mail."),
        ("code", "not_a_code"): _("The code is the %(digits)s digits from the mail."),
        ("code", "wrong"): _("That is not the code from the mail. Compare it digit by digit."),
        ("code", "void"): _("This code can no longer be used. Ask for a new one."),
    }
    sentence = sentences.get((error.field, error.code), _("This cannot be used."))
    return sentence % error.parameters if error.parameters else sentence


def code_mail(*, to: str, code: str, minutes: int) -> Message:
    """The mail that carries a sign-in code."""
    words = {"shop": settings.SHOP_NAME, "code": code, "minutes": minutes}
    return Message(
        to=to,
        subject=_("Your code for %(shop)s") % words,
        text=render_to_string("accounts/mail/code.txt", words),
        html=render_to_string("accounts/mail/code.html", words),
    )


def carries_code(message: Message) -> bool:
    """Whether this is a code mail: its text would let whoever reads it in as that person."""
    return _MARK in message.html
