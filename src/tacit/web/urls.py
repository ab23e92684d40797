"""Addresses of the pages, which methods they answer, and who may keep a copy."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from tacit.web import basket, buying, currency, one_tap, order, pages, rights, shop, texts
from tacit.web.account.urls import account_addresses
from tacit.web.answering import Keep, page
from tacit.web.cache import PAGED, everybody
from tacit.web.demo.urls import demo_addresses
from tacit.web.desk import home as desk_home
from tacit.web.desk import house, keys, orders, send, stock, webhooks
from tacit.web.desk.gate import staff
from tacit.web.fragments import views as fragments
from tacit.web.searching import SEARCHED_BY, SEARCHER


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers."""
    del request
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


urlpatterns: list[URLPattern] = [
    path("healthz", page(healthz), name="healthz"),
    path("", everybody(page(shop.home), parameters=PAGED), name="home"),
    path("c/<slug:slug>", everybody(page(shop.category), parameters=PAGED), name="category"),
    # Not kept: each search is noted.
    path(
        "search",
        everybody(page(shop.search), parameters=SEARCHED_BY, headers=SEARCHER, kept=False),
        name="search",
    ),
    path("p/<slug:slug>", everybody(page(shop.product)), name="product"),
    # Not kept in the demo, whose console switches them off and on.
    path(
        "f/<slug:name>/<slug:slug>",
        everybody(page(fragments.whole), kept=not settings.DEMO),
        name="fragment-page",
    ),
    path(
        "f/<slug:name>/<slug:slug>/part",
        everybody(page(fragments.part), kept=not settings.DEMO),
        name="fragment",
    ),
    path("buy", page(buying.buy, "POST"), name="buy"),
    path("go", page(basket.go, keep=Keep.NOBODY), name="go-on"),
    path("go/<path:items>", page(basket.go, "GET", "POST", keep=Keep.NOBODY), name="go"),
    path("checkout", page(buying.checkout, "GET", "POST", keep=Keep.BROWSER), name="checkout"),
    path("checkout/line/<int:line>", page(buying.line, "GET", "POST", keep=Keep.BROWSER), name="cart-line"),
    path("order/<str:number>/<str:signature>", page(order.order, keep=Keep.NOBODY), name="order"),
    path(
        "order/<str:number>/<str:signature>/return",
        page(order.back_from_provider, keep=Keep.NOBODY),
        name="order-return",
    ),
    path(
        "order/<str:number>/<str:signature>/undo",
        page(one_tap.undo, "POST", keep=Keep.NOBODY),
        name="order-undo",
    ),
    path(
        "order/<str:number>/<str:signature>/again",
        page(one_tap.again, "GET", "POST", keep=Keep.NOBODY),
        name="order-again",
    ),
    path("once/<slug:slug>", page(one_tap.once, "GET", "POST", keep=Keep.NOBODY), name="once"),
    path("once/<slug:slug>/part", page(one_tap.part, keep=Keep.NOBODY), name="once-part"),
    path("help", everybody(page(pages.help_page)), name="help"),
    *(path(name, everybody(page(pages.written)), {"name": name}, name=name) for name in texts.NAMES),
    path("currency", page(currency.change, "POST", keep=Keep.NOBODY), name="currency"),
    path(
        "order/<str:number>/<str:signature>/data",
        page(rights.ask, "GET", "POST", keep=Keep.NOBODY),
        name="order-data",
    ),
    path("data/<str:token>", page(rights.data, keep=Keep.NOBODY), name="data"),
    path("data/<str:token>/copy", page(rights.copy, keep=Keep.NOBODY), name="data-copy"),
    path("data/<str:token>/erase", page(rights.erase, "GET", "POST", keep=Keep.NOBODY), name="data-erase"),
    path("orders", page(order.orders, keep=Keep.NOBODY), name="orders"),
    path("desk", staff(desk_home.home), name="desk"),
    path("desk/orders", staff(orders.orders), name="desk-orders"),
    path("desk/send", staff(send.send, "GET", "POST"), name="desk-send"),
    path("desk/orders/<slug:number>", staff(orders.order), name="desk-order"),
    path("desk/orders/<slug:number>/ship", staff(orders.ship, "POST"), name="desk-ship"),
    path("desk/orders/<slug:number>/collect", staff(orders.collect, "POST"), name="desk-collect"),
    path("desk/orders/<slug:number>/refund", staff(orders.refund, "POST"), name="desk-refund"),
    path("desk/orders/<slug:number>/parcel", staff(orders.parcel, "POST"), name="desk-parcel"),
    path("desk/orders/<slug:number>/cancel", staff(orders.cancel, "POST"), name="desk-cancel"),
    path("desk/keys", staff(keys.keys, "GET", "POST"), name="desk-keys"),
    path("desk/keys/<uuid:key>/revoke", staff(keys.revoke, "POST"), name="desk-key-revoke"),
    path("desk/stock", staff(stock.stock, "GET", "POST"), name="desk-stock"),
    path("desk/outbox", staff(house.outbox), name="desk-outbox"),
    path("desk/outbox/<int:mail_id>", staff(house.message), name="desk-message"),
    path("desk/outbox/<int:mail_id>/html", staff(house.message_html), name="desk-message-html"),
    path("desk/outbox/<int:mail_id>/again", staff(house.send_again, "POST"), name="desk-mail-again"),
    path("desk/jobs/<int:job_id>/retry", staff(house.retry, "POST"), name="desk-job-retry"),
    path("desk/jobs/<int:job_id>/throw", staff(house.throw_away, "POST"), name="desk-job-throw"),
    path("desk/jobs", staff(house.jobs_page), name="desk-jobs"),
    path("desk/webhooks", staff(webhooks.listed), name="desk-webhooks"),
    path("desk/webhooks/new", staff(webhooks.new, "GET", "POST"), name="desk-webhook-new"),
    path("desk/webhooks/<int:endpoint_id>", staff(webhooks.endpoint, "GET", "POST"), name="desk-webhook"),
    path("desk/webhooks/<int:endpoint_id>/do", staff(webhooks.act, "POST"), name="desk-webhook-act"),
    path(
        "desk/webhooks/sent/<int:delivery_id>/again",
        staff(webhooks.again, "POST"),
        name="desk-delivery-again",
    ),
    path("desk/journal", staff(house.journal_page), name="desk-journal"),
]
urlpatterns += account_addresses
urlpatterns += demo_addresses
