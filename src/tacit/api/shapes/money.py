"""Amounts of money, and what every shape shares."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from django.utils.translation import get_language
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tacit.core.money import LARGEST_MINOR, Money


class Shown(BaseModel):
    """What we answer."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})


class Given(BaseModel):
    """What we are sent: nothing is guessed, nothing unknown is passed over."""

    model_config = ConfigDict(extra="forbid", strict=True)


PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""No characters that control; none that PostgreSQL could not keep."""
Line = Annotated[str, Field(max_length=500, pattern=PLAIN)]
Sku = Annotated[str, Field(min_length=1, max_length=64, pattern=PLAIN)]
CURRENCY = r"^[A-Z]{3}$"
COUNTRY = r"^[A-Za-z]{2}$"
CurrencyCode = Annotated[str, Field(pattern=CURRENCY, description="ISO 4217", examples=["EUR"])]
CountryCode = Annotated[
    str,
    Field(pattern=COUNTRY, description="ISO 3166-1 alpha-2", examples=["DE"]),
    AfterValidator(str.upper),
]


class Amount(Shown):
    """An amount of money: exact in whole minor units and as a decimal; ``text`` is for people."""

    amount: str = Field(description="in major units, exact", examples=["39.00"])
    minor: int = Field(description="in minor units (cents)", examples=[3900])
    currency: str = Field(description="ISO 4217", examples=["EUR"])
    text: str = Field(description="as readers of the asked language write it", examples=["€39.00"])

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(
            amount=str(money.amount()),
            minor=money.minor,
            currency=money.currency,
            text=money.format(get_language() or "en"),
        )


def amount_or_none(money: Money | None) -> Amount | None:
    return None if money is None else Amount.of(money)


class GivenAmount(Given):
    """An amount, in minor units. What we answered may be sent back whole; only these two count."""

    minor: int = Field(ge=0, le=LARGEST_MINOR, examples=[4390])
    currency: CurrencyCode
    amount: Line = Field(default="", description="not read")
    text: Line = Field(default="", description="not read")


def percent(value: Decimal) -> str:
    """``19.000`` → ``19``, ``8.250`` → ``8.25``."""
    return format(value.normalize(), "f")
