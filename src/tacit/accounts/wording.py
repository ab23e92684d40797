"""The sentences of signing in, the same for page and mail."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

from tacit.accounts.types import AccountError, Purpose
from tacit.core.mail import Message

_MARKS = ("<!-- carries a sign-in code -->", "<!-- carries a link to data -->")


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
        ("factor", "required"): _("Type the code from your authenticator app."),
        ("factor", "not_a_code"): _(
            "That is neither six digits from the app nor one of your recovery codes."
        ),
        ("factor", "wrong"): _(
            "That code does not fit. Wait for the app's next one, and see that your telephone's clock is right."
        ),
        ("factor", "locked"): _(
            "Too many codes were tried. Try again in %(hours)s hours, sign in with a passkey, or use a browser "
            "you signed in with before."
        ),
        ("factor", "void"): _("This was begun too long ago. Begin again; the app gets a new secret."),
        ("factor", "no_app"): _("There is no authenticator app here. Set one up first."),
        ("passkey", "void"): _("That took too long, or was used already. Try the passkey again."),
        ("passkey", "wrong"): _(
            "This passkey does not open anything here. Have a code mailed to you instead."
        ),
        ("passkey", "kept_already"): _("This passkey is here already."),
        ("passkey", "unknown"): _("There is no such passkey. Reload the page."),
        ("passkey", "too_many"): _("You have %(most)s passkeys, the most there can be. Remove one first."),
        ("passkey", "too_many_asked"): _(
            "Passkeys were asked for very often from your network connection. Try again in ten minutes."
        ),
        ("passkey_name", "required"): _("Give the passkey a name."),
        ("passkey_name", "too_long"): _("At most %(longest)s characters fit here."),
        ("passkey_name", "control_character"): _(
            "This contains a character that cannot be seen. Type it instead of pasting it."
        ),
        ("address", "too_many"): _("You keep %(most)s addresses, the most there can be. Remove one first."),
        ("address", "kept_already"): _("You keep this address already."),
        ("address", "unknown"): _("There is no such address. Reload the page."),
        ("email", "unknown"): _("Nobody here has this address."),
        ("program", "required"): _("Give it a name, so that you know later which program uses it."),
        ("program", "too_long"): _("At most %(longest)s characters fit here."),
        ("program", "control_character"): _(
            "This contains a character that cannot be seen. Type it instead of pasting it."
        ),
        ("scopes", "required"): _("Choose what the program may do."),
        ("purpose", "unknown"): _("There is nothing of that name to say yes to. Reload the page."),
        ("purpose", "old_text"): _("The sentence has changed meanwhile. Read it again and answer then."),
        ("person", "staff"): _(
            "Whoever works at the desk cannot be erased. Have the shop take you off its staff first."
        ),
        ("key", "unknown"): _("There is no such key. Reload the page."),
        ("form", "shown_already"): _(
            "This form made its key already, and a key is shown once. If nobody copied it, revoke it and make another."
        ),
    }
    sentence = sentences.get((error.field, error.code)) or _of_an_address(error.code)
    return sentence % error.parameters if error.parameters else sentence


def _of_an_address(code: str) -> str:
    return {
        "required": _("Fill this in."),
        "too_long": _("At most %(longest)s characters fit here."),
        "control_character": _(
            "This contains a character that cannot be seen. Type it instead of pasting it."
        ),
        "not_a_country": _("Choose a country from the list."),
    }.get(code, _("This cannot be used."))


def agent_words(agent: str) -> str:
    """``Firefox on Linux`` for "Firefox/Linux"; '' for ''."""
    browser, _slash, system = agent.partition("/")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def no_passkeys_here() -> str:
    """Why there are none at this address."""
    return _("Passkeys need the shop's own name and https. Open the shop at its usual address.")


def unreadable() -> str:
    """For what a script of ours never sends."""
    return _("This cannot be read. Reload the page.")


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
    """Whether this mail is a key: its text would let whoever reads it in as that person, or to their data."""
    return any(mark in message.html for mark in _MARKS)


def consent_name(purpose: Purpose) -> str:
    """What a purpose is called on the page."""
    return {
        Purpose.NEWS: _("News"),
        Purpose.RECOMMENDATIONS: _("Recommendations"),
        Purpose.NAMED_IN_CUES: _("Your name beside what you bought"),
        Purpose.GROUP_COUNTING: _("Being counted"),
    }[purpose]


CONSENT_TEXTS: dict[Purpose, tuple[str, ...]] = {
    Purpose.NEWS: (
        gettext_noop(
            "The shop may send me news of deals, events and offers by mail: few, and one click ends them."
        ),
    ),
    Purpose.RECOMMENDATIONS: (
        gettext_noop("What I bought here may be used to show me, and people I choose, what fits."),
    ),
    Purpose.NAMED_IN_CUES: (
        gettext_noop("People I choose may see my name beside things I bought and kept."),
    ),
    Purpose.GROUP_COUNTING: (
        gettext_noop(
            "My order may be counted, without my name, where the page says how many bought something."
        ),
    ),
}
"""Every sentence ever consented to, the newest last. Rows name its number: a changed sentence goes at the end."""


def consent_text(purpose: Purpose) -> str:
    """The sentence somebody says yes or no to, now."""
    return _(CONSENT_TEXTS[purpose][-1])


def consent_version(purpose: Purpose) -> str:
    """Number and language of ``consent_text``."""
    return f"{len(CONSENT_TEXTS[purpose])}-{get_language() or settings.LANGUAGE_CODE}"


def consent_versions(purpose: Purpose) -> frozenset[str]:
    """All versions of a purpose's sentence there ever were."""
    numbers = range(1, len(CONSENT_TEXTS[purpose]) + 1)
    return frozenset(f"{number}-{code}" for number in numbers for code, _name in settings.LANGUAGES)


def consented_text(purpose: Purpose, version: str) -> str:
    """The sentence of ``version``, in the language it was read in."""
    number, _dash, language = version.partition("-")
    with override(language):
        return _(CONSENT_TEXTS[purpose][int(number) - 1])


def held_name(what: str) -> str:
    """What a ``Column.what`` of accounts and core is called (``core.personal``)."""
    return {
        "person": _("your e-mail address and your name"),
        "codes": _("sign-in codes sent to you"),
        "addresses": _("the addresses you keep here"),
        "ways_in": _("passkeys, authenticator app and recovery codes"),
        "sessions": _("where you are signed in"),
        "letters": _("mails sent to you"),
        "consents": _("what you said yes or no to"),
        "journal": _("what the shop noted about you and your orders"),
    }[what]


def data_mail(*, to: str, link: str, hours: int) -> Message:
    """The mail with the link to somebody's data."""
    words = {"shop": settings.SHOP_NAME, "link": link, "hours": hours}
    return Message(
        to=to,
        subject=_("Your data at %(shop)s") % words,
        text=render_to_string("accounts/mail/data.txt", words),
        html=render_to_string("accounts/mail/data.html", words),
    )
