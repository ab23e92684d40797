"""Addresses of the demo console. Elsewhere each of them is a page that says there is nothing here."""

from __future__ import annotations

from django.urls import URLPattern, path

from tacit.web.demo import clock, console, outbox, parcels, payments, people, rooms
from tacit.web.demo.gate import demo

demo_addresses: list[URLPattern] = [
    path("demo", demo(console.console), name="demo"),
    path("demo/first", demo(console.first), name="demo-first"),
    path("demo/become", demo(people.become, "POST"), name="demo-become"),
    path("demo/clock", demo(clock.move, "POST"), name="demo-clock"),
    path("demo/parcels", demo(parcels.tell, "POST"), name="demo-parcels"),
    path("demo/payments", demo(payments.switch, "POST"), name="demo-payments"),
    path("demo/rooms", demo(rooms.change, "POST"), name="demo-rooms"),
    path("demo/outbox", demo(outbox.outbox), name="demo-outbox"),
    path("demo/outbox/<int:mail_id>", demo(outbox.message), name="demo-message"),
    path("demo/outbox/<int:mail_id>/html", demo(outbox.message_html), name="demo-message-html"),
]
