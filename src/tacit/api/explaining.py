"""Errors of rooms and of reading a request, told as problems in the rooms' own sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tacit.accounts.types import NotAllowed
from tacit.api import problems
from tacit.api.problems import problem
from tacit.api.shapes.money import COUNTRY, CURRENCY, PLAIN, Amount
from tacit.catalog import wording as catalog_wording
from tacit.catalog.types import CatalogError, NoSuchProduct
from tacit.checkout import wording as checkout_wording
from tacit.checkout.types.order import (
    CheckoutError,
    NoSuchCart,
    NoSuchOrder,
    NotPossible,
    OtherBody,
    StillInFlight,
    TotalChanged,
)
from tacit.core.money import Money, MoneyError

SECONDS_IN_FLIGHT = "2"
KEY = "Idempotency-Key"
_CHANGED_MEANWHILE = frozenset({"sold_out", "too_few", "out_of_stock", "no_price", "not_sold"})


class Changed(Exception):
    """The ``If-Match`` tag is of an earlier state."""


class WrongSignature(Exception):
    """``signature`` is not that of the order asked for, whether there is such an order or not."""


class Refused(Exception):
    """A value only this face knows cannot be used: ``field``, ``code``, and the sentence."""

    def __init__(self, field: str, code: str, sentence: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code, self.sentence = field, code, sentence


def checkout_refused(error: CheckoutError) -> HttpResponse:
    """409: something else got in between; 412: not as it was read; 422: the input itself."""
    detail = checkout_wording.explain(error)
    said: dict[str, Any] = {"code": error.code, "field": error.field}
    match error:
        case TotalChanged():
            total = error.parameters.get("total")
            if isinstance(total, Money):
                said["total"] = Amount.of(total).model_dump()
            return problem(problems.TOTAL_CHANGED, detail, **said)
        case StillInFlight():
            detail = _(
                "A request under this Idempotency-Key is being worked on. Send the same again in a moment."
            )
            response = problem(problems.IN_FLIGHT, detail, code=error.code, field=KEY)
            response.headers["Retry-After"] = SECONDS_IN_FLIGHT
            return response
        case OtherBody():
            detail = _(
                "Something else was asked for under this Idempotency-Key before. Send what was sent then, or take"
                " a new key for a new request."
            )
            return problem(problems.OTHER_BODY, detail, code=error.code, field=KEY)
        case NotPossible() if error.code == "moved":
            return problem(problems.CHANGED, detail, **said)
        case NotPossible():
            order = error.parameters.get("order")
            return problem(problems.CONFLICT, detail, **said, **({"order": str(order)} if order else {}))
    if (error.field, error.code) == ("line", "unknown"):
        return problem(problems.NOT_FOUND, _("There is no such line."), **said)
    kind = problems.CONFLICT if error.code in _CHANGED_MEANWHILE else problems.INVALID
    return problem(kind, detail, **said)


def catalog_refused(error: CatalogError) -> HttpResponse:
    kind = problems.INVALID
    if error.code in {"moved", "claimed_moved"}:
        kind = problems.CHANGED
    elif error.code == "below_claimed":
        kind = problems.CONFLICT
    elif (error.field, error.code) == ("sku", "unknown"):
        kind = problems.NOT_FOUND
    return problem(kind, catalog_wording.explain(error), code=error.code, field=error.field)


def not_found(error: Exception) -> HttpResponse:
    match error:
        case NoSuchProduct():
            return problem(problems.NOT_FOUND, _("We do not sell this"), code="no_such_product")
        case NoSuchOrder():
            return problem(problems.NOT_FOUND, _("There is no such order"), code="no_such_order")
        case NoSuchCart():
            return problem(problems.NOT_FOUND, _("There is no such cart."), code="no_such_cart")
    return problem(problems.NOT_FOUND, _("The address may be old or mistyped."))


def no_key(_error: Exception) -> HttpResponse:
    sentence = _("Send a key that works as Authorization: Bearer. Staff make keys at the desk.")
    return _unproven(sentence)


def wrong_signature(_error: WrongSignature) -> HttpResponse:
    sentence = _(
        "The signature does not fit the number of the order. Take both, whole, from the order's link or from the"
        " answer to ordering."
    )
    return _unproven(sentence, code="wrong_signature", field="signature")


def _unproven(sentence: str, *, code: str = "", field: str = "") -> HttpResponse:
    response = problem(problems.NO_KEY, sentence, code=code, field=field)
    response.headers["WWW-Authenticate"] = 'Bearer realm="tacit"'
    return response


def not_allowed(_error: Exception) -> HttpResponse:
    return problem(
        problems.NOT_ALLOWED, _("This key is for other things. Staff can make one that allows it.")
    )


def unread(error: HttpError) -> HttpResponse:
    """What django-ninja could not read before it called anything of ours."""
    if isinstance(error.__cause__, RequestDataTooBig):
        return too_large()
    kind = problems.BY_STATUS.get(error.status_code, problems.BAD_REQUEST)
    return problem(
        kind, _("The body is not JSON. Compare it with the examples under /api/docs."), code="not_json"
    )


def too_large() -> HttpResponse:
    return problem(problems.TOO_LARGE, _("It is too large or damaged. Nothing was changed."))


def changed(_error: Changed) -> HttpResponse:
    sentence = _(
        "If-Match is not the ETag that GET of this same address answers now. Read it there again and decide anew."
    )
    return problem(problems.CHANGED, sentence, field="If-Match")


def invalid(error: ValidationError) -> HttpResponse:
    """The first entry that cannot be used, and all of them."""
    errors = [_told(each) for each in error.errors[:20]]
    first = errors[0]
    missing_key = first["field"] == KEY and first["code"] == "missing"
    missing_body = first["field"] == "" and first["code"] == "missing"
    kind = problems.BAD_REQUEST if missing_key or missing_body else problems.INVALID
    more = {"errors": errors} if len(errors) > 1 else {}
    return problem(kind, first["detail"], code=first["code"], field=first["field"], **more)


def _told(error: dict[str, Any]) -> dict[str, str]:
    """One entry of django-ninja's list. Its place begins with where it came from and the name of a parameter."""
    where, *place = error["loc"]
    if where == "body" or (where == "query" and len(place) > 1 and place[0] == "asked"):
        place = place[1:]
    field = ".".join(str(each) for each in place)
    return {"field": field, "code": str(error["type"]), "detail": _sentence(error, field)}


