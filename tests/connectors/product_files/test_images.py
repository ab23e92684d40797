"""Pictures from elsewhere: only real ones, only small ones, only from public places, and never for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.http import Http404
from django.test import Client, RequestFactory

from tacit.connectors.product_files import images, media
from tacit.connectors.product_files.images import Fetcher
from tacit.connectors.product_files.pictures import kind_of, pixels_of

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x02\x30" + b"\x00" * 40
LARGEST = 10_000


class _Shop(BaseHTTPRequestHandler):
    running = 0
    most = 0
    hosts: list[str] = []
    lock = threading.Lock()

    def do_GET(self) -> None:
        with self.lock:
            _Shop.running += 1
            _Shop.most = max(_Shop.most, _Shop.running)
            _Shop.hosts.append(self.headers["Host"])
        try:
            self._answer(self.path.partition("?")[0])
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self.lock:
                _Shop.running -= 1

    def _answer(self, path: str) -> None:
        port = self.server.server_address[1]
        moves = {
            "/moved": "/good.png",
            "/inside": f"http://10.0.0.1:{port}/good.png",
            "/metadata": "http://169.254.169.254/latest",
            "/file": "file:///etc/passwd",
            "/loop": "/loop",
            "/mapped": "http://[::ffff:192.168.0.1]/x.png",
        }
        if path in moves:
            self.send_response(302)
            self.send_header("Location", moves[path])
            self.end_headers()
            return
        if path == "/missing.png":
            self.send_error(404)
            return
        if path == "/slow.png":
            time.sleep(1.5)
        if path == "/busy.png":
            time.sleep(0.1)
        self.send_response(200)
        if path == "/said.png":
            self.send_header("Content-Length", str(LARGEST + 1))
        self.end_headers()
        if path == "/page.png":
            self.wfile.write(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
        elif path == "/bomb.png":
            self.wfile.write(PNG.replace(b"\x00\x00\x02\x80", b"\x7f\x00\x00\x00"))
        elif path == "/long.png":
            self.wfile.write(PNG + b"\x00" * LARGEST)
        elif path == "/drip.png":
            for _ in range(40):
                self.wfile.write(b"\x89")
                self.wfile.flush()
                time.sleep(0.1)
        else:
            self.wfile.write(PNG)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Shop.running = _Shop.most = 0
    _Shop.hosts = []
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def fetcher(home: Path) -> Fetcher:
    return Fetcher(home, connect_seconds=0.5, total_seconds=1, largest=LARGEST, allow_loopback=True)


@pytest.mark.parametrize("path", ["/good.png", "/moved", "/good.png?size=large#top"])
def test_a_picture_is_kept_under_the_name_of_its_content(server: str, tmp_path: Path, path: str) -> None:
    fetched = fetcher(tmp_path).fetch(server + path)
    assert fetched.why == ""
    assert (tmp_path / fetched.picture).read_bytes() == PNG
    assert fetcher(tmp_path).fetch(server + path) == fetched
    assert [each.name for each in (tmp_path / "media").iterdir()] == [Path(fetched.picture).name]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/missing.png", "the server answered 404"),
        ("/said.png", "it is larger than 10,000 bytes"),
        ("/long.png", "it is larger than 10,000 bytes"),
        ("/page.png", "it is no PNG, JPEG, WebP or GIF picture"),
        ("/bomb.png", "it is cut off, or has more than 50,000,000 pixels"),
        ("/slow.png", "the server did not answer in time"),
        ("/drip.png", "it took longer than 1 seconds"),
        ("/inside", "10.0.0.1 is no public address"),
        ("/metadata", "169.254.169.254 is no public address"),
        ("/mapped", "::ffff:192.168.0.1 is no public address"),
        ("/file", "its address does not begin with https:// or http://"),
        ("/loop", "it was sent on more than 3 times"),
    ],
)
def test_what_is_no_small_public_picture_is_not_kept(
    server: str, tmp_path: Path, path: str, why: str
) -> None:
    began = time.monotonic()
    fetched = fetcher(tmp_path).fetch(server + path)
    assert (fetched.picture, fetched.why) == ("", why)
    assert time.monotonic() - began < 3
    assert not (tmp_path / "media").exists()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "2130706433",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "100.64.0.1",
        "224.0.0.1",
    ],
)
def test_no_private_address_is_ever_connected_to(
    server: str, tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(images.urllib3, "HTTPConnectionPool", never)
    port = server.rpartition(":")[2]
    fetched = Fetcher(tmp_path).fetch(f"http://{host}:{port}/good.png")
    assert "is no public address" in fetched.why or "there is no such host" in fetched.why
    assert _Shop.hosts == []


def test_the_connection_goes_to_the_address_that_was_looked_at(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that points here the first time and inside the house afterwards is asked only once."""
    asked: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        where = "127.0.0.1" if host == "127.0.0.1" or asked.count(host) == 1 else "10.0.0.1"
        return [(2, 1, 6, "", (where, port))]

    monkeypatch.setattr(images.socket, "getaddrinfo", look_up)
    port = server.rpartition(":")[2]
    fetched = fetcher(tmp_path).fetch(f"http://pictures.example:{port}/good.png")
    assert fetched.picture
    assert asked.count("pictures.example") == 1
    assert _Shop.hosts == [f"pictures.example:{port}"]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com/a.png",
        "http://user:secret@example.com/a.png",
        "http://[bad/a.png",
        "https:///a.png",
    ],
)
def test_other_addresses_are_refused(tmp_path: Path, address: str) -> None:
    assert Fetcher(tmp_path).fetch(address).why.startswith("its address")


def test_only_a_few_are_fetched_at_once(server: str, tmp_path: Path) -> None:
    told: list[int] = []
    found = list(fetcher(tmp_path).fetch_all((f"{server}/busy.png?{n}" for n in range(12)), told=told.append))
    assert all(each.picture for each in found)
    assert told == list(range(1, 13))
    assert 1 < _Shop.most <= images.AT_ONCE


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"GIF89a", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"<svg>", ""),
        (b"", ""),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content: bytes, suffix: str) -> None:
    assert kind_of(content) == suffix


@pytest.mark.parametrize(
    ("content", "pixels"),
    [
        (PNG, 640 * 560),
        (PNG[:20], 0),
        (b"GIF89a\x03\x00\x02\x00", 6),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x0b\x08\x00\x02\x00\x05\x03", 10),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff", 0),
        (b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x04\0\0\x01\0\0", 10),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x04\x40\0\0", 10),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x05\0\x02\0", 10),
    ],
)
def test_pixels_are_counted_without_decoding(content: bytes, pixels: int) -> None:
    assert pixels_of(content) == pixels


@pytest.mark.django_db
def test_a_kept_picture_is_served_and_nothing_else(
    server: str, tmp_path: Path, settings: object, client: Client
) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    settings.MIDDLEWARE = []  # type: ignore[attr-defined]
    (tmp_path / "secret").write_text("x")
    picture = fetcher(tmp_path).fetch(f"{server}/good.png").picture
    response = client.get(f"/{picture}")
    assert (response.status_code, b"".join(response.streaming_content)) == (200, PNG)  # type: ignore[attr-defined]
    assert response["Content-Type"] == "image/png"
    assert "immutable" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    response.close()
    for other in ("../secret", "secret", "x.png", picture.removeprefix("media/")[:-4] + ".gif"):
        with pytest.raises(Http404):
            media.picture(RequestFactory().get("/"), other)
