"""How a page answers: allowed methods, how long it may be kept, and errors people can understand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tacit.accounts import wording as accounts_wording
from tacit.accounts.types import AccountError, NotAllowed
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
from tacit.core.personal import ErasureNotNoted
from tacit.web import errors
from tacit.web.parsing import BadInput

log = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]


class Keep(StrEnum):
    """Who may keep a copy of a page: anybody, this browser after asking again, or nobody."""

    ANYBODY = ""
    BROWSER = "private, no-cache"
    NOBODY = "private, no-store"


def page(view: View, *methods: str, keep: Keep = Keep.ANYBODY) -> View:
    """``view`` answering only ``methods`` (GET brings HEAD), its errors told as pages."""
    allowed = set(methods or ("GET",))
    if "GET" in allowed:
        allowed.add("HEAD")

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method not in allowed:
            return errors.wrong_method(request, sorted(allowed))
        try:
            response = view(request, *args, **kwargs)
        except (CheckoutError, AccountError, CatalogError, BadInput) as error:
            response = refused(request, error)
        except (NotAllowed, NoSuchProduct, NoSuchOrder, NoSuchCart) as error:
            response = errors.not_found(request, error)
        except ErasureNotNoted as error:
            log.error("%s", error)
            response = errors.not_erased(request)
        if keep:
            response["Cache-Control"] = str(keep)
        return response

    return answer


def explain(error: CheckoutError | AccountError | CatalogError | BadInput) -> str:
    """The sentence for an error, from the room it comes from."""
    match error:
        case CheckoutError():
            return checkout_wording.explain(error)
        case AccountError():
            return accounts_wording.explain(error)
        case CatalogError():
            return catalog_wording.explain(error)
    return error.reason


def status_of(error: Exception) -> int:
    """409: something else got in between; 429: too often; 422: the input itself."""
    if isinstance(error, TotalChanged | StillInFlight | NotPossible):
        return 409
    if (
        isinstance(error, CheckoutError)
        and not isinstance(error, OtherBody)
        and error.code in _CHANGED_MEANWHILE
    ):
        return 409
    if isinstance(error, AccountError) and error.code in {"too_many_codes", "too_many_asked", "locked"}:
        return 429
    if isinstance(error, AccountError) and error.code == "shown_already":
        return 409
    return error.status if isinstance(error, BadInput) else 422


def with_wait(response: HttpResponse, error: Exception) -> HttpResponse:
    """``response`` with Retry-After, where the error says how many seconds to wait."""
    if isinstance(error, AccountError) and "wait" in error.parameters:
        response["Retry-After"] = str(error.parameters["wait"])
    return response


_CHANGED_MEANWHILE = frozenset({"sold_out", "too_few", "out_of_stock", "no_price", "not_sold"})


def refused(
    request: HttpRequest, error: CheckoutError | AccountError | CatalogError | BadInput
) -> HttpResponse:
    """A page of its own for an error that no form on the page can show beside its field."""
    response = errors.page(request, status_of(error), field=error.field, sentence=explain(error))
    if isinstance(error, StillInFlight):
        response["Retry-After"] = "2"
    return with_wait(response, error)
