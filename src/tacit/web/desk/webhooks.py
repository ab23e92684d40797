"""Programs elsewhere that are told what happens: who they are, what they were told, what did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tacit.accounts.types import Visitor
from tacit.core import clock, ids, webhooks
from tacit.core.webhooks import DeliveryRow, EndpointRow, WebhookRefusal
from tacit.web import errors, parsing
from tacit.web.buying import see_other
from tacit.web.desk import webhook_words as words
from tacit.web.desk.in_place import asks_for_part, back
from tacit.web.parsing import BadInput

LARGEST_ID = 2**63 - 1
LONGEST_TYPED = 500


@dataclass(frozen=True, slots=True)
class EndpointShown:
    """One receiver in a list. ``did``: what was just done to it; ``why``: why it was not."""

    row: EndpointRow
    off: str
    kinds: str
    back: str
    did: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """One line of the log."""

    row: DeliveryRow
    kind: str
    word: str
    trouble: str
    back: str
    did: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A receiver as typed; ``why`` stands beside ``field``."""

    url: str = "https://"
    description: str = ""
    kinds: Sequence[str] = ()
    field: str = ""
    why: str = ""

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Kind, in words, whether it is chosen."""
        return [(kind, word, kind in self.kinds) for kind, word in words.kind_words().items()]


def shown(row: EndpointRow, back: str) -> EndpointShown:
    """A receiver in words."""
    count = len(row.kinds)
    kinds = (
        words.kind_word(row.kinds[0])
        if count == 1
        else ngettext("%(n)s kind of message", "%(n)s kinds of messages", count) % {"n": count}
    )
    return EndpointShown(row, words.off_sentence(row), kinds, back)


def _delivery(row: DeliveryRow, back: str) -> DeliveryShown:
    word = words.status_words()[row.status]
    if row.status == "queued" and row.attempts:
        word = _("tried again")
    return DeliveryShown(row, words.kind_word(row.kind), word, words.trouble(row), back)


def listed(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """All receivers, and the log."""
    now = clock.now()
    status = parsing.text(request.GET, "status", longest=20)
    if status and status not in words.status_words():
        raise BadInput("status", _("There is no such status. Choose one from the list."))
    chosen = parsing.whole(request.GET, "endpoint", least=0, most=LARGEST_ID, default=0)
    page = parsing.page_number(request.GET)
    endpoints = webhooks.endpoints(visitor, now=now)
    rows, more = webhooks.deliveries(visitor, endpoint_id=chosen or None, status=status, page=page)
    address = request.get_full_path()
    known = {
        "here": "webhooks",
        "endpoints": [shown(each, address) for each in endpoints],
        "rows": [_delivery(row, address) for row in rows],
        "chosen": chosen,
        "status": status,
        "statuses": list(words.status_words().items()),
        "page": page,
        "before": page - 1,
        "after": page + 1 if more else 0,
        "done": _done(request),
    }
    return render(request, "web/desk/webhooks.html", known)


def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A receiver more."""
    if request.method != "POST":
        return _form(request, Form())

    def save(form: Form) -> int:
        return webhooks.add(
            visitor, url=form.url, description=form.description, kinds=form.kinds, now=clock.now()
        )

    form, made = _saved(request, save)
    if form.why:
        return _form(request, form, status=422)
    return see_other(f"{reverse('desk-webhook', args=[made])}?did=added")


def endpoint(request: HttpRequest, visitor: Visitor, endpoint_id: int) -> HttpResponse:
    """One receiver: what it is told, its secret, what can be done; POST changes it."""
    row = _found(visitor, endpoint_id)
    if row is None:
        return errors.not_found(request)
    if request.method != "POST":
        return _page(request, row)

    def save(form: Form) -> bool:
        return webhooks.change(
            visitor,
            endpoint_id,
            url=form.url,
            description=form.description,
            kinds=form.kinds,
            now=clock.now(),
        )

    form, _changed = _saved(request, save)
    if form.why:
        return _page(request, row, form=form, status=422)
    return see_other(f"{reverse('desk-webhook', args=[endpoint_id])}?did=changed")


