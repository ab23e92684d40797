"""Money as Stripe counts it: minor units, with the exceptions Stripe documents (docs.stripe.com/currencies)."""

from __future__ import annotations

from tacit.checkout.types.payment import ProviderRefused
from tacit.core.money import Money, exponent

_WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
# ISK and UGX have no minor unit any more; Stripe still takes hundredths, which must be 00.
_WHOLE_TOLD_IN_HUNDREDTHS = frozenset(("ISK", "UGX"))
_THOUSANDTHS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def to_stripe(amount: Money) -> int:
    """What Stripe is asked for. Raises ProviderRefused for an amount it cannot hold exactly."""
    places = _places(amount.currency)
    more = places - exponent(amount.currency)
    told, rest = divmod(amount.minor * _tens(more), _tens(-more))
    step = _step(amount.currency)
    if rest or told % step:
        raise ProviderRefused(
            "amount_not_payable",
            f"Stripe takes {amount.currency} only in steps of {Money(_minor(step, amount.currency), amount.currency)}",
        )
    return told


def from_stripe(told: int, currency: str) -> Money:
    """``told`` as Stripe gives it, ``currency`` in whatever case."""
    currency = currency.upper()
    return Money(_minor(told, currency), currency)


def _minor(told: int, currency: str) -> int:
    more = exponent(currency) - _places(currency)
    return told * _tens(more) // _tens(-more)


def _tens(places: int) -> int:
    return int("1" + "0" * max(places, 0))


def _places(currency: str) -> int:
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def _step(currency: str) -> int:
    if currency in _WHOLE_TOLD_IN_HUNDREDTHS:
        return 100
    return 10 if currency in _THOUSANDTHS else 1
