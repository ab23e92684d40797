"""A message as it goes over the wire. Nothing in it can add a header or a recipient. No I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from tacit.core.mail import Message

# RFC 5321 dot-atom, with RFC 6531's letters outside ASCII; no quoted local parts, no address literals.
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]{1,64}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f\x41-\x7e]{1,200}@[\x21-\x3b\x3d\x3f\x41-\x7e]{1,200}")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")

# Every transport takes 7 bits; nothing is gained by 8.
_PLAIN = policy.SMTP.clone(cte_type="7bit")
_INTERNATIONAL = policy.SMTPUTF8.clone(cte_type="7bit")


class LetterError(ValueError):
    """This can never be sent; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """``international``: the server must know SMTPUTF8 to take it."""

    recipient: str
    content: bytes
    international: bool


def letter(message: Message, *, sender: str, now: datetime) -> Letter:
    """Write ``message`` as multipart/alternative. Raises LetterError."""
    recipient = address(message.to)
    author = mailbox(sender)
    international = not (recipient.addr_spec + author.addr_spec).isascii()
    mail = EmailMessage(policy=_INTERNATIONAL if international else _PLAIN)
    mail["From"] = author
    mail["To"] = recipient
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message.message_id) or make_msgid(domain=author.domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    try:
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
        return Letter(recipient.addr_spec, subject(message.subject) + mail.as_bytes(), international)
    except UnicodeError as error:
        raise LetterError("the message has characters that cannot be encoded") from error


def subject(text: str) -> bytes:
    """The Subject line, folded. EmailMessage loses spaces where it folds between encoded words."""
    known = one_line(text)
    charset = "us-ascii" if known.isascii() and "=?" not in known else "utf-8"
    header = Header(known, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {header}\r\n".encode("ascii")


def mailbox(sender: str) -> Address:
    """``Name <local@domain>`` or ``local@domain``. Raises LetterError."""
    name, bracket, rest = sender.rpartition("<")
    if not bracket:
        return address(sender.strip())
    if not rest.rstrip().endswith(">"):
        raise LetterError("the sender is not an address such as Shop <shop@example.com>")
    plain = address(rest.rstrip().removesuffix(">"))
    return Address(one_line(name).strip('" '), plain.username, plain.domain)


def address(text: str) -> Address:
    """One address, its domain in ASCII. Raises LetterError."""
    local, _, domain = text.rpartition("@")
    local = unicodedata.normalize("NFC", local)
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise LetterError(f"{text[:80]!r} is not one e-mail address")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in local):
        raise LetterError(f"{text[:80]!r} is not one e-mail address")
    return Address(username=local, domain=ascii_domain(domain))


def ascii_domain(domain: str) -> str:
    """``bücher.example`` → ``xn--bcher-kva.example``, with ß and ς kept apart as IDNA 2008 does.

    Python's own codec is IDNA 2003, in which ß becomes ss: another domain. Raises LetterError.
    """
    labels = []
    for label in _DOTS.split(domain):
        known = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", label).lower())
        try:
            plain = known if known.isascii() else "xn--" + known.encode("punycode").decode("ascii")
        except UnicodeError:
            plain = ""
        if not _LABEL.fullmatch(plain):
            raise LetterError(f"{domain[:80]!r} is not a domain")
        labels.append(plain)
    if len(".".join(labels)) > 253:
        raise LetterError(f"{domain[:80]!r} is not a domain")
    return ".".join(labels)


def message_id(text: str) -> str:
    """The identifier in its angle brackets; '' when there is none. Raises LetterError."""
    if not text:
        return ""
    bare = text.removeprefix("<").removesuffix(">")
    if not _MESSAGE_ID.fullmatch(bare):
        raise LetterError("the Message-ID is not of the form <left@right>")
    return f"<{bare}>"


def one_line(text: str) -> str:
    """Control characters and line ends become single spaces."""
    printable = (" " if unicodedata.category(each) in _UNPRINTABLE else each for each in text)
    return " ".join("".join(printable).split())
