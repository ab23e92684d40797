"""Checkout's codes as sentences, the same for page, mail, API and agent."""

from tacit.checkout.wording.errors import explain
from tacit.checkout.wording.orders import decline_sentence, status_sentence, status_word

__all__ = ["decline_sentence", "explain", "status_sentence", "status_word"]
