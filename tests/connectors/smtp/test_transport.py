"""Real conversations over a socket: what is handed over, what counts as refused, what as not reachable."""

import contextlib
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tacit.connectors.smtp import SmtpTransport, transport
from tacit.core.mail import MailRefused, MailUnavailable, Message
from tests.connectors.smtp.mail_server import CERTIFICATE, HANG_UP, SILENCE, MailServer, running

MESSAGE = Message(
    "mira@example.org", "Your order", "Thank you.\n.\nBye", "<p>Thank you.</p>", "<1@mail.tacit>"
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as server:
        yield server


@pytest.fixture
def mail(server: MailServer) -> Iterator[SmtpTransport]:
    with contextlib.closing(SmtpTransport.from_url(server.url)) as mail:
        yield mail


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return message


def test_both_texts_arrive_with_their_headers(server: MailServer, mail: SmtpTransport) -> None:
    mail.send(MESSAGE)
    got = server.received[0]
    assert got.sender.startswith("mail FROM:<shop@example.com>")
    assert got.recipient == "rcpt TO:<mira@example.org>"
    message = read(got.content)
    assert message["From"] == "shop@example.com"
    assert message["To"] == "mira@example.org"
    assert message["Subject"] == "Your order"
    assert message["Message-ID"] == "<1@mail.tacit>"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert text.get_content().split() == ["Thank", "you.", ".", "Bye"]
    assert html.get_content_type() == "text/html"
    assert html.get_content().strip() == "<p>Thank you.</p>"


def test_a_batch_uses_one_connection(server: MailServer, mail: SmtpTransport) -> None:
    for _ in range(3):
        mail.send(MESSAGE)
    assert (len(server.received), server.connections) == (3, 1)


def test_a_connection_hung_up_between_messages_is_opened_anew(
    server: MailServer, mail: SmtpTransport
) -> None:
    mail.send(MESSAGE)
    server.answers["MAIL"] = [HANG_UP]
    mail.send(MESSAGE)
    server.answers["MAIL"] = ["421 closing down"]
    mail.send(MESSAGE)
    assert (len(server.received), server.connections) == (3, 3)


def test_a_connection_long_unused_is_opened_anew(
    server: MailServer, mail: SmtpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.send(MESSAGE)
    monkeypatch.setattr(transport, "IDLE_SECONDS", 0.0)
    mail.send(MESSAGE)
    assert (len(server.received), server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("RCPT", "550 no such user", MailRefused),
        ("RCPT", "553 what is that", MailRefused),
        ("RCPT", "450 greylisted", MailUnavailable),
        ("RCPT", "530 sign in first", MailUnavailable),
        ("DATA", "554 no", MailRefused),
        ("DATA", "451 not now", MailUnavailable),
        ("content", "554 spam", MailRefused),
        ("content", "452 full", MailUnavailable),
        ("MAIL", "550 you again", MailUnavailable),
        ("MAIL", "451 not now", MailUnavailable),
        ("connect", "554 go away", MailUnavailable),
        ("connect", "no SMTP at all", MailUnavailable),
        ("connect", HANG_UP, MailUnavailable),
        ("MAIL", HANG_UP, MailUnavailable),
        ("RCPT", HANG_UP, MailUnavailable),
        ("DATA", HANG_UP, MailUnavailable),
        ("content", HANG_UP, MailUnavailable),
    ],
)
def test_what_is_refused_and_what_may_be_tried_again(
    server: MailServer,
    mail: SmtpTransport,
    command: str,
    reply: str,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "PAUSE_SECONDS", 0.0)
    server.answers[command] = [reply]
    with pytest.raises(error) as caught:
        mail.send(MESSAGE)
    assert type(caught.value) is error
    if reply[:3].isdigit():
        assert reply in str(caught.value)
    assert server.received == []
    mail.send(MESSAGE)
    assert len(server.received) == 1


def test_a_connection_lost_after_the_content_is_not_asked_again(
    server: MailServer, mail: SmtpTransport
) -> None:
    """The server may have taken the message: only the outbox, which counts, may send it a second time."""
    mail.send(MESSAGE)
    server.answers["content"] = [HANG_UP]
    with pytest.raises(MailUnavailable):
        mail.send(MESSAGE)
    assert sum(command.upper() == "DATA" for command in server.commands) == 2


def test_one_refused_recipient_does_not_hold_up_the_next(server: MailServer, mail: SmtpTransport) -> None:
    mail.send(MESSAGE)
    server.answers["RCPT"] = ["550 no such user"]
    with pytest.raises(MailRefused):
        mail.send(MESSAGE)
    mail.send(MESSAGE)
    assert (len(server.received), server.connections) == (2, 1)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    mail = SmtpTransport.from_url(f"smtp://127.0.0.1:{port}?from=shop%40example.com")
    with pytest.raises(MailUnavailable, match="refused"):
        mail.send(MESSAGE)


def test_a_silent_server_is_waited_for_once_a_batch(server: MailServer) -> None:
    server.answers["connect"] = [SILENCE] * 2
    mail = SmtpTransport(SmtpTransport.from_url(server.url)._server, timeout=0.2)
    for _ in range(3):
        with pytest.raises(MailUnavailable):
            mail.send(MESSAGE)
    assert server.connections == 1


def test_starttls_encrypts_before_the_password_is_said(server: MailServer) -> None:
    server.starttls = True
    server.extensions.append("AUTH PLAIN")
    url = (
        f"smtp://shop:pass%2Fword@localhost:{server.port}?starttls=1&from=shop%40example.com&ca={CERTIFICATE}"
    )
    with contextlib.closing(SmtpTransport.from_url(url)) as mail:
        mail.send(MESSAGE)
    assert server.received[0].encrypted
    assert server.received[0].user == "AHNob3AAcGFzcy93b3Jk"
    commands = [command.split()[0].upper() for command in server.commands]
    assert commands.index("STARTTLS") < commands.index("AUTH") < commands.index("MAIL")


@pytest.mark.parametrize("user", ["", "shop:secret@"])
def test_starttls_required_but_not_offered_sends_nothing(server: MailServer, user: str) -> None:
    server.extensions.append("AUTH PLAIN")
    url = f"smtp://{user}127.0.0.1:{server.port}?starttls=1&from=shop%40example.com"
    with pytest.raises(MailUnavailable, match="STARTTLS"):
        SmtpTransport.from_url(url).send(MESSAGE)
    assert [command.split()[0].upper() for command in server.commands] in (["EHLO"], ["EHLO", "QUIT"])


def test_an_unknown_certificate_is_not_trusted(server: MailServer) -> None:
    server.starttls = True
    url = f"smtp://localhost:{server.port}?starttls=1&from=shop%40example.com"
    with pytest.raises(MailUnavailable, match="certificate"):
        SmtpTransport.from_url(url).send(MESSAGE)
    assert not any(command.upper().startswith("MAIL") for command in server.commands)


def test_smtps(server: MailServer) -> None:
    server.tls = True
    url = f"smtps://localhost:{server.port}?from=shop%40example.com&ca={CERTIFICATE}"
    with contextlib.closing(SmtpTransport.from_url(url)) as mail:
        mail.send(MESSAGE)
    assert server.received[0].encrypted


def test_a_wrong_password_is_our_trouble_not_the_messages(server: MailServer) -> None:
    server.extensions.append("AUTH PLAIN")
    server.answers["AUTH"] = ["535 wrong"]
    url = f"smtp://shop:geheim@127.0.0.1:{server.port}?from=shop%40example.com"
    with pytest.raises(MailUnavailable, match="535") as caught:
        SmtpTransport.from_url(url).send(MESSAGE)
    assert "geheim" not in str(caught.value)


def test_letters_outside_ascii(server: MailServer, mail: SmtpTransport) -> None:
    server.extensions.append("SMTPUTF8")
    subject = "Größe geändert – 寿司 " * 8
    mail.send(Message("mira@bücher.example", subject, "Grüße\n", "<p>Grüße</p>"))
    assert server.received[0].recipient == "rcpt TO:<mira@xn--bcher-kva.example>"
    assert server.received[0].content.isascii()
    message = read(server.received[0].content)
    assert message["Subject"] == subject.strip()
    assert next(iter(message.iter_parts())).get_content().strip() == "Grüße"

    mail.send(Message("jürgen@example.org", subject, "Hallo", ""))
    assert "SMTPUTF8" in server.received[1].sender
    assert server.received[1].recipient == "rcpt TO:<jürgen@example.org>"
    assert read(server.received[1].content)["To"] == "jürgen@example.org"


def test_a_server_without_smtputf8_is_not_sent_what_it_cannot_take(
    server: MailServer, mail: SmtpTransport
) -> None:
    with pytest.raises(MailRefused, match="ASCII"):
        mail.send(Message("jürgen@example.org", "Hallo", "Hallo", ""))
    mail.send(MESSAGE)
    assert (len(server.received), server.connections) == (1, 1)


def test_a_message_that_cannot_be_written_is_refused_without_a_connection(
    server: MailServer, mail: SmtpTransport
) -> None:
    with pytest.raises(MailRefused):
        mail.send(Message("mira@example.org\r\nRCPT TO:<eve@example.net>", "Hallo", "Hallo", ""))
    assert server.connections == 0
