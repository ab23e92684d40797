"""The scene, played once for all cells: what a cell changes is undone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tacit.checkout.types.payment import PaymentProvider
from tacit.core import ports
from tests.authorisation.cast import play
from tests.authorisation.scene import Scene
from tests.checkout.fake_provider import FakeProvider
from tests.conftest import stock_shop

PLAIN = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture(scope="package")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    from django.conf import settings

    middleware = [each for each in settings.MIDDLEWARE if not each.startswith("whitenoise.")]
    fake = FakeProvider()
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=PLAIN, MIDDLEWARE=middleware, SHOP_URL="https://testserver"),
        ports.replaced(PaymentProvider, fake),
        ports.replaced(PaymentProvider, fake, name=fake.name),
        transaction.atomic(),
    ):
        cache.clear()
        yield play(stock_shop(), fake)
        transaction.set_rollback(True)
