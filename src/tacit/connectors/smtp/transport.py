"""Hands messages to an SMTP server (RFC 5321) over one connection, kept open for the next message."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tacit.connectors.smtp.letter import Letter, LetterError, letter, mailbox
from tacit.connectors.smtp.server import Server, ServerError, parse
from tacit.core import clock
from tacit.core.mail import MailRefused, MailTransport, MailUnavailable, Message

TIMEOUT_SECONDS = 10.0
IDLE_SECONDS = 30.0
"""A connection unused for longer is opened anew: servers hang up on the silent."""
PAUSE_SECONDS = 5.0
"""After a server could not be reached, messages are put off at once for this long, so that a batch does not
wait for one time-out after another and outlive its lease."""
ABOUT_US = frozenset({530, 534, 535, 538})
"""Permanent answers that speak of our sign-in (RFC 4954), not of the message."""


class SmtpTransport:
    """A MailTransport. Threads may share it; they take turns."""

    def __init__(self, server: Server, *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Makes no network call. Raises ServerError when the sender or the certificates cannot be used."""
        try:
            self._envelope_from = mailbox(server.sender).addr_spec
        except LetterError as error:
            raise ServerError(f"from: {error}") from None
        if server.ca and not Path(server.ca).is_file():
            raise ServerError(f"ca: there is no file {server.ca}")
        self._server = server
        self._timeout = timeout
        self._turn = threading.Lock()
        self._client: smtplib.SMTP | None = None
        self._used = 0.0
        self._down_until = 0.0

    @classmethod
    def from_url(cls, url: str, *, sender: str = "") -> SmtpTransport:
        """``smtp://user:pass@host:587?starttls=1&from=…``; see ``server.parse``. Raises ServerError."""
        return cls(parse(url, sender=sender))

    def send(self, message: Message, *, now: Callable[[], datetime] = clock.now) -> None:
        """Hand ``message`` over; returns when the server has taken responsibility for it.

        Raises MailRefused (a permanent answer to this recipient or message, or a message that cannot be
        written) or MailUnavailable (all else).
        """
        try:
            ready = letter(message, sender=self._server.sender, now=now())
        except LetterError as error:
            raise MailRefused(str(error)) from None
        with self._turn:
            try:
                self._hand_over(ready)
            except (MailRefused, MailUnavailable):
                raise
            except (smtplib.SMTPException, OSError, ValueError) as error:
                self._drop()
                raise MailUnavailable(f"{self._server.host}: {_why(error)}") from error

    def close(self) -> None:
        """Say goodbye to the server. The next message opens a connection anew."""
        with self._turn:
            self._drop()

    def _hand_over(self, ready: Letter) -> None:
        client = self._kept()
        if client is not None:
            try:
                self._begin(client, ready)
            except (smtplib.SMTPException, OSError, MailUnavailable):
                # It was hung up meanwhile. No content was given away yet, so asking again cannot double it.
                self._drop()
                client = None
        if client is None:
            client = self._open()
            self._begin(client, ready)
        code, answer = client.rcpt(ready.recipient)
        if code not in (250, 251):
            raise self._refusal(client, code, answer)
        try:
            code, answer = client.data(ready.content)
        except smtplib.SMTPDataError as error:  # it did not want to hear the content
            raise self._refusal(client, error.smtp_code, error.smtp_error) from None
        if code != 250:
            raise self._refusal(client, code, answer)
        self._used = time.monotonic()

    def _begin(self, client: smtplib.SMTP, ready: Letter) -> None:
        options: tuple[str, ...] = ()
        if ready.international:
            if not client.has_extn("smtputf8"):
                self._used = time.monotonic()
                raise MailRefused(f"{self._server.host} takes no address with letters outside ASCII")
            options = ("SMTPUTF8", "BODY=8BITMIME")
        code, answer = client.mail(self._envelope_from, options)
        if code != 250:
            # A refused sender is our setting's fault, not this message's.
            self._drop()
            raise MailUnavailable(f"{self._server.host}: {_said(code, answer)}")

    def _refusal(self, client: smtplib.SMTP, code: int, answer: bytes | str) -> Exception:
        """The error for an unwelcome answer; leaves the connection usable for the next message, or closed."""
        self._used = time.monotonic()
        if code == 421:
            self._drop()
        else:
            try:
                if client.rset()[0] != 250:
                    self._drop()
            except (smtplib.SMTPException, OSError):
                self._drop()
        permanent = 500 <= code <= 599 and code not in ABOUT_US
        return (MailRefused if permanent else MailUnavailable)(_said(code, answer))

    def _kept(self) -> smtplib.SMTP | None:
        if self._client is not None and time.monotonic() - self._used > IDLE_SECONDS:
            self._drop()
        return self._client

    def _open(self) -> smtplib.SMTP:
        if time.monotonic() < self._down_until:
            raise MailUnavailable(f"{self._server.host} could not be reached a moment ago")
        try:
            client = self._connected()
        except (smtplib.SMTPException, OSError):
            self._down_until = time.monotonic() + PAUSE_SECONDS
            raise
        self._client, self._used = client, time.monotonic()
        return client

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=self._certificates()
            )
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            client.ehlo_or_helo_if_needed()
            if server.starttls:
                client.starttls(
                    context=self._certificates()
                )  # raises when it is not offered: never go on in clear
                client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client

    def _certificates(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._server.ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(smtplib.SMTPException, OSError):
            if client.sock is not None:
                client.quit()
        client.close()


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:400]


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split())[:400] or type(error).__name__


def _fits(transport: SmtpTransport) -> MailTransport:
    return transport
