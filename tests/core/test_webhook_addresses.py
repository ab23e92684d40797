"""Webhooks reach the internet and nothing else: no service of this machine or network, no second look at a name."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tacit.core.webhooks import address
from tacit.core.webhooks import post as posting
from tacit.core.webhooks.address import BadUrl, Unreachable, Url, checked, is_public, parse
from tacit.core.webhooks.post import post
from tests.core.receiver import receiving


def addresses(text: str) -> list[str]:
    return text.split()


NOT_PUBLIC = addresses(
    """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1
100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 3fff::1 4000::1 5f00::1 fc00::1 fd12::1
fe80::1 fec0::1 ff02::1 ff0e::1
"""
)
PUBLIC = addresses(
    "1.1.1.1 8.8.8.8 93.184.215.14 2606:4700:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808"
)


def test_which_addresses_are_public() -> None:
    assert [each for each in NOT_PUBLIC if is_public(ipaddress.ip_address(each))] == []
    assert [each for each in PUBLIC if not is_public(ipaddress.ip_address(each))] == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("example.com", "scheme"),
        ("", "scheme"),
        ("https://", "host"),
        ("https:///hook", "host"),
        ("https://example.com:0/", "port"),
        ("https://example.com:99999/", "unreadable"),
        ("https://[::1/", "unreadable"),
        ("https://example.com/a b", "unreadable"),
        ("https://example.com/\r\nHost: x", "unreadable"),
        ("https://example.com\\@127.0.0.1/", "unreadable"),
        ("https://exämple.com/", "unreadable"),
        ("https://me:secret@example.com/", "userinfo"),
        ("https://@example.com/", "userinfo"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com/" + "x" * 500, "too_long"),
        ("https://127.0.0.1/", "not_public"),
        ("https://[::1]:8443/", "not_public"),
        ("https://[::ffff:10.0.0.1]/", "not_public"),
        ("https://169.254.169.254/latest/meta-data/", "not_public"),
        ("https://localhost/", "not_public"),
        ("https://LOCALHOST.:8443/", "not_public"),
        ("https://till.localhost/", "not_public"),
        ("https://till.internal/", "not_public"),
        ("https://till/", "not_public"),
        ("https://2130706433/", "not_public"),
    ],
)
def test_an_address_that_is_none_is_refused_when_it_is_typed(url: str, code: str) -> None:
    with pytest.raises(BadUrl) as refused:
        parse(url, demo=False)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "host", ["example.com", "8.8.8.8", "10.0.0.1", "localhost.example.com", "till", "1.1"]
)
def test_without_tls_a_demo_takes_this_machine_alone(host: str) -> None:
    with pytest.raises(BadUrl) as refused:
        parse(f"http://{host}/", demo=True)
    assert refused.value.code == "scheme"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "127.1", "[::1]"])
def test_a_demo_may_tell_this_machine(host: str) -> None:
    assert not parse(f"http://{host}:8123/", demo=True).secure
    with pytest.raises(BadUrl):
        parse(f"http://{host}:8123/", demo=False)


def test_an_address_is_read_to_the_letter() -> None:
    assert parse("https://example.com", demo=False) == Url(True, "example.com", 443, "/")
    found = parse("https://example.com:8443/hook?shop=1", demo=False)
    assert (found.path, found.host_header) == ("/hook?shop=1", "example.com:8443")
    assert parse("https://[2606:4700::1111]/", demo=False).host_header == "[2606:4700::1111]"


def resolving(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "found", [[each] for each in NOT_PUBLIC] + [["8.8.8.8", "10.0.0.1"], ["fe80::1%eth0"]]
)
def test_a_name_that_leads_inside_is_refused_when_it_is_sent(found: list[str]) -> None:
    with pytest.raises(Unreachable) as refused:
        checked(Url(True, "inside.example", 443, "/"), resolving(*found))
    assert refused.value.code == "not_public"


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost"])
def test_other_ways_to_write_this_machine_are_refused(host: str) -> None:
    with pytest.raises(Unreachable) as refused:
        post(Url(True, host, 443, "/"), "{}", {})
    assert refused.value.code == "not_public"
    with pytest.raises(BadUrl):
        parse(f"https://{host}/", demo=True)


def test_without_tls_a_demo_reaches_this_machine_alone() -> None:
    with pytest.raises(Unreachable) as refused:
        checked(Url(False, "localhost", 80, "/"), resolving("8.8.8.8"))
    assert refused.value.code == "not_public"
    assert checked(parse("http://localhost:8000/", demo=True), resolving("127.0.0.1")) == ["127.0.0.1"]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """Of hooks.example, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "hooks.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "hooks.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(tmp_path / "hooks.pem"), str(tmp_path / "hooks.key")


def test_the_name_is_asked_once_and_its_certificate_is_wanted(
    certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers with a public address first and with ours a moment later gains nothing."""
    asked: list[str] = []

    def once(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    def never(host: str, *rest: object, **named: object) -> object:
        assert host == "127.0.0.1", f"{host} was looked up again"
        return really(host, *rest, **named)  # type: ignore[arg-type]

    really = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", never)
    monkeypatch.setattr(address, "is_public", lambda _address: True)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    trust = ssl.create_default_context(cafile=certificate[0])
    with receiving(certificate) as receiver:
        here = Url(True, "hooks.example", receiver.port, "/hook")
        assert post(here, "{}", {"webhook-id": "1"}, resolver=once, trust=trust) == 204
        assert asked == receiver.names == ["hooks.example"]
        assert receiver.got[0][1]["host"] == f"hooks.example:{receiver.port}"
        other = Url(True, "other.example", receiver.port, "/hook")
        for url, trusted in ((other, trust), (here, None)):
            with pytest.raises(Unreachable) as refused:
                post(url, "{}", {"webhook-id": "2"}, resolver=once, trust=trusted)
            assert refused.value.code == "tls"
        assert len(receiver.got) == 1


@pytest.mark.parametrize("drip", [False, True])
def test_one_that_answers_too_slowly_is_left_in_time(drip: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that sends a byte now and then."""
    monkeypatch.setattr(posting, "READ_SECONDS", 5.0 if drip else 0.3)
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 0.5 if drip else 60.0)
    with receiving() as receiver:
        receiver.drip, receiver.slow = drip, 0.0 if drip else 2.0
        began = time.monotonic()
        with pytest.raises(Unreachable) as refused:
            post(parse(receiver.url, demo=True), "{}", {})
        assert refused.value.code == "timeout"
        assert time.monotonic() - began < 1.9


def test_nobody_there_and_no_such_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable) as refused:
            post(parse(f"http://127.0.0.1:{taken.getsockname()[1]}/", demo=True), "{}", {})
    assert refused.value.code == "connection"
    with pytest.raises(Unreachable) as refused:
        post(parse("https://nobody.invalid/", demo=False), "{}", {})
    assert refused.value.code == "name"
