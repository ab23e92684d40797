"""A small SMTP server on loopback that says what a test wants it to say."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

CERTIFICATE = Path(__file__).with_name("localhost.pem")
HANG_UP = "hang up"
SILENCE = "silence"


@dataclass
class Received:
    sender: str
    recipient: str
    content: bytes
    encrypted: bool
    user: str


@dataclass
class MailServer:
    """``answers``: command (or ``content``, ``connect``) → replies to give instead, used up one by one."""

    port: int
    extensions: list[str] = field(default_factory=lambda: ["PIPELINING", "8BITMIME"])
    starttls: bool = False
    tls: bool = False
    answers: dict[str, list[str]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=shop%40example.com"

    def serve(self, connection: socket.socket) -> None:
        self.connections += 1
        with contextlib.suppress(OSError), connection:
            if self.tls:
                connection = secured(connection)
            Conversation(self, connection).run()

    def reply_to(self, command: str, usual: str) -> str:
        prepared = self.answers.get(command)
        return prepared.pop(0) if prepared else usual


def secured(connection: socket.socket) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context.wrap_socket(connection, server_side=True)


class HungUpError(Exception):
    pass


class Conversation:
    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.lines: BinaryIO = connection.makefile("rb")
        self.encrypted = server.tls
        self.user = self.sender = self.recipient = ""

    def run(self) -> None:
        with contextlib.suppress(HungUpError):
            self.say("connect", "220 ready")
            while line := self.lines.readline():
                self.hear(line.decode().strip())
        self.connection.close()

    def say(self, command: str, usual: str) -> bool:
        """Whether the usual was said."""
        reply = self.server.reply_to(command, usual)
        if reply == SILENCE:
            self.server.over.wait(10)
        if reply in (HANG_UP, SILENCE):
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            raise HungUpError
        self.connection.sendall(reply.encode() + b"\r\n")
        return reply == usual

    def hear(self, line: str) -> None:
        self.server.commands.append(line)
        command = line.split(maxsplit=1)[0].upper()
        if command == "EHLO":
            extensions = [*self.server.extensions]
            if self.server.starttls and not self.encrypted:
                extensions.append("STARTTLS")
            self.say(command, "\r\n".join(["250-test", *(f"250-{each}" for each in extensions), "250 SIZE"]))
        elif command == "STARTTLS":
            if self.say(command, "220 go ahead"):
                self.connection = secured(self.connection)
                self.lines = self.connection.makefile("rb")
                self.encrypted = True
        elif command == "AUTH":
            if self.say(command, "235 welcome"):
                self.user = line.rsplit(maxsplit=1)[-1]
        elif command == "MAIL":
            self.sender = line
            self.say(command, "250 ok")
        elif command == "RCPT":
            self.recipient = line
            self.say(command, "250 ok")
        elif command == "DATA":
            if self.say(command, "354 go ahead"):
                self.take()
        elif command == "QUIT":
            self.say(command, "221 bye")
            raise HungUpError
        else:
            self.say(command, "250 ok")

    def take(self) -> None:
        content = b""
        while (line := self.lines.readline()) not in (b".\r\n", b""):
            content += line.removeprefix(b".")
        received = Received(self.sender, self.recipient, content, self.encrypted, self.user)
        self.server.received.append(received)  # before the answer, so that whoever gets it finds it here
        if not self.server.answers.get("content"):
            self.say("content", "250 taken")
            return
        self.server.received.remove(received)
        self.say("content", "")


@contextlib.contextmanager
def running() -> Iterator[MailServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = MailServer(listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                if server.over.is_set():
                    connection.close()
                    return
                threads.append(threading.Thread(target=server.serve, args=(connection,), daemon=True))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            server.over.set()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
                pass
            accepting.join()
            for thread in threads:
                thread.join(5)
