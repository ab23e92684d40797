"""The edge of the API: the reader's language, and no answer under /api/ that is not the API's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from tacit.api import explaining, problems
from tacit.api.problems import Problem, problem

View = Callable[..., HttpResponseBase]
PREFIX = "/api/"
_BODIES = frozenset({"POST", "PUT", "PATCH"})


class ApiErrors:
    """Middleware: what anybody before or after our views refuses under /api/ is told as a problem, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(PREFIX):
            return response
        if isinstance(response, Problem):
            return response
        with translation.override(spoken(request.headers.get("Accept-Language", ""))):
            return _instead(response)


def _instead(response: HttpResponseBase) -> HttpResponse:
    kind = problems.BY_STATUS.get(response.status_code)
    if kind is None:
        kind = problems.OUR_FAULT if response.status_code >= 500 else problems.BAD_REQUEST
    sentences = {
        400: _("It is too large or damaged. Nothing was changed."),
        403: _("The request came from another site. Ask from a program, not from a page."),
        404: _("The address may be old or mistyped."),
        429: _("Wait a while, then ask again."),
        500: _("Ask again with the same key. If it stays, tell the shop."),
    }
    told = problem(kind, sentences.get(kind.status, str(kind.title)))
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            told.headers[name] = response.headers[name]
    return told


def at_the_edge(view: View) -> View:
    """``view`` in the language asked for, with HEAD, and with what it cannot take refused before it is called."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        language = spoken(request.headers.get("Accept-Language", ""))
        with translation.override(language):
            response: HttpResponseBase | None = _unreadable(request)
            if response is None:
                head = request.method == "HEAD"
                if head:
                    request.method = "GET"
                response = view(request, *args, **kwargs)
                if head:
                    request.method = "HEAD"
                if response.status_code == 405:
                    response = _wrong_method(response)
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        return response

    return answer


@lru_cache(maxsize=64)
def spoken(accepted: str) -> str:
    """The language of ours that ``Accept-Language`` likes best, else the shop's first."""
    known = {code for code, _name in settings.LANGUAGES}
    for code, _quality in parse_accept_lang_header(accepted[:200].lower()):
        if (first := code.partition("-")[0]) in known:
            return first
    return settings.LANGUAGE_CODE


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    if request.method not in _BODIES:
        return None
    try:
        body = request.body
    except RequestDataTooBig:
        return explaining.too_large()
    except UnreadablePostError:
        return problem(problems.BAD_REQUEST, _("The body ended too early. Send it again."))
    kind = request.content_type or ""
    if body and kind != "application/json":
        sentence = _("Send JSON, with the header Content-Type: application/json.")
        return problem(problems.WRONG_TYPE, sentence)
    return None


def _wrong_method(response: HttpResponseBase) -> HttpResponse:
    told = problem(problems.WRONG_METHOD, _("The header Allow names what there is."))
    methods = {each.strip() for each in response.headers.get("Allow", "").split(",")} - {""}
    told.headers["Allow"] = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    return told


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address under /api/."""
    del request, rest
    return problem(problems.NOT_FOUND, _("The address may be old or mistyped. /api/docs lists them."))
