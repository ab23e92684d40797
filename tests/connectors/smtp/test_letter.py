"""Nothing a person can type adds a header or a recipient."""

from datetime import UTC, datetime
from email import message_from_string, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.connectors.smtp.letter import LetterError, address, ascii_domain, letter, mailbox, one_line
from tacit.core.mail import Message

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]
NASTY = st.text(st.characters(exclude_categories=[]) | st.sampled_from('\r\n\0<>@,;:"\\\u2028\u0085 '))


@given(to=NASTY.map(lambda text: f"{text}@example.org"), subject=NASTY, text=NASTY, html=NASTY, name=NASTY)
def test_headers_and_recipients_cannot_be_added(
    to: str, subject: str, text: str, html: str, name: str
) -> None:
    message = Message(to, subject, text, html, "<1@mail.tacit>")
    try:
        written = letter(message, sender=f"{name} <shop@example.com>", now=NOW)
    except LetterError:
        return
    parsed = message_from_string(written.content.decode(), policy=policy.SMTPUTF8)
    assert parsed["Subject"] == one_line(subject)
    assert sorted(parsed.keys()) in (sorted(HEADERS), sorted([*HEADERS, "Content-Transfer-Encoding"]))
    assert [each.addr_spec for each in parsed["To"].addresses] == [written.recipient]
    assert [each.addr_spec for each in parsed["From"].addresses] == ["shop@example.com"]
    assert written.content.replace(b"\r\n", b"").find(b"\r") == -1
    assert written.content.replace(b"\r\n", b"").find(b"\n") == -1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mira",
        "@example.org",
        "mira@",
        "mira@example..org",
        "mira@-example.org",
        "mira@exa mple.org",
        "mira@example.org\n",
        "mira@example.org, eve@example.net",
        "<mira@example.org>",
        "mi\0ra@example.org",
        "mi ra@example.org",
        "mi\u2028ra@example.org",
        ".mira@example.org",
        "mi..ra@example.org",
        "mira@" + "a" * 64 + ".org",
        "m" * 65 + "@example.org",
        "mira@example.org>\r\nDATA",
    ],
)
def test_what_is_not_one_address(text: str) -> None:
    with pytest.raises(LetterError):
        address(text)


@pytest.mark.parametrize(
    ("domain", "known"),
    [
        ("Example.ORG", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_domains_outside_ascii(domain: str, known: str) -> None:
    assert ascii_domain(domain) == known


def test_the_sender_may_have_a_name() -> None:
    assert str(mailbox("Nordwind <shop@example.com>")) == "Nordwind <shop@example.com>"
    assert str(mailbox('"Nord, Wind" <shop@example.com>')) == '"Nord, Wind" <shop@example.com>'
    assert mailbox("shop@example.com").display_name == ""
    with pytest.raises(LetterError):
        mailbox("Nordwind <shop@example.com")


@pytest.mark.parametrize("given", ["two words@x", "<a@b\r\nBcc: eve@example.net>", "nothing", "<<a@b>>"])
def test_a_strange_message_id_is_refused(given: str) -> None:
    with pytest.raises(LetterError):
        letter(Message("mira@example.org", "", "", "", given), sender="shop@example.com", now=NOW)
