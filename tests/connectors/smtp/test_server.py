import pytest

from tacit.connectors.smtp import Server, ServerError, SmtpTransport
from tacit.connectors.smtp.server import parse


def test_everything_in_one_url() -> None:
    url = "smtp://sh%40op:p%2Fw@mail.example.com:2525?starttls=1&from=Nordwind+%3Cshop%40example.com%3E"
    assert parse(url, sender="other@example.com") == Server(
        host="mail.example.com",
        port=2525,
        sender="Nordwind <shop@example.com>",
        user="sh@op",
        password="p/w",
        starttls=True,
    )


def test_what_is_left_out_has_a_usual_value() -> None:
    assert parse("smtps://[::1]", sender="a@b.example") == Server("::1", 465, "a@b.example", tls=True)
    assert parse("smtp://mail.example.com", sender="a@b.example").port == 587


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example.com", "smtp://"),
        ("http://mail.example.com", "smtp://"),
        ("smtp://", "host"),
        ("smtp://mail.example.com:99999", "port"),
        ("smtp://mail.example.com:0", "port"),
        ("smtp://mail.example.com:abc", "port"),
        ("smtp://mail.example.com/inbox", "%2F"),
        ("smtp://shop:1#secret@mail.example.com", "%23"),
        ("smtp://shop:1?secret@mail.example.com", "option"),
        ("smtp://shop@mail.example.com?starttls=1", "PASSWORD"),
        ("smtp://shop:secret@mail.example.com", "unencrypted"),
        ("smtp://mail.example.com?starttls=maybe", "starttls"),
        ("smtps://mail.example.com?starttls=1", "starttls"),
        ("smtp://mail.example.com?tls=1", "option"),
        ("smtp://mail.example.com?from=a%40b.c&from=d%40e.f", "twice"),
        ("smtp://mail.example.com?from=nobody", "from"),
        ("smtp://mail.example.com?from=a%40b.c%0D%0ABcc:x%40y.z", "from"),
        ("smtps://mail.example.com?ca=/no/such/file", "ca"),
    ],
)
def test_a_wrong_url_is_named_and_the_password_kept(url: str, said: str) -> None:
    with pytest.raises(ServerError, match=said) as caught:
        SmtpTransport.from_url(url, sender="shop@example.com")
    assert "secret" not in str(caught.value)


def test_without_a_sender() -> None:
    with pytest.raises(ServerError, match="from="):
        parse("smtp://mail.example.com")


def test_the_password_is_not_printed() -> None:
    assert "secret" not in repr(parse("smtps://shop:secret@mail.example.com", sender="a@b.example"))
