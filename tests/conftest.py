"""What every test may use: the database, a small shop, and a fixed cast of people."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import pytest_django
from django.db import connection
from hypothesis import settings

from tacit.accounts.types import Visitor
from tacit.catalog import actions as catalog
from tacit.catalog.types import NewProduct, NewVariant
from tacit.checkout import actions as checkout
from tacit.checkout.types.payment import PaymentProvider
from tacit.core import ports
from tacit.core.money import Money
from tests.checkout.fake_provider import FakeProvider

pytest_plugins = ["tests.connectors.practice"]

# CI repeats the same examples, so that it judges the change; everybody else's runs go on exploring.
settings.register_profile("same", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("same")

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

# Between tests all tables are emptied, also those whose triggers refuse that.
_LET_EMPTY = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tgrelid::regclass AS held, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 > 0 LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', one.held, one.tgname);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_LET_EMPTY)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def staff() -> Visitor:
    return Visitor(staff=True)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A payment provider in memory behind the port, for tests below the faces."""
    fake = FakeProvider()
    with ports.replaced(PaymentProvider, fake), ports.replaced(PaymentProvider, fake, name=fake.name):
        yield fake


@pytest.fixture
def kettle(db: None) -> int:
    return stock_shop()


def stock_shop(pieces: int = 10) -> int:
    """A shop with one kettle at €39.00, its lid at €5.00, and two ways of sending; the kettle's variant id."""
    from tacit.catalog.models import Variant

    for country, percent in (("DE", "19"), ("AT", "20")):
        catalog.set_tax_rate(code="standard", name="Standard", country=country, percent=Decimal(percent))
    catalog.set_tax_rate(code="reduced", name="Reduced", country="DE", percent=Decimal("7"))
    eur = "EUR"
    checkout.set_shipping_method(
        code="standard",
        name="Standard",
        currency=eur,
        price=Money(490, eur),
        free_over=Money(5000, eur),
        position=0,
    )
    checkout.set_shipping_method(
        code="express", name="Express", currency=eur, price=Money(990, eur), position=1
    )
    catalog.save_category(slug="kitchen", name="Kitchen")
    catalog.save_product(
        NewProduct(
            slug="lid",
            name="Kettle lid",
            category="kitchen",
            tax_class="reduced",
            variants=(NewVariant(sku="LID", prices=(Money(500, eur),), stock=pieces),),
        ),
        now=NOW,
    )
    catalog.save_product(
        NewProduct(
            slug="kettle",
            name="Enamel kettle",
            category="kitchen",
            variants=(
                NewVariant(
                    sku="KETTLE",
                    prices=(Money(3900, eur), Money(3400, "GBP")),
                    costs=(Money(1234, eur),),
                    stock=pieces,
                ),
            ),
            spare_parts=("lid",),
        ),
        now=NOW,
    )
    return Variant.objects.get(sku="KETTLE").pk