def act(request: HttpRequest, visitor: Visitor, endpoint_id: int) -> HttpResponse:
    """What the form's ``do`` names, to one receiver."""
    do, now = request.POST.get("do", ""), clock.now()
    row = _found(visitor, endpoint_id)
    if row is None:
        return errors.not_found(request)
    if do == "secret":
        return _page(request, row, secret=webhooks.secret(visitor, endpoint_id, now=now) or "")
    acts: dict[str, Callable[[], object]] = {
        "test": lambda: webhooks.send_test(
            visitor, endpoint_id, now=now, once=parsing.form_key(request.POST)
        ),
        "rotate": lambda: webhooks.rotate(visitor, endpoint_id, now=now),
        "on": lambda: webhooks.switch_on(visitor, endpoint_id, now=now),
        "off": lambda: webhooks.switch_off(visitor, endpoint_id, now=now),
        "again": lambda: webhooks.send_failed_again(visitor, endpoint_id, now=now),
        "forget": lambda: webhooks.forget_failed(visitor, endpoint_id, now=now),
        "remove": lambda: webhooks.remove(visitor, endpoint_id, now=now),
    }
    if do not in acts:
        raise BadInput("do", _("Choose one of the buttons beside the receiver."))
    why = ""
    try:
        acts[do]()
    except WebhookRefusal as error:
        why = words.refusal(error)
    if do == "remove":
        return see_other(f"{reverse('desk-webhooks')}?did=removed")
    if asks_for_part(request):
        fresh = _found(visitor, endpoint_id) or row
        address = _list(request)
        each = replace(shown(fresh, address), did="" if why else _acts().get(do, ""), why=why)
        return render(request, "web/desk/webhook_row.html", {"each": each}, status=409 if why else 200)
    if why:
        return _page(request, row, why=why, status=409)
    return back(request, default=reverse("desk-webhook", args=[endpoint_id]), did=do)


def again(request: HttpRequest, visitor: Visitor, delivery_id: int) -> HttpResponse:
    """One given-up delivery is sent again."""
    known = delivery_id <= LARGEST_ID and webhooks.delivery(visitor, delivery_id) is not None
    if not known:
        return errors.not_found(request)
    done = webhooks.send_again(visitor, delivery_id, now=clock.now())
    why = "" if done else _("This message is not given up any more; look at the list anew.")
    if asks_for_part(request):
        row = webhooks.delivery(visitor, delivery_id)
        assert row is not None
        each = replace(_delivery(row, _list(request)), did=_acts()["again"] if done else "", why=why)
        return render(request, "web/desk/webhook_log_row.html", {"each": each}, status=200 if done else 409)
    if why:
        return errors.page(request, 409, field="message", sentence=why)
    return back(request, default=reverse("desk-webhooks"), did="again")


def _list(request: HttpRequest) -> str:
    return parsing.same_site_path(request.POST.get("back", ""), default=reverse("desk-webhooks"))


def _found(visitor: Visitor, endpoint_id: int) -> EndpointRow | None:
    return webhooks.endpoint(visitor, endpoint_id, now=clock.now()) if endpoint_id <= LARGEST_ID else None


def _saved(request: HttpRequest, save: Callable[[Form], object]) -> tuple[Form, object]:
    """The form as typed, with what is wrong with it if anything is, else what ``save`` answered."""
    typed = Form(
        url=request.POST.get("url", "").strip()[:LONGEST_TYPED],
        description=request.POST.get("description", "").strip()[:LONGEST_TYPED],
        kinds=tuple(each for each in request.POST.getlist("kinds") if len(each) < 60),
    )
    try:
        parsing.text(request.POST, "url", longest=LONGEST_TYPED, required=True)
        parsing.text(request.POST, "description", longest=100)
        return typed, save(typed)
    except BadInput as error:
        return replace(typed, field=error.field, why=error.reason), None
    except WebhookRefusal as error:
        return replace(typed, field=error.field, why=words.refusal(error)), None


def _form(request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
    return render(request, "web/desk/webhook_new.html", {"here": "webhooks", "form": form}, status=status)


def _page(
    request: HttpRequest,
    row: EndpointRow,
    *,
    form: Form | None = None,
    secret: str = "",
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    known = {
        "here": "webhooks",
        "each": shown(row, reverse("desk-webhook", args=[row.id])),
        "form": form or Form(row.url, row.description, row.kinds),
        "secret": secret,
        "key": ids.token(),
        "why": why,
        "done": _done(request),
    }
    return render(request, "web/desk/webhook.html", known, status=status)


def _acts() -> dict[str, str]:
    return {
        "test": _("A test is on its way; the log shows how it goes."),
        "rotate": _("There is a new secret. Both hold for 24 hours."),
        "on": _("It is switched on."),
        "off": _("It is switched off."),
        "again": _("It is sent again."),
        "forget": _("They are off the log."),
    }


def _done(request: HttpRequest) -> str:
    sentences = {
        **_acts(),
        "added": _("The receiver is added. Show its secret and give it to the program."),
        "changed": _("Saved."),
        "removed": _("The receiver is removed."),
    }
    return sentences.get(request.GET.get("did", ""), "")
