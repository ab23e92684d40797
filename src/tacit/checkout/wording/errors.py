"""Why something cannot be done, and the way out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tacit.checkout.types.delivery import NoWay
from tacit.checkout.types.order import CheckoutError
from tacit.checkout.wording.delivery import no_way_sentence
from tacit.checkout.wording.shown import money, time_of_day
from tacit.core.money import Money


def explain(error: CheckoutError) -> str:
    """One sentence or two: what is wrong with which field, and what to do."""
    parameters: dict[str, Any] = {name: _shown(value) for name, value in error.parameters.items()}
    special = _special(error, parameters)
    return special or _general(error.code, parameters)


def _shown(value: object) -> object:
    """Amounts and times as the reader writes them."""
    if isinstance(value, Money):
        return money(value)
    return time_of_day(value) if isinstance(value, datetime) else value


def _special(error: CheckoutError, p: dict[str, Any]) -> str:
    match error.field, error.code:
        case "email", "required" | "not_an_email":
            return _("Enter an e-mail address such as name@example.com; the confirmation goes there.")
        case "name", "required":
            return _("Enter the name for the parcel.")
        case "line1", "required":
            return _("Enter the street and number.")
        case "postcode", "required":
            return _("Enter the postcode.")
        case "city", "required":
            return _("Enter the town.")
        case "country", "not_a_country":
            return _("Choose a country from the list.")
        case "country", "not_sent_there":
            return _("We do not send %(name)s to this country. Choose another, or remove it.") % p
        case "country", "other_country":
            return _("Another country means another tax. Cancel this order and place it anew.")
        case "shipping", code if code in set(NoWay):
            return no_way_sentence(
                NoWay(code),
                country=p["country"],
                currency=p["currency"],
                weight_=p["weight"],
                heaviest=p["heaviest"],
            )
        case "shipping", _code:
            return _("Choose a way of sending from the list.")
        case "order", "can_be_undone":
            return _("Its buyer can undo it until %(until)s. Send it after that.") % p
        case "order", "undo_over":
            return _("It could be undone until %(until)s. Ask us to cancel it, or send it back.") % p
        case "order", "cannot_undo":
            return _("Only what was bought in one tap can be undone. Ask us to cancel it, or send it back.")
        case "order", "nothing_left":
            return _("Nothing of this order is sold any more.")
        case "terms", "changed":
            return _("What you saw has changed meanwhile. Look at it and confirm anew.")
        case "method", "none_kept":
            return _(
                "One tap needs an address and a way to pay that you had kept. Buy as usual and have it kept."
            )
        case "method", "gone":
            return _("This way to pay was removed. Choose another.")
        case "method", "none":
            return _("There is no way to pay at the moment. Please talk to a person.")
        case "method", _code:
            return _("Choose a way to pay from the list.")
        case "key", "required" | "not_a_key":
            return _("This page is damaged or too old. Open it anew and do it again.")
        case "key", "other_body":
            return _("This form was already sent with other entries. Reload the page and send it again.")
        case "key", "in_flight":
            return _("Your order is being placed. Wait a moment and reload.")
        case "cart", "empty":
            return _("Your cart is empty. Choose something first.")
        case "cart", "already_ordered":
            return _(
                "This cart is ordered already, and its payment is being confirmed. Look at that order first."
            )
        case "cart", "full":
            return _("A cart holds at most %(largest)s different things. Order these first.") % p
        case "cart", "other_currency":
            return _("Your cart is in %(cart)s, and this is sold in %(sold_in)s. Empty the cart first.") % p
        case "stock", "sold_out":
            if p.get("name"):
                return _("%(name)s is sold out. Remove it to go on.") % p
            return _("Somebody else bought the last one just now. Nothing was charged.")
        case "stock", "too_few":
            if p.get("name"):
                return _("Only %(left)s of %(name)s are left. Take fewer to go on.") % p
            return _("Only %(left)s are left. Take fewer to go on.") % p
        case "line", "moved":
            return _("The cart was changed meanwhile. Look at it again.")
        case "sku", "sold_out":
            return _("This is sold out, so it was left out.")
        case "total", "changed":
            if p.get("total") and p["total"] != "None":
                return _("The total is now %(total)s. Look at it and confirm anew.") % p
            return _("The total has changed. Look at it and confirm anew.")
        case "amount", "above_captured":
            return _("At most %(left)s can be given back.") % p
        case "amount", "nothing_captured":
            return _("Nothing was taken yet, so nothing can be given back. Cancel the order instead.")
        case "payment", "capture_refused":
            return _("The provider refused to hand the money over. Take it first, then send.")
        case "stock", "not_again":
            return _("There are too few left to send it again. Give the money back, or wait for new stock.")
        case "parcel", "carrier_has_it":
            return _("Its carrier has the parcel by now. Reload the page.")
        case "parcel", "being_handed_over":
            return _("The parcel is just being handed over. Wait a minute and reload.")
        case "parcel", "settled_already":
            return _("Nothing is open about this parcel any more. Reload the page.")
        case "parcel", "money_went_back":
            return _("The money went back, so the goods must not leave. Take the parcel back.")
        case "parcel", "not_here":
            return _("This order has no such parcel. Reload the page.")
        case "payment", "not_secured":
            return _("The money for this order is not secured, so it must not be sent.")
    return ""


def _general(code: str, p: dict[str, Any]) -> str:
    match code:
        case "required":
            return _("Fill this in.")
        case "too_long":
            return _("Use at most %(longest)s characters.") % p
        case "control_character":
            return _("Remove the invisible control characters; type it by hand.")
        case "not_a_number":
            return _("Enter a whole number.")
        case "out_of_range":
            if p.get("largest") is None:
                return _("Enter %(smallest)s or more.") % p
            return _("Enter a number from %(smallest)s to %(largest)s.") % p
        case "not_positive":
            return _("Enter an amount above zero.")
        case "negative":
            return _("Enter zero or more.")
        case "other_currency":
            return _("Use %(currency)s.") % p
        case "not_sold" | "no_price":
            return _("This is not for sale. Choose something else.")
        case "already_sent":
            return _("A parcel has left already. It can be returned once it arrives.")
        case "cannot_cancel" | "cannot_change" | "cannot_ship":
            return _("The order no longer allows this.")
        case "nothing_to_send":
            return _("Nothing is left to send.")
        case "more_than_ordered":
            return _("That is more than was ordered.")
        case "below_used":
            return _("More than that was sold already.")
        case "not_lower":
            return _("The new price must be below the present one.")
        case "historic":
            return _("This order was imported; it is a record and does not change.")
        case "past":
            return _("Choose a time to come.")
        case "unknown":
            return _("There is no such thing. Reload the page.")
    return _("This cannot be done as it is. Check the entry and try again.")
