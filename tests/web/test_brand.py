"""The merchant's mark, colours and texts on the pages."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tacit.web import mark, texts
from tests.web.conftest import with_kettle

DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 30"><path d="M0 0h60v30z"/></svg>'


def svg(inside: str, attributes: str = 'viewBox="0 0 10 10"') -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {attributes}>{inside}</svg>".encode()


def png(width: int, height: int, size: int = 100) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", width, height)
    return head.ljust(size, b"\0")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a", "neither SVG nor PNG"),
        (b"", "neither SVG nor PNG"),
        (svg("<script>1</script>"), "contains <script>"),
        (svg("<foreignObject/>"), "contains <foreignobject>"),
        (svg('<image href="https://elsewhere.example/a.png"/>'), "contains <image>"),
        (svg('<a x:href="javascript:1"/>'), "attribute href"),
        (svg("", 'viewBox="0 0 1 1" onload="1"'), "attribute onload"),
        (svg('<use href="https://elsewhere.example/#a"/>'), "attribute href"),
        (svg("<style>@import 'https://elsewhere.example'</style>"), "from elsewhere"),
        (svg('<path style="fill:url(https://elsewhere.example)"/>'), "from elsewhere"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"), "DOCTYPE"),
        (svg("<path>"), "no readable SVG"),
        (svg("", ""), "how large"),
        (svg("", 'viewBox="0 0 0 0"'), "how large"),
        (svg("", 'viewBox="0 0 900 10"'), "times as wide"),
        (svg("x" * mark.LARGEST_SVG), "larger than 64 KiB"),
        (png(0, 10), "0 × 10 pixels"),
        (png(4000, 10), "4000 × 10 pixels"),
        (png(10, 10, size=20), "damaged"),
        (png(10, 10, size=mark.LARGEST_PNG + 1), "larger than 256 KiB"),
    ],
)
def test_what_cannot_be_a_mark_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(mark.BadMark, match=re.escape(reason)):
        mark.of(content)


def test_what_can_be_a_mark_is_taken(tmp_path: Path) -> None:
    assert (mark.of(DRAWN).kind, mark.of(DRAWN).width) == (mark.SVG, 56)
    assert (mark.of(png(200, 100)).kind, mark.of(png(200, 100)).width) == (mark.PNG, 56)
    assert (
        mark.of(svg('<defs><linearGradient id="g"/></defs><path fill="url(#g)"/><use href="#g"/>')).width
        == 28
    )
    assert mark.of(svg("", 'width="20px" height="10"')).width == 56
    with pytest.raises(mark.BadMark, match="no file"):
        mark.read(tmp_path)


@pytest.mark.django_db
def test_a_shop_with_default_settings_brings_nothing_extra(shop: int) -> None:
    html = Client().get("/").content.decode()
    assert "theme.css" not in html
    assert "/mark?" not in html


@pytest.mark.django_db
def test_the_merchants_colours_and_mark_are_on_every_page(shop: int, settings: Settings) -> None:
    settings.SHOP_ACCENT, settings.SHOP_MARK, settings.SHOP_NAME = "#0055ff", mark.of(DRAWN), "Süd & Söhne"
    client = Client()
    for path in ("/", "/help", "/p/kettle", "/sign-in", "/nothing"):
        html = client.get(path).content.decode()
        sheet, icon = (
            re.search(r'href="(/theme\.css\?v=[0-9a-f]+)"', html),
            re.search(r'href="(/mark\?v=[0-9a-f]+)"', html),
        )
        assert sheet and icon
        assert 'width="56" height="28"' in html
        assert "Süd &amp; Söhne" in html
    answer = client.get(sheet[1])
    assert answer["Content-Type"].startswith("text/css")
    assert "immutable" in answer["Cache-Control"]
    assert "light-dark(#0055ff," in answer.content.decode()
    assert "immutable" not in client.get("/theme.css?v=old")["Cache-Control"]
    answer = client.get(icon[1])
    assert (answer["Content-Type"], answer.content) == (mark.SVG, DRAWN)
    assert (
        "script" not in answer["Content-Security-Policy"]
        and "default-src 'none'" in answer["Content-Security-Policy"]
    )
    assert client.post("/theme.css").status_code == 405


@pytest.mark.django_db
def test_without_a_mark_the_first_letter_stands_for_it(shop: int, settings: Settings) -> None:
    settings.SHOP_NAME = "„<Ährenkorn>“"
    client = Client()
    found = re.search(r'rel="icon" href="(/mark\?v=[0-9a-f]+)"', client.get("/").content.decode())
    assert found
    drawn = client.get(found[1]).content.decode()
    assert ">Ä</text>" in drawn
    mark.of(drawn.encode())


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.SHOP_PAGES = tmp_path
    texts.forget()
    return tmp_path


@pytest.mark.django_db
def test_texts_of_the_merchant_are_pages_linked_at_the_foot(shop: int, folder: Path) -> None:
    (folder / "imprint.en.md").write_text("# Who *we* are\n\n# Again\n\nMail {shop_mail}\n")
    (folder / "imprint.de.txt").write_text("Impressum\n\nErste <Zeile>\nzweite\n")
    (folder / "notes.en.md").write_text("# Not a page\n")
    client = Client()
    html = client.get("/").content.decode()
    assert 'href="/imprint"' in html
    assert 'href="/terms"' not in html
    page = client.get("/imprint").content.decode()
    assert "<h1>Who we are</h1>" in page and page.count("<h1") == 1
    assert "shop@example.com" in page
    german = client.get("/de/imprint").content.decode()
    assert "<h1>Impressum</h1>" in german and "<p>Erste &lt;Zeile&gt;<br>zweite</p>" in german
    assert client.get("/terms").status_code == 404
    assert client.get("/notes").status_code == 404


@pytest.mark.django_db
def test_a_text_in_another_language_says_which(shop: int, folder: Path) -> None:
    (folder / "about.en.md").write_text("# Us\n")
    assert '<article class="prose" lang="en">' in Client().get("/de/about").content.decode()


@pytest.mark.django_db
def test_nothing_in_a_text_acts_or_loads(shop: int, folder: Path) -> None:
    (folder / "about.en.md").write_text(
        "# <script>1</script>A\n\n<img src=x onerror=1>\n\n[a](javascript:1) ![b](https://elsewhere.example/b.png)\n\n"
        "<iframe src=https://elsewhere.example></iframe>\n"
    )
    main = Client().get("/about").content.decode().partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"<(script|img|iframe)|href=\"javascript", main)


@pytest.mark.django_db
def test_a_text_that_goes_bad_later_is_a_page_that_is_not_there(
    shop: int, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "about.en.md").write_bytes(b"fine\n\xff\n")
    assert Client().get("/about").status_code == 404
    assert "about.en.md, line 2: this is not UTF-8" in caplog.text
    with pytest.raises(texts.BadText, match="line 2"):
        texts.check(folder)


@pytest.mark.django_db
def test_help_names_a_person_and_only_what_there_is(shop: int, settings: Settings) -> None:
    settings.SHOP_COUNTRY = "US"
    html = Client().get("/help").content.decode()
    assert "mailto:shop@example.com" in html
    assert 'href="/returns"' not in html
    assert "14 days" not in html
    settings.SHOP_COUNTRY = "AT"
    assert "14 days" in Client().get("/help?again=1").content.decode()


@pytest.mark.django_db
def test_help_says_what_delivery_costs_in_the_currency_being_read(shop: int) -> None:
    html = Client().get("/help").content.decode()
    delivery = html.partition('id="delivery"')[2].partition("</section>")[0]
    assert "<summary>Germany</summary>" in delivery
    for words in ("Standard", "€4.90", "goods from €50.00", "Express", "€9.90"):
        assert words in delivery


@pytest.mark.django_db
def test_terms_and_withdrawal_are_linked_beside_the_order_button(shop: int, folder: Path) -> None:
    (folder / "terms.en.md").write_text("# Terms\n")
    (folder / "about.en.md").write_text("# Us\n")
    html = with_kettle(shop).get("/checkout").content.decode().partition("<main")[2].partition("</main>")[0]
    assert 'href="/terms" target="_blank"' in html
    assert 'href="/about"' not in html


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_offers_a_search(shop: int) -> None:
    answer = Client().get("/nothing")
    assert answer.status_code == 404
    assert 'role="search"' in answer.content.decode()


@pytest.mark.django_db
def test_a_wide_table_in_a_text_scrolls_inside_itself(shop: int, folder: Path) -> None:
    (folder / "about.en.md").write_text("# Us\n\n| A | B |\n|---|---|\n| 1 | 2 |\n")
    html = Client().get("/about").content.decode()
    assert re.search(r'<div class="wide" tabindex="0"><table>.*</table></div>', html, re.DOTALL)
