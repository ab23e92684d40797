"""The only writer of carts, orders and payments."""

from tacit.checkout.actions.amend import cancel, change_address, collect, lower_price, refund
from tacit.checkout.actions.astray import send_again, send_by_hand, settle_parcel, take_back
from tacit.checkout.actions.buy import buy, complete_payment
from tacit.checkout.actions.cart import add_to_cart, change_currency, empty_cart, put_in_cart, set_quantity
from tacit.checkout.actions.claim import claim_orders
from tacit.checkout.actions.erase import erase_due
from tacit.checkout.actions.fill import fill_cart
from tacit.checkout.actions.grant import grant_price, withdraw_grant
from tacit.checkout.actions.intents import run_intent
from tacit.checkout.actions.methods import (
    choose_method,
    forget_method,
    remove_method,
    remove_methods_of,
    sweep_methods,
)
from tacit.checkout.actions.one_tap import one_tap
from tacit.checkout.actions.parcels import ask_carrier, hand_over, record_parcel, sweep_parcels
from tacit.checkout.actions.place import place
from tacit.checkout.actions.reconcile import reconcile
from tacit.checkout.actions.record import record_answer
from tacit.checkout.actions.setup import (
    order_shipping_methods,
    replace_shipping_method,
    save_shipping_method,
    set_shipping_method,
    set_shipping_rates,
)
from tacit.checkout.actions.ship import ship
from tacit.checkout.actions.shop import OurShop, our_shop
from tacit.checkout.actions.sweep import CAPTURE_BEFORE, sweep
from tacit.checkout.actions.undo import undo

__all__ = [
    "CAPTURE_BEFORE",
    "OurShop",
    "add_to_cart",
    "ask_carrier",
    "buy",
    "cancel",
    "change_address",
    "change_currency",
    "choose_method",
    "claim_orders",
    "collect",
    "complete_payment",
    "empty_cart",
    "erase_due",
    "fill_cart",
    "forget_method",
    "grant_price",
    "hand_over",
    "lower_price",
    "one_tap",
    "order_shipping_methods",
    "our_shop",
    "place",
    "put_in_cart",
    "reconcile",
    "record_answer",
    "record_parcel",
    "refund",
    "remove_method",
    "remove_methods_of",
    "replace_shipping_method",
    "run_intent",
    "save_shipping_method",
    "send_again",
    "send_by_hand",
    "set_quantity",
    "set_shipping_method",
    "set_shipping_rates",
    "settle_parcel",
    "ship",
    "sweep",
    "sweep_methods",
    "sweep_parcels",
    "take_back",
    "undo",
    "withdraw_grant",
]
