"""Addresses of the pages, which methods they answer, and who may keep a copy."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from tacit.web import account, basket, buying, demo, order, shop
from tacit.web.answering import Keep, page
from tacit.web.desk import house, orders, stock
from tacit.web.desk.gate import staff


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers."""
    del request
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


urlpatterns: list[URLPattern] = [
    path("healthz", page(healthz), name="healthz"),
    path("", page(shop.home), name="home"),
    path("c/<slug:slug>", page(shop.category), name="category"),
    path("search", page(shop.search), name="search"),
    path("p/<slug:slug>", page(shop.product), name="product"),
    path("buy", page(buying.buy, "POST"), name="buy"),
    path("go/<path:items>", page(basket.go, keep=Keep.NOBODY), name="go"),
    path("checkout", page(buying.checkout, "GET", "POST", keep=Keep.BROWSER), name="checkout"),
    path("checkout/line/<int:line>", page(buying.line, "GET", "POST", keep=Keep.BROWSER), name="cart-line"),
    path("order/<str:number>/<str:signature>", page(order.order, keep=Keep.NOBODY), name="order"),
    path(
        "order/<str:number>/<str:signature>/return",
        page(order.back_from_provider, keep=Keep.NOBODY),
        name="order-return",
    ),
    path("orders", page(order.orders, keep=Keep.NOBODY), name="orders"),
    path("sign-in", page(account.sign_in, "GET", "POST", keep=Keep.NOBODY), name="sign-in"),
    path("sign-in/code", page(account.code, "GET", "POST", keep=Keep.NOBODY), name="sign-in-code"),
    path("sign-out", page(account.sign_out, "POST", keep=Keep.NOBODY), name="sign-out"),
    path("desk", staff(house.home), name="desk"),
    path("desk/orders", staff(orders.orders), name="desk-orders"),
    path("desk/orders/<slug:number>", staff(orders.order), name="desk-order"),
    path("desk/orders/<slug:number>/ship", staff(orders.ship, "POST"), name="desk-ship"),
    path("desk/orders/<slug:number>/collect", staff(orders.collect, "POST"), name="desk-collect"),
    path("desk/orders/<slug:number>/refund", staff(orders.refund, "POST"), name="desk-refund"),
    path("desk/orders/<slug:number>/cancel", staff(orders.cancel, "POST"), name="desk-cancel"),
    path("desk/stock", staff(stock.stock, "GET", "POST"), name="desk-stock"),
    path("desk/outbox", staff(house.outbox), name="desk-outbox"),
    path("desk/outbox/<int:mail_id>", staff(house.message), name="desk-message"),
    path("desk/jobs", staff(house.jobs_page), name="desk-jobs"),
    path("desk/journal", staff(house.journal_page), name="desk-journal"),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/outbox", page(demo.outbox, keep=Keep.NOBODY), name="demo-outbox"),
        path("demo/outbox/<int:mail_id>", page(demo.message, keep=Keep.NOBODY), name="demo-message"),
    ]
