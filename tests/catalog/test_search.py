"""Search: what is found, in which order, what is forgiven, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError

from tacit.accounts.types import Visitor
from tacit.catalog import actions, queries
from tacit.catalog.actions.importing import import_products
from tacit.catalog.models import Product, SearchEntry, SearchWord
from tacit.catalog.types import ImportedProduct, Narrowed, NewProduct, NewVariant, SortBy
from tacit.core import journal
from tacit.core.money import Money

pytestmark = pytest.mark.django_db
EUR = "EUR"


def new(
    slug: str, name: str, de: str = "", *, price: int = 1000, stock: int = 3, **more: object
) -> NewProduct:
    colours = more.pop("colours", ())
    variants = tuple(
        NewVariant(f"{slug}-{place}", colour, {"Colour": colour}, (Money(price, EUR),), stock=stock)
        for place, colour in enumerate(colours)
    ) or (NewVariant(slug.upper(), prices=(Money(price, EUR),), stock=stock),)
    translations = {"de": {"name": de, **more.pop("de_more", {})}} if de else {}
    return NewProduct(slug=slug, name=name, variants=variants, translations=translations, **more)


SHOP = [
    new(
        "enamel-kettle",
        "Enamel kettle, 1.4 l",
        "Emaille-Wasserkessel, 1,4 l",
        category="kettles",
        price=3900,
        colours=("Moss green", "White"),
        facts=(("Works on induction", "yes"),),
        de_more={
            "facts": [["Für Induktion", "ja"]],
            "words": {"Colour": "Farbe", "Moss green": "Moosgrün", "White": "Weiß"},
        },
    ),
    new("lantern", "Storm lantern", "Sturmlaterne", category="outdoor", price=2500, stock=0),
    new(
        "pot",
        "Soup pot",
        "Suppentopf",
        category="kitchen",
        description="Boils faster than any kettle.",
        price=5500,
    ),
    new("mitts", "Oven mitts", "Topfhandschuhe", category="kitchen", price=1500, colours=("White",)),
    new("flask", "Steel flask", "Trinkflasche aus Stahl", category="outdoor", price=1900),
    new("box", "Lunch box 10", price=1200),
    new("box-2", "Lunch box 2", price=1100),
    new("ol", "Ölkännchen", "Ölkännchen", price=800),
]


@pytest.fixture
def shop(kettle, now):
    """The small shop's kettle and lid, and SHOP."""
    actions.save_category(slug="outdoor", name="Outdoor", translations={"de": {"name": "Draußen"}})
    actions.save_category(slug="kettles", name="Kettles & pots", parent="kitchen")
    for product in SHOP:
        actions.save_product(product, now=now)


def look(text, **asked):
    return queries.search(text, **{"language": "en", "currency": EUR, **asked})


def slugs(text, **asked):
    return [row.slug for row in look(text, **asked).products]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("enamel KETTLE", "enamel-kettle"),
        ("wasserkessel", "enamel-kettle"),
        ("kessel", "enamel-kettle"),
        ("moosgrün kettle", "enamel-kettle"),
        ("moosgrun", "enamel-kettle"),
        ("moss green", "enamel-kettle"),
        ("1,4 l kettle", "enamel-kettle"),
        ("1.4l kettle", "enamel-kettle"),
        ("enam", "enamel-kettle"),
        ("kettles induktion", "enamel-kettle"),
        ("draussen laterne", "lantern"),
        ("Laterne für draußen", "lantern"),
        ("lanterns", "lantern"),
        ("suppentöpfe", "pot"),
        ("suppentoepfe", "pot"),
        ("faster", "pot"),
        ("FLASK", "flask"),
        ("trinkflaschen", "flask"),
        ("stahlflasche", "flask"),
        ("oelkaennchen", "ol"),
    ],
)
def test_the_right_product_comes_first_in_either_language(shop, text, first):
    assert slugs(text)[:1] == [first]
    assert slugs(text, language="de")[:1] == [first]
    assert not look(text).without


def test_a_word_in_the_name_beats_an_option_beats_a_text(shop):
    found = slugs("kettle")
    assert found.index("enamel-kettle") < found.index("pot")
    assert found.index("kettle") < found.index("pot")


def test_names_are_shown_in_the_language_of_the_page(shop):
    assert [row.name for row in look("lantern", language="de").products] == ["Sturmlaterne"]
    assert [row.name for row in look("sturmlaterne").products] == ["Storm lantern"]
    assert [row.name for row in look("lunch", language="de").products]


@pytest.mark.parametrize(
    ("typed", "instead", "first"),
    [
        ("ketle", "kettle", "kettle"),
        ("lantren", "lantern", "lantern"),
        ("xantern", "lantern", "lantern"),
        ("wasserkesel", "wasserkessel", "enamel-kettle"),
        ("enmael kettle", "enamel", "enamel-kettle"),
        ("handschuha topf", "", "mitts"),
    ],
)
def test_a_typo_is_forgiven_and_said(shop, typed, instead, first):
    found = look(typed)
    assert first in [row.slug for row in found.products[:3]]
    if instead:
        assert found.corrected == ((typed.split()[0], instead),)


def test_numbers_are_never_corrected(shop):
    assert look("box 3").without == ("3",)
    assert slugs("box 2") == ["box-2"]


def test_what_nothing_has_is_named_and_the_rest_is_found(shop):
    found = look("ketle induction xyzzyq")
    assert [row.slug for row in found.products] == ["enamel-kettle"]
    assert (found.corrected, found.without) == ((("ketle", "kettle"),), ("xyzzyq",))
    nothing = look("xyzzyq")
    assert (nothing.products, nothing.without) == ((), ("xyzzyq",))
    assert not look("% _ \\ '").products


