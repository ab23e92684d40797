"""How the shop logs: lines for people, or with TACIT_LOG=json one JSON object a line.

Either way the text is cleaned before it is written: e-mail addresses, order links, passwords in addresses and
anything that looks like a token never reach a log, also not inside a traceback.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the settings read this file before Django is ready
    from django.http import HttpRequest, HttpResponseBase

FORMATS = ("lines", "json")
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
HIDDEN = "[hidden]"

CLEANING: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    (re.compile(r"(/order/)[^\s/\"'<>]+/[^\s/\"'<>?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(/data/(?:copy/)?)[^\s/\"'<>?:%]+(?::|%3A)[^\s/\"'<>?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(/api/carts/)[^\s/\"'<>?]{16,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(\w://[^\s:/@\"']*:)[^\s@\"']*@"), rf"\1{HIDDEN}@"),
    (
        re.compile(
            r"(?i)\b((?:\w*(?:password|secret|token|signature)|(?:set-)?cookie|authorization|sessionid|api.?key)"
            r"['\"]?\s*[=:]\s*['\"]?)(?:(?:bearer|basic)\s+)?[^\s'\",;&)}\]]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(?:[srp]k_(?:live|test)|whsec|tacit)_[\w+/=-]{8,}"), HIDDEN),
    (re.compile(r"\b(?:pm|cus|pi|cs|seti|src)_(?=\w*\d)\w{8,}"), HIDDEN),
    (re.compile(r"(?i)\b(code['\"]?\s*[=:]\s*['\"]?)\d{6}\b"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[\w-]{32,}"), HIDDEN),
]


def clean(text: str) -> str:
    """`text` without what could identify a person or open an order."""
    for pattern, instead in CLEANING:
        text = pattern.sub(instead, text)
    return text


class LineFormatter(logging.Formatter):
    """One line for people, with the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; error for a traceback; `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        if record.exc_info:
            entry["error"] = clean(self.formatException(record.exc_info))
        fields = getattr(record, "fields", {})
        entry |= {name: clean(value) if isinstance(value, str) else value for name, value in fields.items()}
        return json.dumps(entry, ensure_ascii=False, default=str)


class RefusedInput(logging.Filter):
    """What Django refuses as an attack or as too much is one line: no fault of ours that needs its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security.") and record.levelno >= logging.ERROR:
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.exc_info = record.exc_text = None
        return True


class RequestLog:
    """Middleware of TACIT_LOG=json: a line for every request, by the page's name and never by its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begin = time.perf_counter()
        response = self.get_response(request)
        fields = {
            "method": request.method if request.method in METHODS else "other",
            "page": page_of(request),
            "status": response.status_code,
            "ms": round((time.perf_counter() - begin) * 1000, 1),
        }
        requests.info("request", extra={"fields": fields})
        return response


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
requests = logging.getLogger("tacit.request")


def page_of(request: HttpRequest) -> str:
    """The name of the page that answered; "static" for files, "none" when no address fits."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith("/static/") else "none"


def config(kind: str) -> dict[str, Any]:
    """Django's LOGGING, also granian's, for `kind` of FORMATS."""
    formatter = {"lines": LineFormatter, "json": JsonFormatter}[kind]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"text": {"()": formatter, "fmt": LINE}},
        "filters": {"refused": {"()": RefusedInput}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "text", "filters": ["refused"]}
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            # What a visitor did wrong is the visitor's to know; 5xx is ours.
            "django.request": {"level": "ERROR"},
            "tacit.request": {"level": "INFO"},
            "_granian": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }
