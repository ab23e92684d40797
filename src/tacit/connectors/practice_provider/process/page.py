"""The buyer's page at the provider: choose a card, approve, decline. Plain HTML, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from string import Template
from urllib.parse import parse_qs, urlsplit

from tacit.connectors.practice_provider.cards import APPROVING, BY_CODE, CARDS
from tacit.connectors.practice_provider.process import rules
from tacit.connectors.practice_provider.process.exchange import Reply
from tacit.connectors.practice_provider.process.provider import Provider
from tacit.connectors.practice_provider.process.rules import Payment, Refusal
from tacit.core.money import Money

_STYLE = """
:root{color-scheme:light dark;--paper:light-dark(#fbfaf7,#151514);--raised:light-dark(#fff,#1d1d1b);
--ink:light-dark(#1b1a17,#ecebe6);--soft:light-dark(#6b6860,#a09d94);--line:light-dark(#e4e1d9,#32312d);
--edge:light-dark(#8c887d,#77746b);--accent:light-dark(#1f4d3a,#8fd0b0);--on-accent:light-dark(#fff,#0d1f17)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 ui-sans-serif,system-ui,sans-serif}
main{max-width:27rem;margin-inline:auto;padding:clamp(1.5rem,6vh,4rem) 1rem}
h1{margin:0;font-size:clamp(2rem,1.5rem + 2vw,2.6rem);line-height:1.15;font-weight:600;letter-spacing:-.02em;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
p{margin:.5rem 0 0;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.875rem}
.notice{margin:0 0 2rem;padding:.75rem 1rem;
border:1px solid var(--line);border-inline-start:3px solid var(--accent);
border-radius:6px;background:var(--raised);font-size:.875rem}
form{margin-block-start:1.5rem}
fieldset{border:0;padding:0;margin:0 0 1.5rem;display:grid;gap:.5rem}
legend{padding:0 0 .5rem;font-weight:600}
label{display:flex;gap:.75rem;align-items:center;
min-height:3rem;padding:.5rem 1rem;border:1px solid var(--line);
border-radius:6px;background:var(--raised);cursor:pointer}
label:has(:checked){border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
input{accent-color:var(--accent);width:1.1rem;height:1.1rem;flex:none;margin:0}
button,.button{display:block;width:100%;min-height:3rem;padding:.75rem 1rem;margin-block-start:.75rem;
border:1px solid var(--edge);border-radius:6px;
background:var(--raised);color:inherit;font:inherit;text-align:center;text-decoration:none;cursor:pointer}
.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_PAGE = Template(
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="robots" content="noindex"><link rel="icon" href="data:,">'
    f"<title>$title · Practice payment provider</title><style>{_STYLE}</style></head><body><main>"
    '<p class="notice">This is the practice payment provider. No real money moves here.</p>'
    "$content</main></body></html>"
)
_CHOOSE = Template(
    '<h1>$amount</h1><p class="soft">$description</p><form method="post">'
    "<fieldset><legend>Pay with a practice card</legend>$cards</fieldset>"
    '<button class="primary" name="decision" value="pay">Pay $amount</button>'
    '<button name="decision" value="cancel">Cancel and go back to the shop</button></form>'
)
_CARD = Template(
    '<label><input type="radio" name="card" value="$code"$checked>'
    '<span>Card ending $ending<br><span class="soft">$meaning</span></span></label>'
)
_CONFIRM = Template(
    '<h1>$amount</h1><p class="soft">$description</p>'
    "<p>The bank of the card ending $ending asks: do you approve this payment?</p>"
    '<form method="post"><button class="primary" name="decision" value="approve">Approve $amount</button>'
    '<button name="decision" value="decline">Decline</button></form>'
)
_DONE = Template(
    "<h1>$heading</h1><p>$sentence</p>"
    '<p><a class="button primary" href="$return_url">Back to the shop</a></p>'
)
_STATES = {
    "authorised": ("Approved", "The payment is approved. The shop takes the money when it ships."),
    "captured": ("Paid", "The payment is complete."),
    "processing": ("On its way", "The payment is being processed. The shop is told when it is done."),
    "declined": ("Not paid", "The payment was declined. Nothing was taken."),
    "voided": ("Cancelled", "The payment was cancelled. Nothing was taken."),
}


def show(payment: Payment) -> Reply:
    """The page as it is for this payment now."""
    amount = Money(payment.amount, payment.currency).format()
    values = {"amount": escape(amount), "description": escape(payment.description)}
    if payment.state != "needs_action":
        heading, sentence = _STATES[payment.state]
        values.update(heading=heading, sentence=sentence, return_url=escape(payment.return_url))
        return _html(_DONE.substitute(values), heading, payment.return_url)
    if payment.card:
        values["ending"] = BY_CODE[payment.card].ending
        return _html(_CONFIRM.substitute(values), f"Approve {amount}", payment.return_url)
    values["cards"] = "".join(
        _CARD.substitute(
            code=card.code,
            ending=card.ending,
            meaning=card.meaning,
            checked=" checked" if card is APPROVING else "",
        )
        for card in CARDS
    )
    return _html(_CHOOSE.substitute(values), f"Pay {amount}", payment.return_url)


def unknown() -> Reply:
    """Nobody's page."""
    text = (
        "<h1>No such payment</h1><p>This address leads nowhere. Go back to the shop and pay from there.</p>"
    )
    return _html(text, "No such payment", "", status=404)


def choice(body: bytes) -> dict[str, str]:
    """The form as sent: ``decision`` and ``card``."""
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=10).items()}
    except ValueError as error:
        raise Refusal(400, "invalid_form", "the form cannot be read") from error


def decide(provider: Provider, payment: Payment, chosen: dict[str, str], *, now: float) -> Payment:
    """Do what the buyer chose."""
    match chosen.get("decision"):
        case "pay" if not payment.card:
            return provider.pay(payment, chosen.get("card", ""), now=now)
        case "cancel":
            return provider.record(rules.decline(payment, "cancelled_by_buyer"), now=now)
        case "approve":
            return provider.record(rules.approve(payment, now=now), now=now)
        case "decline":
            return provider.record(rules.decline(payment, "declined_by_buyer"), now=now)
    raise Refusal(400, "invalid_field", "decision must be pay, approve, decline or cancel", "decision")


def back_to_shop(payment: Payment) -> Reply:
    """The browser goes where the shop asked."""
    return Reply(303, b"", (("location", payment.return_url), ("referrer-policy", "no-referrer")))


def _html(content: str, title: str, return_url: str, *, status: int = 200) -> Reply:
    parts = urlsplit(return_url)
    # Browsers hold form-action against the redirect that follows, so the shop must be named.
    shop = f" {parts.scheme}://{parts.netloc.rpartition('@')[2]}" if return_url else ""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action 'self'{shop};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    )
    return Reply(status, _PAGE.substitute(title=escape(title), content=content).encode(), headers)