def _sentence(error: dict[str, Any], field: str) -> str:
    context = error.get("ctx") or {}
    match error["type"]:
        case "missing" if field == KEY:
            return _(
                "Send a header Idempotency-Key of 8 to 80 letters, digits, - or _, the same for every retry."
            )
        case "missing" if not field:
            return _("The body is missing. Send JSON.")
        case "missing":
            return _("This is needed.")
        case "extra_forbidden":
            return _("There is no such entry. Leave it out.")
        case "string_too_long":
            return _("At most %(longest)s characters fit here.") % {"longest": context.get("max_length")}
        case "string_too_short":
            return _("This is needed.")
        case "string_pattern_mismatch" if field == KEY:
            return _(
                "Send a header Idempotency-Key of 8 to 80 letters, digits, - or _, the same for every retry."
            )
        case "string_pattern_mismatch" if context.get("pattern") == COUNTRY:
            return _("Write the country's two-letter code, like DE.")
        case "string_pattern_mismatch" if context.get("pattern") == CURRENCY:
            return _("Write the currency's three-letter code in capitals, like EUR.")
        case "string_pattern_mismatch" if context.get("pattern") != PLAIN:
            return _("This must fit the pattern %(pattern)s.") % {"pattern": context.get("pattern")}
        case "string_pattern_mismatch" | "string_unicode":
            return _("This contains a character that cannot be used here.")
        case "string_type":
            return _("This must be a text, in quotes.")
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return _("This is not a whole number.")
        case "greater_than_equal" | "less_than_equal" as kind:
            if kind == "greater_than_equal":
                return _("Choose a number from %(least)s up.") % {"least": context.get("ge")}
            return _("Choose a number up to %(most)s.") % {"most": context.get("le")}
        case "enum" | "literal_error":
            return _("Choose one of %(choices)s.") % {"choices": context.get("expected", "")}
        case "list_type":
            return _("This must be a list.")
        case "too_long":
            return _("At most %(most)s of these at once.") % {"most": context.get("max_length")}
        case "too_short":
            return _("This is needed.")
        case "model_type" | "model_attributes_type" | "dict_type":
            return _("This must be an object with named entries.")
        case code if code.startswith(("date", "time")):
            return _("Write a moment like 2026-11-24T08:00:00Z.")
    return _("This cannot be used.")


def no_amount(error: MoneyError) -> HttpResponse:
    """A currency nobody has."""
    field = "currency" if "ISO 4217" in str(error) else "minor"
    return problem(problems.INVALID, _("This is not an amount of money."), code="not_money", field=field)


def refused(error: Refused) -> HttpResponse:
    return problem(problems.INVALID, error.sentence, code=error.code, field=error.field)


_TOLD: tuple[tuple[type[Exception], Callable[[Any], HttpResponse]], ...] = (
    (CheckoutError, checkout_refused),
    (CatalogError, catalog_refused),
    (Refused, refused),
    (MoneyError, no_amount),
    (Changed, changed),
    (NoSuchProduct, not_found),
    (NoSuchOrder, not_found),
    (NoSuchCart, not_found),
    (Http404, not_found),
    (NotAllowed, not_allowed),
    (AuthenticationError, no_key),
    (WrongSignature, wrong_signature),
    (ValidationError, invalid),
    (HttpError, unread),
)


def told(error: type[Exception], how: Callable[[Any], HttpResponse], api: NinjaAPI) -> None:
    """Let ``api`` answer this error like that."""

    def answer(request: HttpRequest, caught: Any) -> HttpResponse:
        del request
        return how(caught)

    api.add_exception_handler(error, answer)


def tell_all(api: NinjaAPI) -> None:
    for error, how in _TOLD:
        told(error, how, api)
