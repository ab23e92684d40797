"""Which adapter stands behind which port: the only place that knows them all, chosen by settings."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from tacit.accounts.actions.erase import PersonalAccounts
from tacit.checkout.actions import our_shop
from tacit.checkout.actions.erase import PersonalOrders
from tacit.checkout.types.carrier import Carrier
from tacit.checkout.types.payment import PaymentProvider
from tacit.checkout.types.shop import ShopPort
from tacit.config import environment, erasures, payments, practice
from tacit.config.environment import NONE, SettingError
from tacit.connectors.smtp import ServerError, SmtpTransport
from tacit.core import mail, ports
from tacit.core.personal import ErasureLog, PersonalData
from tacit.web.links import OrderLinks


def wire() -> None:
    """Register every adapter. Constructing one makes no network call."""
    ports.register(mail.MailTransport, _transport())
    ports.register(mail.Links, OrderLinks())
    ports.register(ShopPort, our_shop())
    # Orders first: they are found by addresses that accounts takes away.
    ports.register(PersonalData, PersonalOrders(), name="orders")
    ports.register(PersonalData, PersonalAccounts(), name="account")
    ports.register(ErasureLog, erasures.ErasureFile(environment.erasures()))
    provider = _provider()
    if provider is not None:
        ports.register(PaymentProvider, provider)
        ports.register(PaymentProvider, provider, name=provider.name)
    carrier = _carrier()
    if carrier is not None:
        ports.register(Carrier, carrier)
        ports.register(Carrier, carrier, name=carrier.name)
    if settings.DEMO:
        practice.wire_console([provider, carrier])


def _transport() -> mail.MailTransport:
    """TACIT_MAIL_URL; without it messages stay in the outbox, where the demo shows them."""
    if not settings.MAIL_URL:
        return mail.KeptMail()
    try:
        return SmtpTransport.from_url(settings.MAIL_URL, sender=settings.SHOP_MAIL)
    except ServerError as error:
        raise SettingError(f"TACIT_MAIL_URL: {error}") from error


def _provider() -> PaymentProvider | None:
    """TACIT_PAYMENT_PROVIDER; none: nobody can pay, and checkout says so."""
    if settings.PAYMENT_PROVIDER == NONE:
        return None
    adapter = payments.ADAPTERS.get(settings.PAYMENT_PROVIDER)
    if adapter is None:
        known = ", ".join((NONE, *payments.ADAPTERS))
        raise SettingError(f"TACIT_PAYMENT_PROVIDER is {settings.PAYMENT_PROVIDER!r}; choose one of {known}")
    return adapter.make()


CARRIERS: dict[str, Callable[[], Carrier]] = {"practice": practice.carrier}


def _carrier() -> Carrier | None:
    """TACIT_CARRIER; none: staff type carrier and tracking number."""
    if settings.CARRIER == NONE:
        return None
    try:
        return CARRIERS[settings.CARRIER]()
    except KeyError:
        raise SettingError(
            f"TACIT_CARRIER is {settings.CARRIER!r}; choose one of {', '.join((NONE, *CARRIERS))}"
        ) from None