def test_words_no_product_has_together_find_those_that_have_most(shop):
    found = look("storm lantern mitts")
    assert found.partly
    assert found.products[0].slug == "lantern"
    assert not look("storm lantern").partly


def test_filters_name_what_they_keep(shop):
    assert slugs("kettle", narrowed=Narrowed(category="kettles")) == ["enamel-kettle"]
    assert "enamel-kettle" in slugs("kettle", narrowed=Narrowed(category="kitchen"))
    assert slugs("white", narrowed=Narrowed(options=("colour=moss-green",))) == ["enamel-kettle"]
    assert slugs("white", narrowed=Narrowed(options=("colour='; drop",))) == []
    assert slugs("lantern", narrowed=Narrowed(in_stock=True)) == []
    assert set(slugs("kettle", narrowed=Narrowed(least=500, most=3900))) == {"lid", "kettle", "enamel-kettle"}
    assert look("kettle", narrowed=Narrowed(least=501, most=3899)).found == 0
    found = look("white", language="de")
    assert {(choice.value, choice.group, choice.label) for choice in found.options} == {
        ("colour=moss-green", "Farbe", "Moosgrün"),
        ("colour=white", "Farbe", "Weiß"),
        ("colour=white", "Colour", "White"),
    }
    assert ("outdoor", "Draußen") in {(c.value, c.label) for c in look("lantern", language="de").categories}


def test_sorted_by_price_and_by_name_as_people_sort(shop):
    prices = [row.price.minor for row in look("kettle", order=SortBy.CHEAPEST).products]
    assert prices == sorted(prices)
    assert len(set(prices)) > 2
    assert [row.price.minor for row in look("kettle", order=SortBy.DEAREST).products] == prices[::-1]
    assert slugs("box", order=SortBy.NAME) == ["box-2", "box"]


def test_prices_and_stock_are_those_of_this_moment(shop, now, staff):
    actions.set_price(sku="LANTERN", price=Money(1, EUR), now=now + timedelta(days=1))
    actions.set_stock(staff, sku="LANTERN", on_hand=1, now=now)
    (row,) = look("lantern", narrowed=Narrowed(in_stock=True, most=1)).products
    assert (row.price, row.in_stock) == (Money(1, EUR), True)


def test_what_is_saved_is_found_by_its_new_words_only(shop, now):
    actions.save_product(replace(SHOP[1], name="Camping lamp", translations={}), now=now)
    assert (slugs("camping"), slugs("storm")) == (["lantern"], [])
    actions.save_product(replace(SHOP[1], active=False), now=now)
    assert slugs("lantern") == []
    actions.save_category(slug="kettles", name="Samovars", parent="outdoor")
    assert slugs("samovar") == ["enamel-kettle"]
    assert slugs("enamel", narrowed=Narrowed(category="outdoor")) == ["enamel-kettle"]
    assert slugs("enamel", narrowed=Narrowed(category="kitchen")) == ["kettle"]


def test_pages_follow_one_another_without_gap_or_repeat(shop):
    every = slugs("kettle")
    paged = [look("kettle", page=page, per_page=2) for page in (1, 2, 3, 4)]
    assert [row.slug for page in paged for row in page.products] == every
    assert [page.more for page in paged][:2] == [True, len(every) > 4]
    assert {page.found for page in paged} == {len(every)}


def test_imported_products_are_found_and_a_rebuilt_index_is_the_same(shop, now):
    imported = ImportedProduct(
        "85123A", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", Money(255, "GBP"), now
    )
    import_products(origin="uci", products=[imported], stock=5, tax_class="standard", now=now)
    (row,) = look("haert holder 85123a").products
    assert row.price == Money(255, "GBP")
    before = list(SearchEntry.objects.order_by("pk").values_list())
    SearchWord.objects.create(word="stale", shown="stale", slips=["stale"], parts=["sta"])
    assert actions.rebuild_search_index() == len(before)
    assert list(SearchEntry.objects.order_by("pk").values_list()) == before
    assert not SearchWord.objects.filter(word="stale").exists()
    SearchEntry.objects.all().delete()
    assert actions.fill_search_index() == len(before)
    assert actions.fill_search_index() == 0
    assert list(SearchEntry.objects.order_by("pk").values_list()) == before


def test_a_search_is_two_statements_whatever_is_asked(shop, django_assert_num_queries):
    for text in ("kettle", "ketle induction xyz moss green white oven soup", "k" * 100):
        with django_assert_num_queries(2 if "ket" in text else 1):
            look(text, narrowed=Narrowed(in_stock=True), order=SortBy.CHEAPEST)


def test_a_search_is_noted_without_what_tells_who(shop, now, monkeypatch):
    corrected = [("ketle", "kettle")]
    asked = {"language": "de", "found": 3, "corrected": corrected, "now": now}
    assert actions.note_search(words="Ketle ana@example.com 0176/1234567 induction", **asked)
    (entry,) = [entry for entry in journal.latest(Visitor(staff=True))[0] if entry.kind == "catalog.searched"]
    assert entry.data == {
        "words": ["ketle", "induction"],
        "language": "de",
        "found": 3,
        "corrected": [["ketle", "kettle"]],
    }
    assert not actions.note_search(words="ana@example.com", **asked)

    def broken(*_: object, **__: object) -> None:
        raise DatabaseError("planted")

    monkeypatch.setattr(journal, "record", broken)
    assert not actions.note_search(words="kettle", **asked)
    assert Product.objects.count(), "the transaction around it goes on"
