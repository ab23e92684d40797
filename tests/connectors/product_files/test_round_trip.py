"""Export writes what import reads: into an empty shop and out again gives the same file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tacit.catalog.actions import save_category, save_product
from tacit.catalog.types import NewProduct, NewVariant
from tacit.connectors import sample_shop
from tacit.connectors.product_files import cells, html
from tacit.core.money import Money
from tests.connectors.product_files.files import NOW, bring_in, empty_shop, marks, take_out, tax_classes

SIGNS = "=+-@'\"\\:>{},;\n\t\r\x0b\u2028 ＝aÄß7<&."
TEXT = st.text(
    st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)


def words(longest: int) -> st.SearchStrategy[str]:
    """Something that may be saved where text on one line is needed."""
    return TEXT.map(cells.folded).map(lambda text: text[:longest].strip()).filter(bool)


PAIRS = st.dictionaries(words(40), words(60), max_size=3).map(lambda found: tuple(found.items()))
SHELVES = ("", "kitchen", "kitchen-kettles", "health")


@st.composite
def products(draw: st.DrawFn) -> list[NewProduct]:
    """Products as the shop may hold them: every kind of text, options in any order, and spare parts."""
    made: list[NewProduct] = []
    names = draw(st.lists(words(30), min_size=1, max_size=3, unique=True))
    for number in range(draw(st.integers(1, 4))):
        slug = f"product-{number}"
        options = draw(st.permutations(names))[: draw(st.integers(0, len(names)))]
        variants = tuple(
            NewVariant(
                sku=f"{draw(words(20))} {number} {each}",
                label=f"{draw(words(40))} {each}" if each else draw(st.one_of(st.just(""), words(40))),
                options={name: draw(words(20)) for name in options},
                prices=tuple(Money(draw(st.integers(0, 10**6)), code) for code in draw(st.sets(CODES))),
                costs=tuple(Money(draw(st.integers(0, 10**6)), code) for code in draw(st.sets(CODES))),
                stock=draw(st.integers(0, 1000)),
            )
            for each in range(draw(st.integers(1, 3)))
        )
        german = {
            "name": draw(st.one_of(st.just(""), words(40))),
            "description": cells.visible(draw(TEXT)),
            "facts": [list(pair) for pair in draw(PAIRS)],
            "words": dict(draw(PAIRS)),
        }
        made.append(
            NewProduct(
                slug=slug,
                name=draw(words(100)),
                variants=variants,
                description=draw(TEXT.filter(lambda text: "\0" not in text)),
                category=draw(st.sampled_from(SHELVES)),
                tax_class=draw(st.sampled_from(["standard", "reduced"])),
                picture=draw(st.sampled_from(["", "tacit/pictures/lantern.svg"])),
                facts=draw(PAIRS),
                spare_parts=tuple(draw(st.sets(st.sampled_from([each.slug for each in made]))))
                if made
                else (),
                active=draw(st.booleans()),
                translations={"de": german},
            )
        )
    return made


CODES = st.sampled_from(["EUR", "GBP", "JPY"])


def fill(made: list[NewProduct]) -> None:
    save_category(slug="kitchen", name="Kitchen > =1+1", translations={"de": {"name": "Küche"}})
    save_category(slug="kitchen-kettles", name="Kettles {pots}", parent="kitchen", position=1)
    save_category(slug="health", name="+Health", sensitive=True, position=2)
    for product in made:
        save_product(product, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["plain", "shopify"])
def test_out_in_and_out_again_is_the_same_file(tmp_path: Path, form: str) -> None:
    tax_classes()

    @settings(
        max_examples=15,
        deadline=None,
        phases=[Phase.generate, Phase.explicit],
        suppress_health_check=list(HealthCheck),
    )
    @given(products())
    def check(made: list[NewProduct]) -> None:
        empty_shop()
        fill(made)
        first = take_out(tmp_path, form=form)
        before = marks()
        same = bring_in(tmp_path / "export.csv", form=form)
        if form == "plain" and not _was_untidy(made):
            assert (same.changes, same.unchanged, marks()) == ([], len(made), before)
        empty_shop()
        assert bring_in(tmp_path / "export.csv", form=form).created == len(made)
        assert take_out(tmp_path, form=form, name="again.csv") == first

    check()


@pytest.mark.django_db
def test_a_language_without_a_word_is_no_change(tmp_path: Path) -> None:
    tax_classes()
    nothing = {"name": "", "description": "", "facts": [], "words": {}}
    save_product(NewProduct("cup", "Cup", (NewVariant("CUP"),), translations={"de": nothing}), now=NOW)
    save_category(slug="bare", name="Bare", translations={"de": {"name": "Leer"}})
    assert "name:de" not in take_out(tmp_path, form="plain"), "a language only of shelves without a product"
    assert bring_in(tmp_path / "export.csv", form="plain").changes == []


def _was_untidy(made: list[NewProduct]) -> bool:
    """Whether a description is one that a file cannot hold as it is, such as one with a control character."""
    texts = [text for each in made for text in (each.description, each.translations["de"]["description"])]
    return any(cells.paragraphs_text(text) != text for text in texts)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["plain", "shopify"])
def test_the_sample_shop_survives(tmp_path: Path, form: str) -> None:
    sample_shop.load(now=NOW)
    first = take_out(tmp_path, form=form)
    assert first.count("\n") > 15
    before = marks()
    again = bring_in(tmp_path / "export.csv", form=form)
    assert (again.changed, again.created, marks()) == (0, 0, before) or form == "shopify"
    empty_shop()
    bring_in(tmp_path / "export.csv", form=form)
    assert take_out(tmp_path, form=form, name="again.csv") == first


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["plain", "shopify"])
def test_no_text_becomes_a_formula(tmp_path: Path, form: str) -> None:
    tax_classes()
    evil = "=cmd|' /C calc'!A0"
    save_product(
        NewProduct(
            slug="evil",
            name=evil,
            description=evil,
            facts=(("Vendor", "@SUM(1)"), ("+Fact", "-1")),
            variants=(NewVariant(sku="-2+3", label="+1", options={"=Option": "@1"}, stock=1),),
        ),
        now=NOW,
    )
    text = take_out(tmp_path, form=form)
    found = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{evil}" in found
    assert [cell for cell in found if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


@given(TEXT)
def test_the_guard_takes_itself_back(text: str) -> None:
    assert cells.unguarded(cells.guarded(text)) == text


@given(TEXT)
def test_text_survives_html_and_keeps_no_markup(text: str) -> None:
    once = html.text_of(html.html_of(text))
    assert html.html_of(once) == html.html_of(text)


@pytest.mark.parametrize(
    ("markup", "says"),
    [
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ('Text. <ul>\n<li>14k gold</li>\n<li>12" long</li></ul>', 'Text.\n\n• 14k gold\n• 12" long'),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("x<script>alert('<p>1</p>')</script>y<style>p{}</style>", "xy"),
        ("<img src=x onerror=alert(1)>shown<iframe src=x>hidden</iframe>", "shown"),
        ("<script>never closed", ""),
        ("<div>a<div>b</div></div><!-- comment -->", "a\n\nb"),
        ("a\x00\x07b", "ab"),
        ("<svg><svg></svg>in</svg>after", "after"),
        ("</p>< 5 cm", "< 5 cm"),
    ],
)
def test_html_becomes_paragraphs(markup: str, says: str) -> None:
    assert html.text_of(markup) == says
