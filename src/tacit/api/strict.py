"""Nothing in a query is passed over: a misspelt filter would list everything."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.operation import Operation

from tacit.api.explaining import Refused
from tacit.api.gate import SIGNATURE, WithKeyOrLink

LONGEST = 60
"""Characters of a name nobody knows that are told back."""


def only_known(operation: Operation) -> None:
    """Let ``operation`` refuse parameters it does not describe, once whoever asks is let in."""
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    if any(isinstance(each, WithKeyOrLink) for each in operation.auth_callbacks):
        known.add(SIGNATURE)
    view = operation.view_func

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        for name in request.GET:
            if name not in known:
                raise Refused(name[:LONGEST], "unknown_parameter", _sentence(known))
        return view(request, *args, **kwargs)

    operation.view_func = checked


def _sentence(known: set[str]) -> str:
    if not known:
        return _("There is no such parameter, and none is taken here. Leave it out.")
    return _("There is no such parameter. These are taken here: %(names)s.") % {
        "names": ", ".join(sorted(known))
    }
