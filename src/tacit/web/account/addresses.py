"""Addresses people keep here."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tacit.accounts import actions, queries
from tacit.accounts.types import AccountError, KeptAddress, Visitor
from tacit.catalog import queries as catalog
from tacit.core import clock
from tacit.web import answering, errors
from tacit.web.buying import see_other
from tacit.web.checkout_form import CheckoutForm, seen_only
from tacit.web.parsing import BadInput, whole

LARGEST_ID = 2**63 - 1
_PARTS = ("name", "line1", "line2", "postcode", "city")


class AddressForm(CheckoutForm):
    """The checkout form's address, with a name of its own."""

    email = shipping = method = keep_address = None  # type: ignore[assignment]  # not asked here
    label = forms.CharField(
        label=_("What you call it (optional)"),
        max_length=40,
        required=False,
        validators=[seen_only],
        error_messages={"max_length": _("At most %(limit_value)d characters fit here.")},
    )

    def typed(self) -> list[forms.BoundField]:
        return [self[field] for field in ("label", *_PARTS)]


def addresses(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list. ``do``: choose or remove the address ``id``."""
    if request.method == "POST":
        chosen = whole(request.POST, "id", least=1, most=LARGEST_ID)
        match request.POST.get("do", ""):
            case "choose":
                actions.choose_address(visitor, id=chosen)
            case "remove":
                actions.remove_address(visitor, id=chosen)
            case _:
                raise BadInput("do", gettext("Choose one of the buttons on the page."))
        return see_other(reverse("account-addresses"))
    return render(request, "web/account/addresses.html", {"rows": queries.addresses(visitor)})


def new_address(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method != "POST":
        return _form(request, AddressForm())
    return _kept(request, visitor, None)


def address(request: HttpRequest, visitor: Visitor, address_id: int) -> HttpResponse:
    """One address, to be written anew."""
    found = next((each for each in queries.addresses(visitor) if each.id == address_id), None)
    if found is None:
        return errors.not_found(request)
    if request.method != "POST":
        known = found.address
        fields = {part: getattr(known, part) for part in _PARTS}
        form = AddressForm(initial={"label": found.label, "country": known.country, **fields})
        return _form(request, form, found)
    return _kept(request, visitor, found)


def _kept(request: HttpRequest, visitor: Visitor, found: KeptAddress | None) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _form(request, form, found, status=422)
    typed, label = form.address(), form.cleaned_data["label"]
    default = request.POST.get("default") == "1"
    try:
        if found is None:
            actions.keep_address(visitor, address=typed, label=label, default=default, now=clock.now())
        else:
            actions.change_address(visitor, id=found.id, address=typed, label=label, default=default)
    except AccountError as error:
        form.add_error(error.field if error.field in form.fields else "line1", answering.explain(error))
        return _form(request, form, found, status=422)
    return see_other(reverse("account-addresses"))


def _form(
    request: HttpRequest, form: AddressForm, found: KeptAddress | None = None, *, status: int = 200
) -> HttpResponse:
    chosen = form["country"].value() or settings.SHOP_COUNTRY
    countries = catalog.countries()
    words = {
        "form": form,
        "found": found,
        "chosen": chosen,
        "countries": countries if chosen in countries else (chosen, *countries),
    }
    return render(request, "web/account/address.html", words, status=status)
