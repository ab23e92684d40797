"""Nothing of the demo console exists in a real shop."""

from __future__ import annotations

from functools import wraps

from django.http import HttpRequest, HttpResponseBase

from tacit.core.demo import DemoOnly, demo_only
from tacit.web import errors
from tacit.web.answering import Keep, View, page


def demo(view: View, *methods: str) -> View:
    """``view`` in demos; elsewhere a page that says there is nothing here, whatever was asked of it."""
    answering = page(view, *methods, keep=Keep.NOBODY)

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            demo_only()
        except DemoOnly:
            return errors.not_found(request)
        return answering(request, *args, **kwargs)

    return guarded
